// Positions of elements that are not 0.
#pragma once

#include <cstdint>
#include <span>

#include "tflower/dtype.h"

namespace tflower::kernels {

// Of n elements of a numeric type; NaN is not 0.
int64_t CountNonZero(DType type, const void* x, int64_t n);

// Their positions [count, rank], in row-major order. There is at least one, and dims are not empty.
void WriteNonZero(DType type, const void* x, std::span<const int64_t> dims, int64_t* to);

}  // namespace tflower::kernels
