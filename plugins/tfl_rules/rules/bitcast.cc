// A BITCAST of a BITCAST is one, or none. Where shapes do not come out equal (a detour over larger elements that regroups the smaller), nothing is done.
#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

Status Merge(const MatchView& m, Builder& build) {
  const Value x = m["x"], root = m.root();
  if (x.dtype() == root.dtype()) return x.SameShape(root) ? build.Substitute(root, x) : Declined();
  return build.Substitute(root, build.EmitAs(tfl::Bitcast{}, {x}, root.dtype()));
}

constexpr RuleDef kRules[] = {
    {"merge-bitcasts", 200, Match("BITCAST", {Match("BITCAST", {Any("x")})}), Merge, "BITCAST"},
};
}  // namespace
TFLOWER_RULE_FAMILY(bitcast, kRules);
}  // namespace tflower::tfl_rules
