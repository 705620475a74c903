// Softmax and log-softmax over the last axis.
//
// x and y are rows * depth floats, contiguous; x == y allowed. The row's maximum is subtracted first, so nothing overflows; a NaN or
// +inf in a row makes its values NaN, a row of -inf only gives NaN, as the formula says. Cannot fail, does not allocate.
// [thread] any; rows are split over `parallel`. depth == 0 or rows == 0: nothing is written.
// Source: TFLite SoftmaxOptions.beta; LOG_SOFTMAX has beta 1.
#pragma once

#include <cstddef>

#include "tflower/parallel.h"

namespace tflower::kernels {

// y[r][i] = exp(beta (x[r][i] - max_r)) / sum_r. beta > 0. Within 2e-6 relative of SoftmaxRef down to 1e-37, zero below about 1e-38.
void SoftmaxF32(const float* x, size_t rows, size_t depth, float beta, float* y, const Parallel& parallel = {});

// y[r][i] = x[r][i] - max_r - log(sum_r). Within 4 ulp of the larger of its two terms.
void LogSoftmaxF32(const float* x, size_t rows, size_t depth, float* y, const Parallel& parallel = {});

// The specification, in double.
void SoftmaxRef(const float* x, size_t rows, size_t depth, float beta, float* y);
void LogSoftmaxRef(const float* x, size_t rows, size_t depth, float* y);

}  // namespace tflower::kernels
