// Float rows as int8 with a scale of their own, made anew in each call: the activations of layers whose weights alone are quantised.
#pragma once

#include <cstdint>

namespace tflower::kernels {

// real = scale * (stored - zero).
struct RowScale {
  float scale = 1;
  int32_t zero = 0;
};

// Symmetric: stored values in [-127, 127], zero 0. Asymmetric: [-128, 127], the range of x and 0. Rounded half away from zero. A row that
// holds NaN or infinity gets a scale of NaN. n >= 0; x: n values, each `step`
// behind the one before; to: n values. Source: TFLite's hybrid kernels.
RowScale QuantizeRow(const float* x, int64_t n, bool asymmetric, int8_t* to, int64_t step = 1);

}  // namespace tflower::kernels
