// Folding of what stands before an operator with weights: x * c into the weights, x + c and x - c into the bias (where no border of zeros
// is read, since zeros behind the padding got no c). The other direction of batch norm folding.
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

constexpr Pattern Before(const char* weighted, const char* op, uint32_t flags) {
  return Match(weighted, {Match(op, {Any("x"), Const("c")}, "before", flags | kSingleUse)}, "root");
}

template <class TflOp>
bool IsPlain(const Operator& op) { return op.As<TflOp>().fused_activation_function == Activation::NONE; }

bool CanFold(const MatchView& m, const Weighted& w) {
  return w.weights.is_constant() && w.weights.dtype() == DType::kFloat32 && (!w.bias || w.bias.is_constant()) && m["x"].SameShape(w.x);
}

// w * (x * c) = (w * c) * x
template <class TflOp>
Status ScaleWeights(const MatchView& m, Builder& build) {
  const Weighted w = Weighted::Of(m.root_op());
  const std::vector<int32_t> shape = w.InputChannelShape();
  if (!CanFold(m, w) || shape.empty() || !IsPlain<TflOp>(m.Op("before"))) return Declined();
  TFLOWER_TRY(const std::optional<Value> c, ChannelVector(build, m["c"], shape.back()));
  if (!c) return Declined("varies over more than the input channels");
  TFLOWER_TRY(const Value factor, Reshaped(build, *c, shape));
  TFLOWER_TRY(const Value weights, build.Emit(TflOp{}, {w.weights, factor}));
  return build.Substitute(m.root(), Rebuild(build, w, m["x"], weights, w.bias, w.activation()));
}

// w * (x + c) = w * x + sum(w * c): the sum over everything but the output channel goes into the bias.
template <class TflOp>
Status ShiftBias(const MatchView& m, Builder& build) {
  const Weighted w = Weighted::Of(m.root_op());
  const std::vector<int32_t> shape = w.InputChannelShape();
  if (!CanFold(m, w) || shape.empty() || w.pads() || !IsPlain<TflOp>(m.Op("before"))) return Declined();
  TFLOWER_TRY(const std::optional<Value> c, ChannelVector(build, m["c"], shape.back()));
  if (!c) return Declined("varies over more than the input channels");
  TFLOWER_TRY(const Value shift, Reshaped(build, *c, shape));
  TFLOWER_TRY(const Value products, build.Emit(tfl::Mul{}, {w.weights, shift}));
  const bool depthwise = w.op.code() == tfl::Builtin::DEPTHWISE_CONV_2D;
  std::vector<int32_t> axes;
  for (int32_t a = 0; a < w.weights.rank(); ++a) if (a != (depthwise ? w.weights.rank() - 1 : 0)) axes.push_back(a);
  TFLOWER_TRY(const Value axis, build.Vector(std::span<const int32_t>(axes)));
  TFLOWER_TRY(const Value sums, build.Emit(tfl::Sum{.keep_dims = false}, {products, axis}));
  TFLOWER_TRY(const Value zero, build.Scalar(0.0f));
  TFLOWER_TRY(const Value bias, build.Emit(TflOp{}, {w.bias ? w.bias : zero, sums}));
  return build.Substitute(m.root(), Rebuild(build, w, m["x"], w.weights, bias, w.activation()));
}

constexpr const char* kForward = "CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED";
constexpr Pattern BeforeTranspose(const char* op, uint32_t flags) {
  return Match("TRANSPOSE_CONV", {Any("shape"), Any("weights"), Match(op, {Any("x"), Const("c")}, "before", flags | kSingleUse)}, "root");
}

constexpr RuleDef kRules[] = {
    {"mul-before-weights", 90, Before(kForward, "MUL", kCommutative), ScaleWeights<tfl::Mul>, "CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED"},
    {"div-before-weights", 90, Before(kForward, "DIV", 0), ScaleWeights<tfl::Div>, "CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED"},
    {"add-before-bias", 90, Before(kForward, "ADD", kCommutative), ShiftBias<tfl::Add>, "CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED"},
    {"sub-before-bias", 90, Before(kForward, "SUB", 0), ShiftBias<tfl::Sub>, "CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED"},
    {"mul-before-transpose-conv", 90, BeforeTranspose("MUL", kCommutative), ScaleWeights<tfl::Mul>, "TRANSPOSE_CONV"},
    {"div-before-transpose-conv", 90, BeforeTranspose("DIV", 0), ScaleWeights<tfl::Div>, "TRANSPOSE_CONV"},
};
}  // namespace
TFLOWER_RULE_FAMILY(input_scale, kRules);
}  // namespace tflower::tfl_rules
