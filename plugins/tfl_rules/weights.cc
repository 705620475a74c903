// Operators with weights and a bias.
#include "weights.h"

#include "fused.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

// Operands: output shape, weights, input, bias.
bool IsTransposed(const Operator& op) { return op.code() == tfl::Builtin::TRANSPOSE_CONV || op.code() == tfl::Builtin::CONV_3D_TRANSPOSE; }

// The dimension of the weights that counts output channels.
int OutputAxis(const Operator& op) {
  switch (op.code()) {
    case tfl::Builtin::DEPTHWISE_CONV_2D: case tfl::Builtin::CONV_3D_TRANSPOSE: return 3;
    case tfl::Builtin::CONV_3D: return 4;
    default: return 0;
  }
}

}  // namespace

Weighted Weighted::Of(const Operator& op) {
  Weighted w;
  w.op = op;
  w.x = op.Input(IsTransposed(op) ? 2 : 0);
  w.weights = op.Input(1);
  w.bias = op.Input(IsTransposed(op) ? 3 : 2);
  w.out_channels = w.weights.dim(OutputAxis(op));
  return w;
}

Activation Weighted::activation() const { return FusedActivation(op); }

std::vector<int32_t> Weighted::OutputChannelShape() const {
  std::vector<int32_t> shape(static_cast<size_t>(weights.rank()), 1);
  shape[static_cast<size_t>(OutputAxis(op))] = static_cast<int32_t>(out_channels);
  return shape;
}

std::vector<int32_t> Weighted::InputChannelShape() const {
  const int32_t last = static_cast<int32_t>(weights.dim(-1));
  switch (op.code()) {
    case tfl::Builtin::DEPTHWISE_CONV_2D:
      if (op.As<tfl::DepthwiseConv2D>().depth_multiplier != 1) return {};
      return {1, 1, 1, last};
    case tfl::Builtin::FULLY_CONNECTED: return {1, last};
    case tfl::Builtin::CONV_3D: return {};
    case tfl::Builtin::CONV_3D_TRANSPOSE: return {1, 1, 1, 1, last};
    default:
      if (x.dim(-1) != last) return {};  // grouped
      return {1, 1, 1, last};
  }
}

bool Weighted::pads() const {
  switch (op.code()) {
    case tfl::Builtin::CONV_2D: return op.As<tfl::Conv2D>().padding != tfl::Padding::VALID;
    case tfl::Builtin::DEPTHWISE_CONV_2D: return op.As<tfl::DepthwiseConv2D>().padding != tfl::Padding::VALID;
    case tfl::Builtin::CONV_3D: return op.As<tfl::Conv3D>().padding != tfl::Padding::VALID;
    case tfl::Builtin::TRANSPOSE_CONV: case tfl::Builtin::CONV_3D_TRANSPOSE: return true;  // border elements gather fewer products
    default: return false;
  }
}

Result<Value> Rebuild(Builder& build, const Weighted& w, const Value& x, const Value& weights, const Value& bias, Activation activation) {
  if (!IsTransposed(w.op)) return WithActivation(build, w.op, std::vector<Value>{x, weights, bias}, activation);
  std::vector<Value> inputs{w.op.Input(0), weights, x};
  if (bias) inputs.push_back(bias);
  return WithActivation(build, w.op, inputs, activation);
}

Result<Value> Reshaped(Builder& build, const Value& v, const std::vector<int32_t>& dims) {
  TFLOWER_TRY(const Value shape, build.Vector(std::span<const int32_t>(dims)));
  return build.Emit(tfl::Reshape{}, {v, shape});
}

Result<std::optional<Value>> ChannelVector(Builder& build, const Value& constant, int64_t channels) {
  const int64_t n = constant.num_elements();
  if (n == 1 && channels != 1) {
    TFLOWER_TRY(const Value scalar, Reshaped(build, constant, {1}));
    TFLOWER_TRY(const Value shape, build.Vector({static_cast<int32_t>(channels)}));
    TFLOWER_TRY(const Value vector, build.Emit(tfl::BroadcastTo{}, {scalar, shape}));
    return std::optional<Value>(vector);
  }
  if (n != channels || (channels != 1 && constant.dim(-1) != channels)) return std::optional<Value>();
  if (constant.rank() == 1) return std::optional<Value>(constant);
  TFLOWER_TRY(const Value vector, Reshaped(build, constant, {static_cast<int32_t>(channels)}));
  return std::optional<Value>(vector);
}

}  // namespace tflower::tfl_rules
