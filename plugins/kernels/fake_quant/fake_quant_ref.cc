// The specification of moving floats to levels.
#include "fake_quant/fake_quant.h"

#include <algorithm>
#include <cmath>

namespace tflower::kernels {

void FakeQuantRef(const QuantLevels& levels, const float* x, size_t n, float* y) {
  const float inverse = 1.0f / levels.scale;
  for (size_t i = 0; i < n; ++i) {
    const float above = std::min(std::max(x[i], levels.min), levels.max) - levels.min;
    y[i] = std::floor(above * inverse + 0.5f) * levels.scale + levels.min;
  }
}

}  // namespace tflower::kernels
