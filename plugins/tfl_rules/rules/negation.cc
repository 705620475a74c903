// Sums and differences of negated operands: a + -b = a - b, a - -b = a + b.
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

Status SumToDifference(const MatchView& m, Builder& build) {
  const tfl::Sub sub{.fused_activation_function = m.root_op().As<tfl::Add>().fused_activation_function};
  return build.Substitute(m.root(), build.Emit(sub, {m["a"], m["b"]}));
}

Status DifferenceToSum(const MatchView& m, Builder& build) {
  const tfl::Add add{.fused_activation_function = m.root_op().As<tfl::Sub>().fused_activation_function};
  return build.Substitute(m.root(), build.Emit(add, {m["a"], m["b"]}));
}

constexpr Pattern kNegated = Match("NEG", {Any("b")});
constexpr RuleDef kRules[] = {
    {"sum-with-negated", 50, Match("ADD", {Any("a"), kNegated}, nullptr, kCommutative), SumToDifference, "SUB"},
    {"difference-of-negated", 50, Match("SUB", {Any("a"), kNegated}), DifferenceToSum, "ADD"},
};
}  // namespace
TFLOWER_RULE_FAMILY(negation, kRules);
}  // namespace tflower::tfl_rules
