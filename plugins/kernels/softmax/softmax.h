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

// y[r][i] = exp(beta (x[r][i] - max_r)) / sum_r. beta > 0. beta (x - max) is rounded to f32, so the
// relative error is at most (8 + 2 beta (max_r - x)) * 6e-8; values below 1.2e-38 may be zero.
void SoftmaxF32(const float* x, size_t rows, size_t depth, float beta, float* y, const Parallel& parallel = {});

// y[r][i] = x[r][i] - max_r - log(sum_r). Error at most 4 * 6e-8 * (|y| + |log(sum_r)| + 1).
void LogSoftmaxF32(const float* x, size_t rows, size_t depth, float* y, const Parallel& parallel = {});

// The specification, in double.
void SoftmaxRef(const float* x, size_t rows, size_t depth, float beta, float* y);
void LogSoftmaxRef(const float* x, size_t rows, size_t depth, float* y);

}  // namespace tflower::kernels
