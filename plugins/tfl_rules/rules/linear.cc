// Folding of what stands behind an operator with weights: y + c and y - c into the bias, y * c and y / c into weights and bias.
// With batch norm as MUL + ADD on constants, this is batch norm folding.
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

constexpr Pattern Behind(const char* op, uint32_t flags) {
  return Match(op, {Match(kWeighted, {}, "linear", kSingleUse), Const("c")}, "root", flags);
}

Activation RootActivation(const MatchView& m) {
  switch (m.root_op().code()) {
    case tfl::Builtin::ADD: return m.root_op().As<tfl::Add>().fused_activation_function;
    case tfl::Builtin::SUB: return m.root_op().As<tfl::Sub>().fused_activation_function;
    case tfl::Builtin::MUL: return m.root_op().As<tfl::Mul>().fused_activation_function;
    default: return m.root_op().As<tfl::Div>().fused_activation_function;
  }
}

// A floating-point operator with constant weights, nothing behind its sums yet, and a result of the root's shape.
bool CanFold(const MatchView& m, const Weighted& w) {
  return w.is_linear() && w.weights.dtype() == DType::kFloat32 && (!w.bias || w.bias.is_constant()) && m["linear"].SameShape(m.root());
}

template <class TflOp>
Status FoldIntoBias(const MatchView& m, Builder& build) {
  const Weighted w = Weighted::Of(m.Op("linear"));
  if (!CanFold(m, w)) return Declined();
  TFLOWER_TRY(const std::optional<Value> c, ChannelVector(build, m["c"], w.out_channels));
  if (!c) return Declined("varies over more than the output channels");
  Value zero;
  if (!w.bias) {
    TFLOWER_TRY(const Value scalar, build.Scalar(0.0f));
    zero = scalar;
  }
  TFLOWER_TRY(const Value bias, build.Emit(TflOp{}, {w.bias ? w.bias : zero, *c}));
  return build.Substitute(m.root(), Rebuild(build, w, w.x, w.weights, bias, RootActivation(m)));
}

template <class TflOp>
Status FoldIntoWeights(const MatchView& m, Builder& build) {
  const Weighted w = Weighted::Of(m.Op("linear"));
  if (!CanFold(m, w) || !w.weights.is_constant()) return Declined();
  TFLOWER_TRY(const std::optional<Value> c, ChannelVector(build, m["c"], w.out_channels));
  if (!c) return Declined("varies over more than the output channels");
  TFLOWER_TRY(const Value factor, Reshaped(build, *c, w.OutputChannelShape()));
  TFLOWER_TRY(const Value weights, build.Emit(TflOp{}, {w.weights, factor}));
  Value bias = w.bias;
  if (bias) {
    TFLOWER_TRY(bias, build.Emit(TflOp{}, {bias, *c}));
  }
  return build.Substitute(m.root(), Rebuild(build, w, w.x, weights, bias, RootActivation(m)));
}

constexpr RuleDef kRules[] = {
    {"add-into-bias", 200, Behind("ADD", kCommutative), FoldIntoBias<tfl::Add>, kWeightedEmits},
    {"sub-into-bias", 200, Behind("SUB", 0), FoldIntoBias<tfl::Sub>, kWeightedEmits},
    {"mul-into-weights", 200, Behind("MUL", kCommutative), FoldIntoWeights<tfl::Mul>, kWeightedEmits},
    {"div-into-weights", 200, Behind("DIV", 0), FoldIntoWeights<tfl::Div>, kWeightedEmits},
};
}  // namespace
TFLOWER_RULE_FAMILY(linear, kRules);
}  // namespace tflower::tfl_rules
