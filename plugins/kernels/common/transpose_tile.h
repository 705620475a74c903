// The 2-D transposition inside strided copies, block by block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tflower::kernels {

// What the blocks of a copy have in common. Element (r, c) of a block goes from src + cols[c] + r * element_bytes to dst + rows[r] + c * element_bytes: rows and
// columns may come from several dimensions. Offsets in bytes, any sign; addresses need no alignment.
struct BlockForm {
  int64_t element_bytes;  // below kTransposedRun
  const int64_t* cols;
  const int64_t* rows;
  int64_t even_cols, even_rows;  // so many of the first ones lie evenly apart
  const std::byte* end;  // nothing is read from here on
  bool stream;           // the result is too large to be found in a cache afterwards, so it is written past the caches
};

struct TransposedBlock {
  const std::byte* src;
  std::byte* dst;
  int64_t rows, cols;
  const std::byte* ahead = nullptr;  // the source of the block that comes next, or null, to be fetched
};

// One after the other; each has at most MostTransposedCols columns and kTransposedRows rows.
inline constexpr int64_t kTransposedRun = 256, kTransposedRows = 1024;
inline constexpr int64_t kTransposedCols = 1024;
constexpr int64_t MostTransposedCols(int64_t element_bytes) { return element_bytes <= 4 ? 1024 / element_bytes : element_bytes <= 16 ? 256 : 4096 / element_bytes; }

void TransposeBlocks(const BlockForm& form, std::span<const TransposedBlock> blocks);

}  // namespace tflower::kernels
