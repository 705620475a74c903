// x * relu6(x + 3) / 6 in its usual spellings -> HARD_SWISH. (relu6 is part of the ADD by then.)
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

// relu6(x + 3), as one ADD.
constexpr Pattern kGate = Match("ADD", {Any("x"), Const("three")}, "gate", kCommutative);

bool IsGate(const MatchView& m, Builder& build) {
  return m.Op("gate").As<tfl::Add>().fused_activation_function == tfl::ActivationFunctionType::RELU6 && IsSplat(build, m["three"], 3.0f) && m["x"].SameShape(m.root());
}

// The factor 1/6, or the divisor 6.
Status ByFactor(const MatchView& m, Builder& build) {
  if (!IsGate(m, build) || !IsSplat(build, m["c"], 1.0f / 6.0f)) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::HardSwish{}, {m["x"]}));
}
Status ByDivisor(const MatchView& m, Builder& build) {
  if (!IsGate(m, build) || !IsSplat(build, m["c"], 6.0f)) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::HardSwish{}, {m["x"]}));
}

constexpr RuleDef kRules[] = {
    {"hard-swish-mul-gate", 300, Match("MUL", {Any("x"), Match("MUL", {kGate, Const("c")}, nullptr, kCommutative)}, nullptr, kCommutative), ByFactor, "HARD_SWISH"},
    {"hard-swish-div-gate", 300, Match("MUL", {Any("x"), Match("DIV", {kGate, Const("c")})}, nullptr, kCommutative), ByDivisor, "HARD_SWISH"},
    {"hard-swish-mul-last", 300, Match("MUL", {Match("MUL", {Any("x"), kGate}, nullptr, kCommutative), Const("c")}, nullptr, kCommutative), ByFactor, "HARD_SWISH"},
    {"hard-swish-div-last", 300, Match("DIV", {Match("MUL", {Any("x"), kGate}, nullptr, kCommutative), Const("c")}), ByDivisor, "HARD_SWISH"},
    {"hard-swish-div-x", 300, Match("MUL", {Match("DIV", {Any("x"), Const("c")}), kGate}, nullptr, kCommutative), ByDivisor, "HARD_SWISH"},
    {"hard-swish-mul-x", 300, Match("MUL", {Match("MUL", {Any("x"), Const("c")}, nullptr, kCommutative), kGate}, nullptr, kCommutative), ByFactor, "HARD_SWISH"},
};
}  // namespace
TFLOWER_RULE_FAMILY(hard_swish, kRules);
}  // namespace tflower::tfl_rules
