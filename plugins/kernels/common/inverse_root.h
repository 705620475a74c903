// 1 / sqrt(n) of an integer as a Multiplier, by Newton's iteration in fixed point as TFLite computes it.
#pragma once

#include "common/quantized.h"

namespace tflower::kernels {

// n >= 0; 0 and 1 give the largest factor below 1. The shift is at least -31.
Multiplier InverseRootOf(int32_t n);

}  // namespace tflower::kernels
