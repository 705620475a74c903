// HARD_SWISH of int8 and uint8 values in 16-bit fixed point: x clamp(x + 3, 0, 6) / 6. Source: TFLite operator of this name.
#pragma once

#include <cstdint>

#include "common/quantized.h"

namespace tflower::kernels {

class HardSwish {
 public:
  HardSwish() = default;
  // kUnsupportedType when the output's scale is below 1/128 of the input's.
  static Result<HardSwish> Of(const Affine& x, const Affine& y);
  // stored minus zero point, both of the operand and of the result; not yet clamped to the type.
  int32_t operator()(int32_t centred) const;

 private:
  int32_t output_factor_ = 0, relu_factor_ = 0;  // of 16 bits
  int output_shift_ = 0, relu_shift_ = 0;
};

}  // namespace tflower::kernels
