// Real numbers to stored values of one quantisation, back, and from one quantisation to another, to the bit as the plain loops.
#pragma once

#include <cstddef>

#include "common/quantized.h"

namespace tflower::kernels {

// to: int8, uint8 or int16. Rounded to nearest, ties away from zero; NaN counts as 0.
void StoreReals(const float* x, size_t n, const Affine& y, DType to_type, void* to);
void StoreRealsRef(const float* x, size_t n, const Affine& y, DType to_type, void* to);

// from: int8, uint8 or int16.
void LoadReals(const void* from, DType from_type, size_t n, const Affine& x, float* to);
void LoadRealsRef(const void* from, DType from_type, size_t n, const Affine& x, float* to);

// clamp(Scaled(x - x_zero, factor) + y_zero). from: int8, uint8, int16 or int32; to: int8, uint8 or int16.
struct Requantization {
  int32_t x_zero = 0, y_zero = 0;
  Multiplier factor;
};
void Requantize(const Requantization& r, const void* from, DType from_type, size_t n, DType to_type, void* to);
void RequantizeRef(const Requantization& r, const void* from, DType from_type, size_t n, DType to_type, void* to);

}  // namespace tflower::kernels
