// Arrays of half floats to float and back, with the processor's conversions where it has them: tflower/half.h's results, but that a signalling NaN
// becomes a quiet one. Any thread.
#pragma once

#include <cstdint>

namespace tflower::kernels {

void FloatsFromHalves(const uint16_t* src, float* dst, int64_t n);
void HalvesFromFloats(const float* src, uint16_t* dst, int64_t n);

}  // namespace tflower::kernels
