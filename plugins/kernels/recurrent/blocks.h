// Weights of a recurrent layer in blocks of units: a block is one vector of units, and has a vector for each gate, so that a unit's gates meet in
// registers. A matrix [units, depth] for each gate becomes [block][depth][gate][lane]; seen as one matrix it has columns (block, gate, lane), which
// is also the order of what the packed product of all inputs computes (gemm/gemm.h).
#pragma once

#include <cstddef>

#include "gemm/gemm.h"

namespace tflower::kernels {

struct UnitBlocks {
  size_t units = 0, gates = 1;
  size_t lanes = 1;  // of the SIMD target in use

  UnitBlocks() = default;
  UnitBlocks(size_t count, size_t gates_of_unit) : units(count), gates(gates_of_unit), lanes(PackedLayout().vector_columns) {}

  size_t blocks() const { return (units + lanes - 1) / lanes; }
  size_t width() const { return gates * lanes; }  // of a block
  size_t padded() const { return blocks() * lanes; }
  size_t columns() const { return blocks() * width(); }
};

// Both: matrices[gate] is [units, depth]; units beyond the last are zero. packed: columns() * depth floats, 64-byte aligned.
void PackBlocks(const UnitBlocks& units, const float* const* matrices, size_t depth, float* packed);
void PackBlocksForGemm(const UnitBlocks& units, const float* const* matrices, size_t depth, float* packed);

}  // namespace tflower::kernels
