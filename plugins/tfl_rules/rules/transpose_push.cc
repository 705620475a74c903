// Elementwise operators behind a TRANSPOSE, moved before it, so that the transposes around NCHW layers meet and cancel.
#include "unary.h"
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

constexpr Pattern kTranspose = Match("TRANSPOSE", {Any("x"), Const("perm")}, "transpose", kSingleUse);

Result<Value> Back(const MatchView& m, Builder& build, const Value& y) { return build.Emit(tfl::Transpose{}, {y, m["perm"]}); }

Status MoveUnary(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value y, UnaryOn(build, m.root_op(), m["x"]));
  return build.Substitute(m.root(), Back(m, build, y));
}

// c as it has to be before the transpose: the transposed shape's dimensions put back.
Result<Value> Untransposed(const MatchView& m, Builder& build, const Value& c) {
  if (c.num_elements() == 1) return c.rank() <= m["x"].rank() ? Result<Value>(c) : Reshaped(build, c, {1});
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  if (static_cast<size_t>(c.rank()) > perm.size()) return Declined();
  std::vector<int32_t> dims(perm.size() - static_cast<size_t>(c.rank()), 1);
  for (int64_t d : c.dims()) dims.push_back(static_cast<int32_t>(d));
  TFLOWER_TRY(const Value full, Reshaped(build, c, dims));
  std::vector<int32_t> inverse(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) inverse[static_cast<size_t>(perm[i])] = static_cast<int32_t>(i);
  TFLOWER_TRY(const Value p, build.Vector(std::span<const int32_t>(inverse)));
  return build.Emit(tfl::Transpose{}, {full, p});
}

template <class TflOp>
Status MoveWithConstant(const MatchView& m, Builder& build) {
  if (!m["transpose"].SameShape(m.root())) return Declined("the constant makes the result larger");
  TFLOWER_TRY(const Value c, Untransposed(m, build, m["c"]));
  TFLOWER_TRY(const Value y, build.Emit(m.root_op().As<TflOp>(), {m["x"], c}));
  return build.Substitute(m.root(), Back(m, build, y));
}

// Both operands transposed alike.
template <class TflOp>
Status MoveBinary(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  TFLOWER_TRY(const std::vector<int64_t> other, build.Ints(m["perm2"], "perm"));
  if (perm != other || m["x"].rank() != m["y"].rank()) return Declined();
  TFLOWER_TRY(const Value y, build.Emit(m.root_op().As<TflOp>(), {m["x"], m["y"]}));
  return build.Substitute(m.root(), Back(m, build, y));
}

constexpr Pattern WithConstant(const char* op, uint32_t flags) { return Match(op, {kTranspose, Const("c")}, nullptr, flags); }
constexpr Pattern Both(const char* op) { return Match(op, {kTranspose, Match("TRANSPOSE", {Any("y"), Const("perm2")}, nullptr, kSingleUse)}); }

constexpr RuleDef kRules[] = {
    {"unary-before-transpose", 60, Match(kUnary, {kTranspose}), MoveUnary, "TRANSPOSE"},
    {"add-before-transpose", 60, WithConstant("ADD", kCommutative), MoveWithConstant<tfl::Add>, "ADD TRANSPOSE"},
    {"sub-before-transpose", 60, WithConstant("SUB", 0), MoveWithConstant<tfl::Sub>, "SUB TRANSPOSE"},
    {"mul-before-transpose", 60, WithConstant("MUL", kCommutative), MoveWithConstant<tfl::Mul>, "MUL TRANSPOSE"},
    {"div-before-transpose", 60, WithConstant("DIV", 0), MoveWithConstant<tfl::Div>, "DIV TRANSPOSE"},
    {"add-of-transposes", 60, Both("ADD"), MoveBinary<tfl::Add>, "ADD TRANSPOSE"},
    {"mul-of-transposes", 60, Both("MUL"), MoveBinary<tfl::Mul>, "MUL TRANSPOSE"},
};
}  // namespace
TFLOWER_RULE_FAMILY(transpose_push, kRules);
}  // namespace tflower::tfl_rules
