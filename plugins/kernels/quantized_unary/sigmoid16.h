// LOGISTIC and TANH of int16 values in fixed point. Source: TFLite operators of these names; tanh(x) = 2 logistic(2 x) - 1.
#pragma once

#include <cstdint>

#include "common/quantized.h"

namespace tflower::kernels {

// Stored value times `factor`, shifted right and rounded, is in units of 1 / (3 * 4096).
struct Sigmoid16 {
  int32_t factor = 3;
  int shift = 0;
  explicit Sigmoid16(float scale);
  Sigmoid16() = default;

  // In units of 1 / 32768.
  int16_t Logistic(int16_t stored) const;
  int16_t Tanh(int16_t stored) const;

  // For vectors: 255 entries of the table, each with the step to the next one in its upper half.
  static const int32_t* Steps();

 private:
  int32_t Argument(int16_t stored) const {
    return static_cast<int32_t>((int64_t{stored} * factor + (shift > 0 ? int64_t{1} << (shift - 1) : 0)) >> shift);
  }
};

}  // namespace tflower::kernels
