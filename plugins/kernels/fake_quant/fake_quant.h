// Floats moved to the nearest of evenly spaced levels, of which 0 is one.
#pragma once

#include <cstddef>

namespace tflower::kernels {

struct QuantLevels {
  float min = 0, max = 0, scale = 0;  // the first and the last one, and their distance, above 0
};

// y[i] = floor((clamp(x[i], min, max) - min) (1 / scale) + 1/2) scale + min, each step rounded; NaN stays. x == y allowed. [thread] any.
// Source: TFLite FakeQuantOptions.
void FakeQuantF32(const QuantLevels& levels, const float* x, size_t n, float* y);
void FakeQuantRef(const QuantLevels& levels, const float* x, size_t n, float* y);

}  // namespace tflower::kernels
