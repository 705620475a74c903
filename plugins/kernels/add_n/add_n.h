// Sum of several tensors of one shape.
//
// y[i] = x[0][i] + x[1][i] + ... from left to right, i in [0, n); at least one x. y may be any of the x. Floats round after each addition,
// integers wrap around. Cannot fail, does not allocate. [thread] any; elements are split over `parallel`. Source: TFLite ADD_N.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tflower/parallel.h"

namespace tflower::kernels {

void AddNF32(std::span<const float* const> x, size_t n, float* y, const Parallel& parallel = {});
void AddNI32(std::span<const int32_t* const> x, size_t n, int32_t* y, const Parallel& parallel = {});

// The specification.
void AddNRef(std::span<const float* const> x, size_t n, float* y);
void AddNRef(std::span<const int32_t* const> x, size_t n, int32_t* y);

}  // namespace tflower::kernels
