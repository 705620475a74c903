// The arithmetic of an integer LSTM step, over the units of one row: compiled once per SIMD target.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/quantized.h"

namespace tflower::kernels {

// z = start + (sum + bias) * m, saturating. start, bias: null for zeros.
void AddScaledSums(const int32_t* sums, const int32_t* bias, Multiplier m, const int16_t* start, int16_t* z, size_t n);
// z += weights * cells * m, saturating.
void AddPeephole16(const int16_t* weights, const int16_t* cells, Multiplier m, int16_t* z, size_t n);

// What z is made of by layer normalisation: (z - mean) / deviation, times coefficients, plus bias, times scale.
struct LayerNorm16 {
  const int16_t* coefficients = nullptr;
  const int32_t* bias = nullptr;
  Multiplier scale;    // of the coefficients, times 2^12
  int32_t guard = 1;   // the variance where there is none
};
void Normalize16(const LayerNorm16& norm, int16_t* z, size_t n);

void Sigmoids16(int16_t* z, size_t n);
// integer_bits: of what comes in, 0 to 6.
void Tanhs16(int integer_bits, const int16_t* from, int16_t* to, size_t n);

// c = f c + i g, saturating; i null: 1 - f. product_shift: of i g. clip 0: none.
void NewCells16(const int16_t* i, const int16_t* f, const int16_t* g, int product_shift, int32_t clip, int16_t* c, size_t n);
// to = a b m + zero.
void Hidden8(const int16_t* a, const int16_t* b, Multiplier m, int32_t zero, int8_t* to, size_t n);
// y = (sum + bias) m + zero. clip 0: none.
void Project8(const int32_t* sums, const int32_t* bias, Multiplier m, int32_t zero, int32_t clip, int8_t* y, size_t n);
// to = from - zero; a pair is completed by 0.
void Widen16(const int8_t* from, int32_t zero, int16_t* to, size_t n);

}  // namespace tflower::kernels
