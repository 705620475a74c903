// Normalisations spelled out: softmax as e^x / sum e^x; NEG into a product by a constant.
#include "last_axis.h"

namespace tflower::tfl_rules {
namespace {

Status ToSoftmax(const MatchView& m, Builder& build) {
  if (!ReducesLast<tfl::Sum>(m, build, "sum", "axes") || m.root_op().As<tfl::Div>().fused_activation_function != tfl::ActivationFunctionType::NONE) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Softmax{.beta = 1.0f}, {m["x"]}));
}
// e^(x - max x): the subtraction is the softmax's own.
Status ToSoftmaxOfShifted(const MatchView& m, Builder& build) {
  if (!ReducesLast<tfl::ReduceMax>(m, build, "max", "max_axes")) return Declined();
  return ToSoftmax(m, build);
}

Status NegIntoConstant(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value c, build.Emit(tfl::Neg{}, {m["c"]}));
  return build.Substitute(m.root(), build.Emit(m.root_op().As<tfl::Mul>(), {m["x"], c}));
}

constexpr Pattern Softmax(const Pattern& exponent) { return Match("DIV", {exponent, Match("SUM", {exponent, Const("axes")}, "sum")}); }
constexpr Pattern kExp = Match("EXP", {Any("x")}, "exp");
constexpr Pattern kExpShifted = Match("EXP", {Match("SUB", {Any("x"), Match("REDUCE_MAX", {Any("x"), Const("max_axes")}, "max")})}, "exp");
constexpr RuleDef kRules[] = {
    {"softmax-shifted", 300, Softmax(kExpShifted), ToSoftmaxOfShifted, "SOFTMAX"},
    {"softmax", 290, Softmax(kExp), ToSoftmax, "SOFTMAX"},
    {"neg-into-constant", 200, Match("MUL", {Match("NEG", {Any("x")}, nullptr, kSingleUse), Const("c")}, nullptr, kCommutative), NegIntoConstant, "MUL"},
};
}  // namespace
TFLOWER_RULE_FAMILY(normalize, kRules);
}  // namespace tflower::tfl_rules
