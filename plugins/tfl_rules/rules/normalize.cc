// Normalisations spelled out: softmax as e^x / sum e^x, its logarithm; NEG into a product by a constant.
#include "fused.h"
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

// softmax(x - max x): it does that itself
Status SoftmaxOfShifted(const MatchView& m, Builder& build) {
  if (!ReducesLast<tfl::ReduceMax>(m, build, "max", "max_axes") || !IsPlain(m.Op("shifted")) || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(m.root_op().As<tfl::Softmax>(), {m["x"]}));
}
Status LogOfSoftmax(const MatchView& m, Builder& build) {
  if (m.Op("softmax").As<tfl::Softmax>().beta != 1.0f) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::LogSoftmax{}, {m["x"]}));
}
// s - log(sum e^s) with s = x - max x
Status ToLogSoftmax(const MatchView& m, Builder& build) {
  if (!ReducesLast<tfl::ReduceMax>(m, build, "max", "max_axes") || !ReducesLast<tfl::Sum>(m, build, "sum", "axes")) return Declined();
  if (!IsPlain(m.root_op()) || !IsPlain(m.Op("shifted")) || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::LogSoftmax{}, {m["x"]}));
}

Status NegIntoConstant(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value c, build.Emit(tfl::Neg{}, {m["c"]}));
  return build.Substitute(m.root(), build.Emit(m.root_op().As<tfl::Mul>(), {m["x"], c}));
}

constexpr Pattern Softmax(const Pattern& exponent) { return Match("DIV", {exponent, Match("SUM", {exponent, Const("axes")}, "sum")}); }
constexpr Pattern kExp = Match("EXP", {Any("x")}, "exp");
constexpr Pattern kExpShifted = Match("EXP", {Match("SUB", {Any("x"), Match("REDUCE_MAX", {Any("x"), Const("max_axes")}, "max")})}, "exp");
constexpr Pattern kShifted = Match("SUB", {Any("x"), Match("REDUCE_MAX", {Any("x"), Const("max_axes")}, "max")}, "shifted");
constexpr Pattern kLogSum = Match("LOG", {Match("SUM", {Match("EXP", {Any("shifted")}), Const("axes")}, "sum")});
constexpr RuleDef kRules[] = {
    {"softmax-of-shifted", 300, Match("SOFTMAX", {kShifted}), SoftmaxOfShifted, "SOFTMAX"},
    {"log-of-softmax", 300, Match("LOG", {Match("SOFTMAX", {Any("x")}, "softmax", kSingleUse)}), LogOfSoftmax, "LOG_SOFTMAX"},
    {"log-softmax", 300, Match("SUB", {kShifted, kLogSum}), ToLogSoftmax, "LOG_SOFTMAX"},
    {"softmax-shifted", 300, Softmax(kExpShifted), ToSoftmaxOfShifted, "SOFTMAX"},
    {"softmax", 290, Softmax(kExp), ToSoftmax, "SOFTMAX"},
    {"neg-into-constant", 200, Match("MUL", {Match("NEG", {Any("x")}, nullptr, kSingleUse), Const("c")}, nullptr, kCommutative), NegIntoConstant, "MUL"},
};
}  // namespace
TFLOWER_RULE_FAMILY(normalize, kRules);
}  // namespace tflower::tfl_rules
