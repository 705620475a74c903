// The vector loops behind BinaryF32. Not for other users.
#pragma once

#include <cstddef>

#include "elementwise/binary.h"

namespace tflower::kernels {

// One contiguous piece; not both operands repeat, unless n is 1.
using BinaryLoop = void (*)(const float* a, bool a_repeats, const float* b, bool b_repeats, size_t n, const ClampRange<float>& clamp,
                            float* out);

// kPow and kFloorMod, for the processor's best vectors; null for all others.
BinaryLoop BinaryMathLoop(Binary op);

}  // namespace tflower::kernels
