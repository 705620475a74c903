// Signs: sums and differences of negated operands, negations and magnitudes that undo each other or make no difference.
#include "fused.h"
#include "scalars.h"
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

// a + -b = a - b
Status SumToDifference(const MatchView& m, Builder& build) {
  return build.Substitute(m.root(), build.Emit(tfl::Sub{.fused_activation_function = FusedActivation(m.root_op())}, {m["a"], m["b"]}));
}
// a - -b = a + b
Status DifferenceToSum(const MatchView& m, Builder& build) {
  return build.Substitute(m.root(), build.Emit(tfl::Add{.fused_activation_function = FusedActivation(m.root_op())}, {m["a"], m["b"]}));
}
// -(a - b) = b - a
Status TurnDifference(const MatchView& m, Builder& build) {
  return IsPlain(m.Op("difference")) ? build.Substitute(m.root(), build.Emit(tfl::Sub{}, {m["b"], m["a"]})) : Declined();
}
// (-a) * (-b), (-a) / (-b)
template <class TflOp>
Status WithoutSigns(const MatchView& m, Builder& build) { return build.Substitute(m.root(), build.Emit(m.root_op().As<TflOp>(), {m["a"], m["b"]})); }
template <class TflOp>
Status Without(const MatchView& m, Builder& build) { return build.Substitute(m.root(), build.Emit(TflOp{}, {m["b"]})); }
Status Keep(const MatchView& m, Builder& build) { return build.Substitute(m.root(), m["b"]); }
Status KeepInner(const MatchView& m, Builder& build) {
  return m.root_op().code() == m.Op("inner").code() ? build.Substitute(m.root(), m["inner"]) : Declined();
}
// -(x * c), -(c * x) = x * -c
template <class TflOp>
Status IntoConstant(const MatchView& m, Builder& build) {
  if (!IsPlain(m.Op("scaled"))) return Declined();
  TFLOWER_TRY(const Value c, build.Emit(tfl::Neg{}, {m["c"]}));
  return build.Substitute(m.root(), build.Emit(TflOp{}, {m["x"], c}));
}

// -y and c - y, where y has weights: with the weights' signs turned
Status IntoWeights(const MatchView& m, Builder& build, const Value& c) {
  const Weighted w = Weighted::Of(m.Op("linear"));
  if (!w.is_linear() || !w.weights.is_constant() || w.weights.dtype() != DType::kFloat32 || (w.bias && !w.bias.is_constant()) || !m["linear"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const Value weights, build.Emit(tfl::Neg{}, {w.weights}));
  Value bias = c;
  if (w.bias && c) {
    TFLOWER_TRY(bias, build.Emit(tfl::Sub{}, {c, w.bias}));
  } else if (w.bias) {
    TFLOWER_TRY(bias, build.Emit(tfl::Neg{}, {w.bias}));
  }
  const Activation activation = m.root_op().code() == tfl::Builtin::SUB ? FusedActivation(m.root_op()) : Activation::NONE;
  return build.Substitute(m.root(), Rebuild(build, w, w.x, weights, bias, activation));
}
Status NegateWeights(const MatchView& m, Builder& build) { return IntoWeights(m, build, Value()); }
Status SubtractWeighted(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::optional<Value> c, ChannelVector(build, m["c"], Weighted::Of(m.Op("linear")).out_channels));
  return c ? IntoWeights(m, build, *c) : Declined("varies over more than the output channels");
}

constexpr Pattern kNegated = Match("NEG", {Any("b")});
constexpr Pattern kNegatedToo = Match("NEG", {Any("a")});
constexpr Pattern kLinear = Match(kWeighted, {}, "linear", kSingleUse);
constexpr const char* kIdempotent = "ABS|FLOOR|CEIL|ROUND|SIGN|RELU|RELU6|RELU_N1_TO_1|RELU_0_TO_1";

constexpr RuleDef kRules[] = {
    {"sum-with-negated", 50, Match("ADD", {Any("a"), kNegated}, nullptr, kCommutative), SumToDifference, "SUB"},
    {"difference-of-negated", 50, Match("SUB", {Any("a"), kNegated}), DifferenceToSum, "ADD"},
    {"negated-difference", 200, Match("NEG", {Match("SUB", {Any("a"), Any("b")}, "difference", kSingleUse)}), TurnDifference, "SUB"},
    {"product-of-negated", 210, Match("MUL", {kNegatedToo, kNegated}), WithoutSigns<tfl::Mul>, "MUL"},
    {"quotient-of-negated", 210, Match("DIV", {kNegatedToo, kNegated}), WithoutSigns<tfl::Div>, "DIV"},
    {"double-negation", 250, Match("NEG", {kNegated}), Keep, ""},
    {"abs-of-negated", 250, Match("ABS", {kNegated}), Without<tfl::Abs>, "ABS"},
    {"square-of-negated", 250, Match("SQUARE", {Match("NEG|ABS", {Any("b")})}), Without<tfl::Square>, "SQUARE"},
    {"cos-of-negated", 250, Match("COS", {Match("NEG|ABS", {Any("b")})}), Without<tfl::Cos>, "COS"},
    {"twice-the-same", 250, Match(kIdempotent, {Match(kIdempotent, {}, "inner")}), KeepInner, ""},
    {"abs-of-non-negative", 250, Match("ABS", {Match("RELU|RELU6|RELU_0_TO_1|SQUARE|SQUARED_DIFFERENCE|EXP|LOGISTIC|SQRT|RSQRT|SOFTMAX", {}, "b")}), Keep, ""},
    {"negated-product", 200, Match("NEG", {Match("MUL", {Any("x"), Const("c")}, "scaled", kCommutative | kSingleUse)}), IntoConstant<tfl::Mul>, "MUL"},
    {"negated-quotient", 200, Match("NEG", {Match("DIV", {Any("x"), Const("c")}, "scaled", kSingleUse)}), IntoConstant<tfl::Div>, "DIV"},
    {"negated-weights", 200, Match("NEG", {kLinear}), NegateWeights, kWeightedEmits},
    {"subtracted-weights", 200, Match("SUB", {Const("c"), kLinear}), SubtractWeighted, kWeightedEmits},
};
}  // namespace
TFLOWER_RULE_FAMILY(negation, kRules);
}  // namespace tflower::tfl_rules
