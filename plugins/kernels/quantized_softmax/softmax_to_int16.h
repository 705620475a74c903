// SOFTMAX of rows of int8 or uint8 with a result of int16, in units of 1 / 65536 from -32768 on: in fixed point, to the bit as TFLite has it.
#pragma once

#include <cstdint>

#include "common/quantized.h"

namespace tflower::kernels {

struct SoftmaxToInt16 {
  int32_t exponentials[256];  // of a distance to the row's maximum, without integer bits; 0 for distances that count for nothing

  void Fill(double scale, double beta);
  // 1 / sum as a factor, and the shift behind it. total: of a row's rounded exponentials, at least 2^19, the maximum's.
  struct Inverse {
    int32_t value;
    int shift;
  };
  Inverse InverseOf(int64_t total) const;
  // An exponential as it is added up: with 12 integer bits.
  static constexpr int kSumBits = 12;
};

// Rows of `depth` >= 1 values of int8 or uint8.
void RunSoftmaxToInt16(const SoftmaxToInt16& q, DType type, const void* x, int64_t rows, int64_t depth, int16_t* y);

// The specification.
void SoftmaxToInt16Ref(const SoftmaxToInt16& q, DType type, const void* x, int64_t rows, int64_t depth, int16_t* y);

}  // namespace tflower::kernels
