// SOFTMAX of rows of int8 or uint8 with a result of int16, in units of 1 / 65536 from -32768 on: in fixed point, to the bit as TFLite has it.
#pragma once

#include <cstdint>

#include "common/quantized.h"

namespace tflower::kernels {

struct SoftmaxToInt16 {
  Multiplier factor;   // of a distance to the row's maximum, to 5 integer bits
  int32_t least = 0;   // distances below this one count for nothing

  void Fill(double scale, double beta);
  // A row of n >= 1 values of int8_t or uint8_t.
  template <class T>
  void Row(const T* x, int64_t n, int16_t* y) const;
};

}  // namespace tflower::kernels
