// GELU in its usual spellings -> GELU. With the error function: x/2 (1 + erf(x / sqrt 2)) = x/2 erfc(-x / sqrt 2);
// with tanh (approximate): x/2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

constexpr float kSqrtHalf = 0.70710678f, kSqrt2 = 1.41421356f, kSqrt2OverPi = 0.79788456f, kCubic = 0.044715f;

// ---- the factor that multiplies x/2; it reads "x"

constexpr Pattern kErfc = Match("CUSTOM:tflower.Erfc", {Match("MUL", {Any("x"), Const("k")}, nullptr, kCommutative)}, "e");
constexpr Pattern kErfcNeg = Match("CUSTOM:tflower.Erfc", {Match("MUL", {Match("NEG", {Any("x")}), Const("k")}, nullptr, kCommutative)}, "e");
constexpr Pattern kErfcDiv = Match("CUSTOM:tflower.Erfc", {Match("DIV", {Match("NEG", {Any("x")}), Const("k")})}, "e");
constexpr Pattern kErfMul = Match("ADD", {Match("CUSTOM:tflower.Erf", {Match("MUL", {Any("x"), Const("k")}, nullptr, kCommutative)}), Const("one")}, "e", kCommutative);
constexpr Pattern kErfDiv = Match("ADD", {Match("CUSTOM:tflower.Erf", {Match("DIV", {Any("x"), Const("k")})}), Const("one")}, "e", kCommutative);

constexpr Pattern Tanh(const Pattern& cube) {
  return Match("ADD", {Match("TANH", {Match("MUL", {Match("ADD", {Any("x"), Match("MUL", {cube, Const("cubic")}, nullptr, kCommutative)}, nullptr, kCommutative), Const("k")},
                                           nullptr, kCommutative)}), Const("one")}, "e", kCommutative);
}
constexpr Pattern kCubePow = Match("POW", {Any("x"), Const("three")});
constexpr Pattern kCubeSquare = Match("MUL", {Any("x"), Match("SQUARE", {Any("x")})}, nullptr, kCommutative);
constexpr Pattern kCubeMul = Match("MUL", {Any("x"), Match("MUL", {Any("x"), Any("x")})}, nullptr, kCommutative);

// ---- how x, 1/2 and the factor are multiplied

constexpr Pattern HalfFirst(const Pattern& e) { return Match("MUL", {Match("MUL", {Any("x"), Const("half")}, nullptr, kCommutative), e}, nullptr, kCommutative); }
constexpr Pattern HalfLast(const Pattern& e) { return Match("MUL", {Match("MUL", {Any("x"), e}, nullptr, kCommutative), Const("half")}, nullptr, kCommutative); }
constexpr Pattern HalfFactor(const Pattern& e) { return Match("MUL", {Any("x"), Match("MUL", {e, Const("half")}, nullptr, kCommutative)}, nullptr, kCommutative); }

Status ToGelu(const MatchView& m, Builder& build, bool approximate) {
  if (!IsSplat(build, m["half"], 0.5f) || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Gelu{.approximate = approximate}, {m["x"]}));
}

Status FromErfc(const MatchView& m, Builder& build) { return IsSplat(build, m["k"], -kSqrtHalf) ? ToGelu(m, build, false) : Declined(); }
Status FromErfcNeg(const MatchView& m, Builder& build) { return IsSplat(build, m["k"], kSqrtHalf) ? ToGelu(m, build, false) : Declined(); }
Status FromErfcDiv(const MatchView& m, Builder& build) { return IsSplat(build, m["k"], kSqrt2) ? ToGelu(m, build, false) : Declined(); }
Status FromErfMul(const MatchView& m, Builder& build) { return IsSplat(build, m["k"], kSqrtHalf) && IsSplat(build, m["one"], 1.0f) ? ToGelu(m, build, false) : Declined(); }
Status FromErfDiv(const MatchView& m, Builder& build) { return IsSplat(build, m["k"], kSqrt2) && IsSplat(build, m["one"], 1.0f) ? ToGelu(m, build, false) : Declined(); }
bool IsTanhForm(const MatchView& m, Builder& build) {
  const std::optional<float> k = SplatValue(build, m["k"]), cubic = SplatValue(build, m["cubic"]);
  // Models write these constants with as few as four digits.
  return k && cubic && std::fabs(*k - kSqrt2OverPi) < 1e-4f && std::fabs(*cubic - kCubic) < 1e-5f && IsSplat(build, m["one"], 1.0f);
}
Status FromTanhPow(const MatchView& m, Builder& build) { return IsTanhForm(m, build) && IsSplat(build, m["three"], 3.0f) ? ToGelu(m, build, true) : Declined(); }
Status FromTanh(const MatchView& m, Builder& build) { return IsTanhForm(m, build) ? ToGelu(m, build, true) : Declined(); }

constexpr RuleDef kRules[] = {
    {"gelu-erfc-1", 300, HalfFirst(kErfc), FromErfc, "GELU"}, {"gelu-erfc-2", 300, HalfLast(kErfc), FromErfc, "GELU"}, {"gelu-erfc-3", 300, HalfFactor(kErfc), FromErfc, "GELU"},
    {"gelu-erfc-neg-1", 300, HalfFirst(kErfcNeg), FromErfcNeg, "GELU"}, {"gelu-erfc-neg-2", 300, HalfLast(kErfcNeg), FromErfcNeg, "GELU"},
    {"gelu-erfc-neg-3", 300, HalfFactor(kErfcNeg), FromErfcNeg, "GELU"}, {"gelu-erfc-div-1", 300, HalfFirst(kErfcDiv), FromErfcDiv, "GELU"},
    {"gelu-erfc-div-2", 300, HalfLast(kErfcDiv), FromErfcDiv, "GELU"}, {"gelu-erfc-div-3", 300, HalfFactor(kErfcDiv), FromErfcDiv, "GELU"},
    {"gelu-erf-mul-1", 300, HalfFirst(kErfMul), FromErfMul, "GELU"}, {"gelu-erf-mul-2", 300, HalfLast(kErfMul), FromErfMul, "GELU"},
    {"gelu-erf-mul-3", 300, HalfFactor(kErfMul), FromErfMul, "GELU"}, {"gelu-erf-div-1", 300, HalfFirst(kErfDiv), FromErfDiv, "GELU"},
    {"gelu-erf-div-2", 300, HalfLast(kErfDiv), FromErfDiv, "GELU"}, {"gelu-erf-div-3", 300, HalfFactor(kErfDiv), FromErfDiv, "GELU"},
    {"gelu-tanh-pow-1", 300, HalfFirst(Tanh(kCubePow)), FromTanhPow, "GELU"}, {"gelu-tanh-pow-2", 300, HalfLast(Tanh(kCubePow)), FromTanhPow, "GELU"},
    {"gelu-tanh-pow-3", 300, HalfFactor(Tanh(kCubePow)), FromTanhPow, "GELU"}, {"gelu-tanh-square-1", 300, HalfFirst(Tanh(kCubeSquare)), FromTanh, "GELU"},
    {"gelu-tanh-square-2", 300, HalfLast(Tanh(kCubeSquare)), FromTanh, "GELU"}, {"gelu-tanh-square-3", 300, HalfFactor(Tanh(kCubeSquare)), FromTanh, "GELU"},
    {"gelu-tanh-mul-1", 300, HalfFirst(Tanh(kCubeMul)), FromTanh, "GELU"}, {"gelu-tanh-mul-2", 300, HalfLast(Tanh(kCubeMul)), FromTanh, "GELU"},
    {"gelu-tanh-mul-3", 300, HalfFactor(Tanh(kCubeMul)), FromTanh, "GELU"},
};
}  // namespace
TFLOWER_RULE_FAMILY(gelu, kRules);
}  // namespace tflower::tfl_rules
