// Sum of several tensors as plain loops.
#include "add_n/add_n.h"

namespace tflower::kernels {

void AddNRef(std::span<const float* const> x, size_t n, float* y) {
  for (size_t i = 0; i < n; ++i) {
    float sum = x[0][i];
    for (const float* operand : x.subspan(1)) sum += operand[i];
    y[i] = sum;
  }
}

void AddNRef(std::span<const int32_t* const> x, size_t n, int32_t* y) {
  for (size_t i = 0; i < n; ++i) {
    uint32_t sum = 0;
    for (const int32_t* operand : x) sum += static_cast<uint32_t>(operand[i]);
    y[i] = static_cast<int32_t>(sum);
  }
}

}  // namespace tflower::kernels
