// The square of a difference -> SQUARED_DIFFERENCE, when nobody else reads the difference.
#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

Status Fuse(const MatchView& m, Builder& build) {
  if (m.Op("difference").As<tfl::Sub>().fused_activation_function != Activation::NONE) return Declined();
  if (m.root().dtype() != DType::kFloat32 && m.root().dtype() != DType::kInt32) return Declined("SQUARED_DIFFERENCE has not this type");
  return build.Substitute(m.root(), build.Emit(tfl::SquaredDifference{}, {m["x"], m["y"]}));
}
Status FuseProduct(const MatchView& m, Builder& build) {
  if (m["difference"].users() != 2 || m.root_op().As<tfl::Mul>().fused_activation_function != Activation::NONE) return Declined();
  return Fuse(m, build);
}

constexpr RuleDef kRules[] = {
    {"square-of-difference", 150, Match("SQUARE", {Match("SUB", {Any("x"), Any("y")}, "difference", kSingleUse)}), Fuse, "SQUARED_DIFFERENCE"},
    {"product-of-difference", 150, Match("MUL", {Match("SUB", {Any("x"), Any("y")}, "difference"), Any("difference")}), FuseProduct, "SQUARED_DIFFERENCE"},
};
}  // namespace
TFLOWER_RULE_FAMILY(squared_difference, kRules);
}  // namespace tflower::tfl_rules
