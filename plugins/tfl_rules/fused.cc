// Activations as part of the operators that can apply one to their result.
#include "fused.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

// Calls f with the operator's options struct.
template <class F>
auto Visit(const Operator& op, F&& f) {
  switch (op.code()) {
    case tfl::Builtin::ADD: return f(op.As<tfl::Add>());
    case tfl::Builtin::SUB: return f(op.As<tfl::Sub>());
    case tfl::Builtin::MUL: return f(op.As<tfl::Mul>());
    case tfl::Builtin::DIV: return f(op.As<tfl::Div>());
    case tfl::Builtin::AVERAGE_POOL_2D: return f(op.As<tfl::AveragePool2D>());
    case tfl::Builtin::MAX_POOL_2D: return f(op.As<tfl::MaxPool2D>());
    case tfl::Builtin::CONV_2D: return f(op.As<tfl::Conv2D>());
    case tfl::Builtin::DEPTHWISE_CONV_2D: return f(op.As<tfl::DepthwiseConv2D>());
    case tfl::Builtin::TRANSPOSE_CONV: return f(op.As<tfl::TransposeConv>());
    case tfl::Builtin::CONV_3D: return f(op.As<tfl::Conv3D>());
    case tfl::Builtin::CONV_3D_TRANSPOSE: return f(op.As<tfl::Conv3DTranspose>());
    default: return f(op.As<tfl::FullyConnected>());
  }
}

}  // namespace

Activation FusedActivation(const Operator& op) {
  return Visit(op, [](const auto& options) { return options.fused_activation_function; });
}

Result<Value> WithActivation(Builder& build, const Operator& op, std::span<const Value> inputs, Activation activation) {
  return Visit(op, [&](auto options) -> Result<Value> {
    options.fused_activation_function = activation;
    return build.Emit(options, inputs);
  });
}

Result<Value> WithActivation(Builder& build, const Operator& op, Activation activation) { return WithActivation(build, op, op.Inputs(), activation); }

}  // namespace tflower::tfl_rules
