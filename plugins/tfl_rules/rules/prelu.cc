// relu(x) + (-alpha) * relu(-x) -> PRELU: how Keras writes it.
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

constexpr RuleDef kRules[] = {{"prelu", 200, kPrelu, ToPrelu, "PRELU"}};
}  // namespace
TFLOWER_RULE_FAMILY(prelu, kRules);
}  // namespace tflower::tfl_rules
