// The fused activations that are a clamp.
#pragma once

#include <string>

#include <tflower/status.h>
#include <tflower/tfl_ops.h>

#include "gemm/gemm.h"

namespace tflower::kernels {

// Error: kUnsupportedAttribute for the activations that are none (TANH, SIGN_BIT), kInvalidGraph for unknown numbers.
inline Result<Clamp> ClampOf(tfl::ActivationFunctionType activation) {
  switch (activation) {
    case tfl::ActivationFunctionType::NONE: return Clamp{};
    case tfl::ActivationFunctionType::RELU: return Clamp{.lo = 0.0f};
    case tfl::ActivationFunctionType::RELU_N1_TO_1: return Clamp{-1.0f, 1.0f};
    case tfl::ActivationFunctionType::RELU6: return Clamp{0.0f, 6.0f};
    default: break;
  }
  const bool known = activation == tfl::ActivationFunctionType::TANH || activation == tfl::ActivationFunctionType::SIGN_BIT;
  return std::move(Error(known ? Code::kUnsupportedAttribute : Code::kInvalidGraph,
                         std::to_string(static_cast<int>(activation)) + " is not NONE, RELU, RELU_N1_TO_1 or RELU6"))
      .What("fused_activation_function");
}

}  // namespace tflower::kernels
