// A FILL of run-time shape as an operand that broadcasts: its one number does as well, and the shape arithmetic behind it goes. The same
// for what is as uniform: a reshaped or reduced FILL, and ZEROS_LIKE.
#include <set>

#include "binary.h"

namespace tflower::tfl_rules {
namespace {

constexpr Pattern kFill = Match("FILL", {Any("dims"), Const("v")}, "fill");
// Operators whose result has no other elements than their first operand.
constexpr Pattern kMovedFill = Match("RESHAPE|SQUEEZE|EXPAND_DIMS|BROADCAST_TO|TRANSPOSE|TILE", {kFill});
constexpr Pattern kZeros = Match("ZEROS_LIKE", {Any("like")}, "fill");
constexpr Pattern Reduced(const Pattern& uniform) { return Match("SUM|MEAN|REDUCE_MAX|REDUCE_MIN|REDUCE_PROD", {uniform, Const("axes")}, "reduce"); }

// Another operand has the result's shape, so the fill gives nothing but its number.
bool OnlyNumber(const MatchView& m, const Value& other) { return other.SameShape(m.root()) && m["v"].num_elements() == 1; }

Status SelectSecond(const MatchView& m, Builder& build) {
  if (!OnlyNumber(m, m["x"]) && !OnlyNumber(m, m["c"])) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::SelectV2{}, {m["c"], m["x"], m["v"]}));
}
Status SelectFirst(const MatchView& m, Builder& build) {
  if (!OnlyNumber(m, m["y"]) && !OnlyNumber(m, m["c"])) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::SelectV2{}, {m["c"], m["v"], m["y"]}));
}

// A mask that was broadcast by AND with trues: the selection broadcasts by itself.
Status SelectByMask(const MatchView& m, Builder& build) {
  if (!m["x"].SameShape(m.root()) && !m["y"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const std::span<const bool> value, build.DataAs<bool>(m["v"]));
  if (value.size() != 1 || !value[0]) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::SelectV2{}, {m["mask"], m["x"], m["y"]}));
}

// The shape of what was made with this shape.
Status ShapeOfMade(const MatchView& m, Builder& build) { return build.Substitute(m.root(), m["dims"]); }

// ---- the number of a uniform operand

Result<Value> FillValue(const MatchView& m, Builder&) { return m["v"]; }
Result<Value> Zero(const MatchView& m, Builder& build) { return build.ScalarOf(m["fill"].dtype(), 0); }

template <class TflOp>
Result<Value> ReduceAll(Builder& build, const Value& x, const Value& axes) { return build.Emit(TflOp{.keep_dims = false}, {x, axes}); }
Result<Value> ReduceLike(Builder& build, const Operator& reduce, const Value& x, const Value& axes) {
  switch (reduce.code()) {
    case tfl::Builtin::SUM: return ReduceAll<tfl::Sum>(build, x, axes);
    case tfl::Builtin::MEAN: return ReduceAll<tfl::Mean>(build, x, axes);
    case tfl::Builtin::REDUCE_MAX: return ReduceAll<tfl::ReduceMax>(build, x, axes);
    case tfl::Builtin::REDUCE_MIN: return ReduceAll<tfl::ReduceMin>(build, x, axes);
    default: return ReduceAll<tfl::ReduceProd>(build, x, axes);
  }
}
// What reducing so many equal numbers gives, by the operator's own kernel. Needs the reduced dimensions.
Result<Value> ReducedFillValue(const MatchView& m, Builder& build) {
  const Operator reduce = m.Op("reduce");
  const Value uniform = reduce.Input(0);
  TFLOWER_TRY(const std::vector<int64_t> axes, build.Ints(m["axes"], "axes"));
  std::set<int64_t> distinct;
  for (int64_t a : axes) distinct.insert(a < 0 ? a + uniform.rank() : a);
  std::vector<int64_t> dims, all;
  for (int64_t a : distinct) {
    dims.push_back(uniform.dim(static_cast<int>(a)));
    all.push_back(static_cast<int64_t>(all.size()));
    if (dims.back() < 0) return Declined("a reduced dimension is unknown");
  }
  TFLOWER_TRY(const Value shape, build.Vector(dims));
  TFLOWER_TRY(const Value numbers, build.Emit(tfl::Fill{}, {shape, m["v"]}));
  TFLOWER_TRY(const Value every, build.Vector(all));
  return ReduceLike(build, reduce, numbers, every);
}

using NumberFn = Result<Value> (*)(const MatchView&, Builder&);

template <NumberFn kNumber, bool kLeft>
Status InBinary(const MatchView& m, Builder& build) {
  if (!m["x"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const Value number, kNumber(m, build));
  if (number.num_elements() != 1 || !number.is_constant()) return Declined();
  return build.Substitute(m.root(), kLeft ? BinaryOn(build, m.root_op(), number, m["x"]) : BinaryOn(build, m.root_op(), m["x"], number));
}

// A choice by a comparison that comes out the same everywhere.
Status SelectByReducedFill(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value number, ReducedFillValue(m, build));
  TFLOWER_TRY(const Value condition, BinaryOn(build, m.Op("compare"), number, m["c"]));
  if (condition.num_elements() != 1 || !condition.is_constant()) return Declined();
  TFLOWER_TRY(const std::span<const bool> first, build.DataAs<bool>(condition));
  const Value chosen = m[first[0] ? "x" : "y"];
  return chosen.SameShape(m.root()) ? build.Substitute(m.root(), chosen) : Declined();
}

constexpr Pattern OnRight(const Pattern& uniform) { return Match(kBinary, {Any("x"), uniform}); }
constexpr Pattern OnLeft(const Pattern& uniform) { return Match(kBinary, {uniform, Any("x")}); }

constexpr const char* kSelects = "SELECT|SELECT_V2";
constexpr Pattern SelectBy(const Pattern& uniform) { return Match(kSelects, {Match(kComparisons, {Reduced(uniform), Const("c")}, "compare"), Any("x"), Any("y")}); }

constexpr const char* kEmits = kBinaryNames.data();

constexpr RuleDef kRules[] = {
    {"shape-of-fill", 200, Match("SHAPE", {kFill}), ShapeOfMade, ""},
    {"shape-of-broadcast", 200, Match("SHAPE", {Match("BROADCAST_TO", {Any("x"), Any("dims")})}), ShapeOfMade, ""},
    {"fill-in-select-y", 100, Match(kSelects, {Any("c"), Any("x"), kFill}), SelectSecond, "SELECT_V2"},
    {"fill-in-select-x", 100, Match(kSelects, {Any("c"), kFill, Any("y")}), SelectFirst, "SELECT_V2"},
    {"fill-in-mask", 100, Match(kSelects, {Match("LOGICAL_AND", {kFill, Any("mask")}, nullptr, kCommutative), Any("x"), Any("y")}), SelectByMask, "SELECT_V2"},
    {"fill-in-binary", 100, OnRight(kFill), InBinary<FillValue, false>, kEmits},
    {"fill-before-binary", 100, OnLeft(kFill), InBinary<FillValue, true>, kEmits},
    {"moved-fill-in-binary", 100, OnRight(kMovedFill), InBinary<FillValue, false>, kEmits},
    {"moved-fill-before-binary", 100, OnLeft(kMovedFill), InBinary<FillValue, true>, kEmits},
    {"zeros-in-binary", 100, OnRight(kZeros), InBinary<Zero, false>, kEmits},
    {"zeros-before-binary", 100, OnLeft(kZeros), InBinary<Zero, true>, kEmits},
    {"reduced-fill-in-binary", 100, OnRight(Reduced(kFill)), InBinary<ReducedFillValue, false>, kEmits},
    {"reduced-fill-before-binary", 100, OnLeft(Reduced(kFill)), InBinary<ReducedFillValue, true>, kEmits},
    {"reduced-moved-fill-in-binary", 100, OnRight(Reduced(kMovedFill)), InBinary<ReducedFillValue, false>, kEmits},
    {"reduced-moved-fill-before-binary", 100, OnLeft(Reduced(kMovedFill)), InBinary<ReducedFillValue, true>, kEmits},
    {"select-by-reduced-fill", 110, SelectBy(kFill), SelectByReducedFill, ""},
    {"select-by-reduced-moved-fill", 110, SelectBy(kMovedFill), SelectByReducedFill, ""},
};
}  // namespace
TFLOWER_RULE_FAMILY(fill, kRules);
}  // namespace tflower::tfl_rules
