// What the specifications of recurrent layers have in common: plain loops in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <tflower/tfl_ops.h>

namespace tflower::kernels::reference {

inline double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

inline double Activate(tfl::ActivationFunctionType activation, double x) {
  switch (activation) {
    case tfl::ActivationFunctionType::RELU: return std::max(x, 0.0);
    case tfl::ActivationFunctionType::RELU_N1_TO_1: return std::min(std::max(x, -1.0), 1.0);
    case tfl::ActivationFunctionType::RELU6: return std::min(std::max(x, 0.0), 6.0);
    case tfl::ActivationFunctionType::TANH: return std::tanh(x);
    default: return x;
  }
}

inline double Dot(const float* a, const float* b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

}  // namespace tflower::kernels::reference
