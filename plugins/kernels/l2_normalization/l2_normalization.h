// L2 normalisation of rows: every row divided by its Euclidean norm.
//
// y[r][i] = x[r][i] / max(sqrt(sum_k x[r][k]^2), 1e-6), so that rows of zeros stay zeros. The sum is a float, as in TensorFlow and TFLite:
// rows whose sum of squares is above 3.4e38 become zeros; a NaN makes its row NaN, an infinity becomes NaN and the rest of its row zeros.
// x and y are rows * depth floats, contiguous; x == y allowed. Relative error at most 4 * 6e-8 (values below 1.2e-38: absolute). Cannot fail,
// does not allocate. [thread] any; rows are split over `parallel`. depth == 0 or rows == 0: nothing is written.
// Source: TFLite L2_NORMALIZATION; its bound of 1e-6 was measured. tf.math.l2_normalize with its default epsilon of 1e-12 is the same.
#pragma once

#include <cstddef>

#include "tflower/parallel.h"

namespace tflower::kernels {

inline constexpr float kSmallestL2Norm = 1e-6f;

void L2NormalizeF32(const float* x, size_t rows, size_t depth, float* y, const Parallel& parallel = {});

// The specification, in double but for the sum's range.
void L2NormalizeRef(const float* x, size_t rows, size_t depth, float* y);

}  // namespace tflower::kernels
