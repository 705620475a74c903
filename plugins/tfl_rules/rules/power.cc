// Powers, roots and reciprocals: POW by a number that has an operator, 1 / sqrt(x), x * (1 / y).
#include "fused.h"
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

Status Power(const MatchView& m, Builder& build) {
  const Value x = m["x"];
  const std::optional<float> p = SplatValue(build, m["p"]);
  if (!p || !x.SameShape(m.root())) return Declined();
  if (*p == 1) return build.Substitute(m.root(), x);
  if (*p == 2) return build.Substitute(m.root(), build.Emit(tfl::Square{}, {x}));
  if (*p == 0.5f) return build.Substitute(m.root(), build.Emit(tfl::Sqrt{}, {x}));
  if (*p == -0.5f) return build.Substitute(m.root(), build.Emit(tfl::Rsqrt{}, {x}));
  return Declined();
}

bool IsReciprocal(const MatchView& m, Builder& build, const char* op) { return IsPlain(m.Op(op)) && IsSplat(build, m["one"], 1); }

// 1 / sqrt(x) and sqrt(1 / x)
Status ToRsqrt(const MatchView& m, Builder& build) {
  if (!IsReciprocal(m, build, "division") || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Rsqrt{}, {m["x"]}));
}
// x * (1 / y)
Status ToDivision(const MatchView& m, Builder& build) {
  if (!IsReciprocal(m, build, "division")) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Div{.fused_activation_function = FusedActivation(m.root_op())}, {m["x"], m["y"]}));
}

constexpr Pattern Over(const Pattern& y, uint32_t flags = 0) { return Match("DIV", {Const("one"), y}, "division", flags); }

constexpr RuleDef kRules[] = {
    {"power", 250, Match("POW", {Any("x"), Const("p")}), Power, "SQUARE SQRT RSQRT"},
    {"reciprocal-of-sqrt", 200, Over(Match("SQRT", {Any("x")})), ToRsqrt, "RSQRT"},
    {"sqrt-of-reciprocal", 200, Match("SQRT", {Over(Any("x"))}), ToRsqrt, "RSQRT"},
    {"product-with-reciprocal", 200, Match("MUL", {Any("x"), Over(Any("y"), kSingleUse)}, nullptr, kCommutative), ToDivision, "DIV"},
};
}  // namespace
TFLOWER_RULE_FAMILY(power, kRules);
}  // namespace tflower::tfl_rules
