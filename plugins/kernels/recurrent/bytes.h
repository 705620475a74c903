// Products of int8 weights with activations that become int8 in each call, a row at a time ("hybrid" layers): sums are integers, and
// a result is start + sum * (scale of the row * scale of the gate).
//
// Weights are packed as in blocks.h, in pairs along their depth: [block][pair][gate][lane][2]. Rows hold what is stored minus the zero point, as
// int16, and have a whole number of pairs. Nothing here allocates or fails.
#pragma once

#include <cstddef>
#include <cstdint>

#include "recurrent/sequence.h"

namespace tflower::kernels {

inline size_t PairsOf(size_t depth) { return (depth + 1) / 2; }
inline size_t ByteBlockBytes(const UnitBlocks& units, size_t depth) { return units.columns() * 2 * PairsOf(depth); }

// matrices[gate] is [units, depth].
void PackByteBlocks(const UnitBlocks& units, const int8_t* const* matrices, size_t depth, int8_t* packed);

// Writes 2 * PairsOf(n) values; returns the scale of the row. The stored values are those of QuantizeRow (hybrid/rows.h).
float QuantizeRow16(const float* x, size_t n, bool asymmetric, int16_t* to);

struct ByteProduct {
  UnitBlocks units;
  size_t pairs = 0;
  const int8_t* weights = nullptr;
  const float* gate_scales = nullptr;
  // Row i begins at i * stride.
  const int16_t* x = nullptr;
  size_t x_stride = 0;
  const float* row_scales = nullptr;
  const float* start = nullptr;  // one row for all, or null for zero; in the order of columns
  bool add = false;              // to what is in y, instead
  float* y = nullptr;
  size_t y_stride = 0;
  size_t columns = 0;  // of y: all, or for one gate as many as there are units
  Clamp clamp;
};
// Sums alone: column (gate, unit) of row r is y[r * y_stride + gate * units.padded() + unit].
struct ByteSums {
  UnitBlocks units;
  size_t pairs = 0;
  const int8_t* weights = nullptr;
  const int16_t* x = nullptr;
  size_t x_stride = 0;
  int32_t* y = nullptr;
  size_t y_stride = 0;
};

// These rows, of these blocks of units.
void SumByteRows(const ByteSums& sums, Range rows, Range blocks);
void MultiplyBytes(const ByteProduct& product, Range rows, Range blocks);

}  // namespace tflower::kernels
