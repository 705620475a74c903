// LEAKY_RELU, ELU and LOGISTIC in their usual spellings.
#include <limits>

#include "fused.h"
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

// ---- x where it is not negative, alpha x elsewhere

Status ToLeakyRelu(const MatchView& m, Builder& build, float most) {
  const std::optional<float> alpha = SplatValue(build, m["alpha"]);
  if (!alpha || !(*alpha <= most) || !IsPlain(m.Op("scaled")) || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::LeakyRelu{.alpha = *alpha}, {m["x"]}));
}
// max(alpha x, x): the same for alpha <= 1
Status FromMaximum(const MatchView& m, Builder& build) { return ToLeakyRelu(m, build, 1.0f); }

Status FromSelect(const MatchView& m, Builder& build) {
  if (!IsEvery(build, m["zero"], 0) || !m["condition"].SameShape(m.root())) return Declined();
  return ToLeakyRelu(m, build, std::numeric_limits<float>::max());
}

// relu(x) - alpha relu(-x), also with the sign in the constant
Status FromRelus(const MatchView& m, Builder& build) {
  const std::optional<float> c = SplatValue(build, m["c"]);
  if (!c || !IsPlain(m.root_op()) || !IsPlain(m.Op("scaled")) || !m["x"].SameShape(m.root())) return Declined();
  const float alpha = m.root_op().code() == tfl::Builtin::ADD ? -*c : *c;
  return build.Substitute(m.root(), build.Emit(tfl::LeakyRelu{.alpha = alpha}, {m["x"]}));
}

constexpr Pattern kScaled = Match("MUL", {Any("x"), Const("alpha")}, "scaled", kCommutative);
constexpr Pattern Compared(const char* op) { return Match(op, {Any("x"), Const("zero")}, "condition"); }
constexpr Pattern kNegativePart = Match("MUL", {Match("RELU", {Match("NEG", {Any("x")})}), Const("c")}, "scaled", kCommutative);
constexpr const char* kSelects = "SELECT|SELECT_V2";

// ---- ELU: x where it is positive, e^x - 1 elsewhere

Status ToElu(const MatchView& m, Builder& build) {
  if (!IsEvery(build, m["zero"], 0) || !m["condition"].SameShape(m.root()) || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Elu{}, {m["x"]}));
}
Status FromExp(const MatchView& m, Builder& build) {
  const Operator minus = m.Op("minus");
  if (!IsPlain(minus) || !IsEvery(build, m["one"], minus.code() == tfl::Builtin::ADD ? -1 : 1)) return Declined();
  return ToElu(m, build);
}
// e^(0 where x is positive, x elsewhere) - 1
Status FromGuardedExp(const MatchView& m, Builder& build) { return IsEvery(build, m["guard"], 0) && IsEvery(build, m["zero2"], 0) ? FromExp(m, build) : Declined(); }

constexpr Pattern MinusOne(const Pattern& exponent) { return Match("SUB", {Match("EXP", {exponent}), Const("one")}, "minus"); }
constexpr Pattern PlusMinusOne(const Pattern& exponent) { return Match("ADD", {Match("EXP", {exponent}), Const("one")}, "minus", kCommutative); }
constexpr Pattern Elu(const Pattern& negative) { return Match(kSelects, {Compared("GREATER|GREATER_EQUAL"), Any("x"), negative}); }
constexpr Pattern EluTurned(const Pattern& negative) { return Match(kSelects, {Compared("LESS|LESS_EQUAL"), negative, Any("x")}); }
constexpr Pattern kGuarded = Match(kSelects, {Match("GREATER|GREATER_EQUAL", {Any("x"), Const("zero2")}), Const("guard"), Any("x")});
constexpr Pattern kGuardedByMinimum = Match("MINIMUM", {Any("x"), Const("guard")}, nullptr, kCommutative);
Status FromMinimumExp(const MatchView& m, Builder& build) { return IsEvery(build, m["guard"], 0) ? FromExp(m, build) : Declined(); }

// As tf.math.expm1 is lowered: near 0 2 t / (1 - t) with t = tanh(x / 2).
constexpr Pattern kTanh = Match("TANH", {Match("MUL", {Any("x"), Const("half")}, nullptr, kCommutative)}, "t");
constexpr Pattern kNear = Match("DIV", {Match("MUL", {kTanh, Const("two")}, nullptr, kCommutative), Match("SUB", {Const("one2"), Any("t")})});
constexpr Pattern kExpm1 = Match("SELECT", {Match("LESS", {Match("ABS", {Any("x")}), Const("bound")}), kNear, MinusOne(Any("x"))});
Status FromExpm1(const MatchView& m, Builder& build) {
  return IsSplat(build, m["half"], 0.5f) && IsSplat(build, m["two"], 2) && IsSplat(build, m["one2"], 1) ? FromExp(m, build) : Declined();
}

// ---- 1 / (1 + e^-x)

Status ToLogistic(const MatchView& m, Builder& build) {
  if (!IsSplat(build, m["one"], 1) || !IsSplat(build, m["one2"], 1) || !IsPlain(m.root_op()) || !IsPlain(m.Op("sum")) || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Logistic{}, {m["x"]}));
}
constexpr Pattern kLogistic = Match("DIV", {Const("one"), Match("ADD", {Match("EXP", {Match("NEG", {Any("x")})}), Const("one2")}, "sum", kCommutative)});

constexpr RuleDef kRules[] = {
    {"leaky-relu-maximum", 200, Match("MAXIMUM", {kScaled, Any("x")}, nullptr, kCommutative), FromMaximum, "LEAKY_RELU"},
    {"leaky-relu-select", 200, Match(kSelects, {Compared("GREATER|GREATER_EQUAL"), Any("x"), kScaled}), FromSelect, "LEAKY_RELU"},
    {"leaky-relu-select-turned", 200, Match(kSelects, {Compared("LESS|LESS_EQUAL"), kScaled, Any("x")}), FromSelect, "LEAKY_RELU"},
    {"leaky-relu-difference", 210, Match("SUB", {Match("RELU", {Any("x")}), kNegativePart}), FromRelus, "LEAKY_RELU"},
    {"leaky-relu-sum", 210, Match("ADD", {Match("RELU", {Any("x")}), kNegativePart}, nullptr, kCommutative), FromRelus, "LEAKY_RELU"},
    {"elu", 200, Elu(MinusOne(Any("x"))), FromExp, "ELU"},
    {"elu-sum", 200, Elu(PlusMinusOne(Any("x"))), FromExp, "ELU"},
    {"elu-turned", 200, EluTurned(MinusOne(Any("x"))), FromExp, "ELU"},
    {"elu-guarded", 200, Elu(MinusOne(kGuarded)), FromGuardedExp, "ELU"},
    {"elu-guarded-by-minimum", 200, Elu(MinusOne(kGuardedByMinimum)), FromMinimumExp, "ELU"},
    {"elu-expm1", 200, Elu(kExpm1), FromExpm1, "ELU"},
    {"logistic", 200, kLogistic, ToLogistic, "LOGISTIC"},
};
}  // namespace
TFLOWER_RULE_FAMILY(leaky_relu, kRules);
}  // namespace tflower::tfl_rules
