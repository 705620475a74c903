// SOFTMAX of rows of int16, to [0, 1] in units of 1 / 32768, to the bit as TFLite has it: exponentials and the reciprocal of their sum by tables.
#pragma once

#include <cstdint>

#include "quantized_unary/lookup.h"

namespace tflower::kernels {

struct SoftmaxOfWords {
  IntervalTable exponential, reciprocal;
  Multiplier factor;  // of a distance to the row's maximum, to 65535 steps for 10

  void Fill(double scale, double beta);
  // 1 / sum as a factor, and the shift behind it. total: of a row's exponentials, which is at least 32767, the maximum's.
  struct Inverse {
    int32_t value, shift;
  };
  Inverse InverseOf(int64_t total) const;
};

// Rows of `depth` >= 1 values; x == y allowed.
void RunSoftmaxOfWords(const SoftmaxOfWords& q, const int16_t* x, int64_t rows, int64_t depth, int16_t* y);

// The specification.
void SoftmaxOfWordsRef(const SoftmaxOfWords& q, const int16_t* x, int64_t rows, int64_t depth, int16_t* y);

}  // namespace tflower::kernels
