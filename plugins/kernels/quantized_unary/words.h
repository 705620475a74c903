// Functions of int16 values, to the bit as TFLite has them: by tables with interpolation, the logistic function and tanh in fixed point, lines through
// the zero point with a slope on either side, roots.
//
// x and y are n values, contiguous; x == y allowed. Nothing allocates or fails; every function may run on any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "quantized_unary/lookup.h"
#include "quantized_unary/sigmoid16.h"

namespace tflower::kernels {

// y = clamp(Scaled(v, positive) + y_zero) of v = x - x_zero; negative v take another factor, and -v where `flip` says so. Of int8 and uint8 as well.
struct TwoSlopes {
  Multiplier positive, negative;
  bool flip = false;
  int32_t x_zero = 0, y_zero = 0;
  IntBounds bounds;

  int32_t operator()(int32_t stored) const {
    const int32_t v = stored - x_zero;
    const int32_t scaled = v >= 0 ? Scaled(v, positive) : Scaled(flip ? -v : v, negative);
    return bounds.Clamp(int64_t{scaled} + y_zero);
  }
};

// y = clamp(floor(sqrt(max(0, x - x_zero) x_scale) / y_scale) + y_zero). (TFLite's fixed point is a step off for every thousandth value.)
struct FloorOfRoot {
  double x_scale = 1, y_scale = 1;
  int32_t x_zero = 0, y_zero = 0;
  IntBounds bounds;

  int32_t operator()(int32_t stored) const {
    const double root = std::floor(std::min(std::sqrt(std::max(0, stored - x_zero) * x_scale) / y_scale, 1e9));
    return bounds.Clamp(static_cast<int64_t>(root) + y_zero);
  }
};

void LookUpWords(const IntervalTable& table, const int16_t* x, size_t n, int16_t* y);
void LogisticWords(const Sigmoid16& f, const int16_t* x, size_t n, int16_t* y);
void TanhWords(const Sigmoid16& f, const int16_t* x, size_t n, int16_t* y);
void ScaleWords(const TwoSlopes& f, const int16_t* x, size_t n, int16_t* y);
void RootWords(const FloorOfRoot& f, const int16_t* x, size_t n, int16_t* y);

}  // namespace tflower::kernels
