// L2_NORMALIZATION of rows of int8 or uint8, to the bit as TFLite has it: the sum of squares in integers, its inverse root in fixed point. The result's
// scale is 1 / 128, 0 in the middle of its range.
#pragma once

#include <cstdint>

#include "common/quantized.h"

namespace tflower::kernels {

struct QuantizedL2 {
  DType type = DType::kInt8;
  int32_t x_zero = 0, y_zero = 0;

  // Where the result's 7 bits come in: before the multiplication, or after it.
  int BitsBefore() const { return type == DType::kUInt8 ? 7 : 0; }
  // 1 / root of the squares, with the rest of the 7 bits.
  Multiplier FactorOf(int64_t squares) const;
};

// Rows of `depth` >= 1 values; x == y allowed.
void RunQuantizedL2(const QuantizedL2& q, const void* x, int64_t rows, int64_t depth, void* y);

// The specification.
void QuantizedL2Ref(const QuantizedL2& q, const void* x, int64_t rows, int64_t depth, void* y);

}  // namespace tflower::kernels
