// PRELU in its usual spellings; Keras writes relu(x) + (-alpha) * relu(-x).
#include "fused.h"
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

constexpr Pattern kNegative = Match("RELU", {Match("NEG", {Any("x")})});
constexpr Pattern kPrelu = Match("ADD", {Match("RELU", {Any("x")}), Match("MUL", {kNegative, Const("minus_alpha")}, nullptr, kCommutative)}, "add", kCommutative);

Status ToPrelu(const MatchView& m, Builder& build) {
  const bool plain = m.Op("add").As<tfl::Add>().fused_activation_function == tfl::ActivationFunctionType::NONE;
  if (!plain || !m["x"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const Value alpha, build.Emit(tfl::Neg{}, {m["minus_alpha"]}));
  return build.Substitute(m.root(), build.Emit(tfl::Prelu{}, {m["x"], alpha}));
}

// relu(x) + c (x - |x|): with c = alpha / 2
Status FromDifference(const MatchView& m, Builder& build) {
  if (!IsPlain(m.Op("add")) || !IsPlain(m.Op("scaled")) || !IsPlain(m.Op("difference")) || !m["x"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const Value two, build.Scalar(2.0f));
  TFLOWER_TRY(const Value alpha, build.Emit(tfl::Mul{}, {m["c"], two}));
  return build.Substitute(m.root(), build.Emit(tfl::Prelu{}, {m["x"], alpha}));
}
// relu(x) + alpha min(x, 0)
Status FromMinimum(const MatchView& m, Builder& build) {
  if (!IsPlain(m.Op("add")) || !IsPlain(m.Op("scaled")) || !IsEvery(build, m["zero"], 0) || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Prelu{}, {m["x"], m["alpha"]}));
}

constexpr Pattern Sum(const Pattern& negative) { return Match("ADD", {Match("RELU", {Any("x")}), negative}, "add", kCommutative); }
constexpr Pattern kDifference = Match("MUL", {Match("SUB", {Any("x"), Match("ABS", {Any("x")})}, "difference"), Const("c")}, "scaled", kCommutative);
constexpr Pattern kMinimum = Match("MUL", {Match("MINIMUM", {Any("x"), Const("zero")}, nullptr, kCommutative), Const("alpha")}, "scaled", kCommutative);

constexpr RuleDef kRules[] = {
    {"prelu", 200, kPrelu, ToPrelu, "PRELU"},
    {"prelu-difference", 200, Sum(kDifference), FromDifference, "PRELU"},
    {"prelu-minimum", 200, Sum(kMinimum), FromMinimum, "PRELU"},
};
}  // namespace
TFLOWER_RULE_FAMILY(prelu, kRules);
}  // namespace tflower::tfl_rules
