// Simplifications: neutral elements, reshapes and transposes that undo each other.
#include <numeric>

#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

// ---- neutral elements: x + 0, x - 0, x * 1, x / 1

template <class TflOp>
Status DropNeutral(const MatchView& m, Builder& build) {
  constexpr double kNeutral = TflOp::kCode == tfl::Builtin::ADD || TflOp::kCode == tfl::Builtin::SUB ? 0 : 1;
  if (m.root_op().As<TflOp>().fused_activation_function != Activation::NONE || !m["x"].SameShape(m.root())) return Declined();
  if (!IsEvery(build, m["c"], kNeutral)) return Declined();
  return build.Substitute(m.root(), m["x"]);
}

// ---- reshapes

constexpr const char* kReshapes = "RESHAPE|SQUEEZE|EXPAND_DIMS";

Status DropReshape(const MatchView& m, Builder& build) {
  if (!m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), m["x"]);
}
Status MergeReshapes(const MatchView& m, Builder& build) {
  return build.Substitute(m.root(), build.Emit(tfl::Reshape{}, {m["x"], m["shape"]}));
}
// SQUEEZE or EXPAND_DIMS of what was reshaped: one RESHAPE, or nothing.
Status MergeWithReshape(const MatchView& m, Builder& build) {
  if (m["x"].SameShape(m.root())) return build.Substitute(m.root(), m["x"]);
  if (std::ranges::count(m.root().dims(), -1) > 1) return Declined("more than one dimension is unknown");
  TFLOWER_TRY(const Value shape, build.Vector(m.root().dims()));
  return build.Substitute(m.root(), build.Emit(tfl::Reshape{}, {m["x"], shape}));
}

// ---- transposes

Status MergeTransposes(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> inner, build.Ints(m["inner_perm"], "perm"));
  TFLOWER_TRY(const std::vector<int64_t> outer, build.Ints(m["perm"], "perm"));
  std::vector<int64_t> merged;
  bool identity = true;
  for (size_t i = 0; i < outer.size(); ++i) {
    merged.push_back(inner[static_cast<size_t>(outer[i])]);
    identity = identity && merged[i] == static_cast<int64_t>(i);
  }
  if (identity) return build.Substitute(m.root(), m["x"]);
  TFLOWER_TRY(const Value perm, build.Vector(merged));
  return build.Substitute(m.root(), build.Emit(tfl::Transpose{}, {m["x"], perm}));
}
// A transpose that only moves dimensions of size 1 leaves the bytes as they are.
Status TransposeToReshape(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  int64_t last = -1, unknown = 0;
  for (int64_t p : perm) {
    if (m["x"].dim(static_cast<int>(p)) == 1) continue;
    if (p < last) return Declined();
    last = p;
  }
  std::vector<int64_t> dims;
  for (int64_t d : m.root().dims()) {
    dims.push_back(d);
    unknown += d < 0;
  }
  if (std::ranges::is_sorted(perm)) return build.Substitute(m.root(), m["x"]);
  if (unknown > 1) return Declined("more than one dimension is unknown");
  TFLOWER_TRY(const Value shape, build.Vector(dims));
  return build.Substitute(m.root(), build.Emit(tfl::Reshape{}, {m["x"], shape}));
}

constexpr Pattern WithConstant(const char* op, uint32_t flags) { return Match(op, {Any("x"), Const("c")}, nullptr, flags); }

constexpr RuleDef kRules[] = {
    {"drop-add-0", 250, WithConstant("ADD", kCommutative), DropNeutral<tfl::Add>, ""},
    {"drop-sub-0", 250, WithConstant("SUB", 0), DropNeutral<tfl::Sub>, ""},
    {"drop-mul-1", 250, WithConstant("MUL", kCommutative), DropNeutral<tfl::Mul>, ""},
    {"drop-div-1", 250, WithConstant("DIV", 0), DropNeutral<tfl::Div>, ""},
    {"drop-reshape", 250, Match(kReshapes, {Any("x")}), DropReshape, ""},
    {"merge-reshapes", 240, Match("RESHAPE", {Match(kReshapes, {Any("x")}), Any("shape")}), MergeReshapes, "RESHAPE"},
    {"merge-with-reshape", 240, Match("SQUEEZE|EXPAND_DIMS", {Match(kReshapes, {Any("x")})}), MergeWithReshape, "RESHAPE"},
    {"merge-transposes", 240, Match("TRANSPOSE", {Match("TRANSPOSE", {Any("x"), Const("inner_perm")}), Const("perm")}), MergeTransposes, "TRANSPOSE"},
    {"transpose-to-reshape", 230, Match("TRANSPOSE", {Any("x"), Const("perm")}), TransposeToReshape, "RESHAPE"},
};
}  // namespace
TFLOWER_RULE_FAMILY(simplify, kRules);
}  // namespace tflower::tfl_rules
