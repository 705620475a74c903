// The cells of LSTM's basic form, behind the product of all gates: compiled once per SIMD target. Gates in order input, cell, forget, output.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tflower::kernels {

// gates: [4][units]; before: cells [units]. Writes cells behind, and h.
void BasicCell(const float* gates, const float* before, float* cells, float* h, size_t units);
// Gates have 3 integer bits, cells 4; h is stored with a zero point of 128.
void BasicCell(const int16_t* gates, const int16_t* before, int16_t* cells, uint8_t* h, size_t units);

}  // namespace tflower::kernels
