// The 2-D transposition inside strided copies: dst[r][c] = src[c][r], elements of 1, 2, 4, 8 or 16 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tflower::kernels {

// Destination row r lies at dst + r * dst_stride with its elements side by side; source row c at src + c * src_stride likewise. The columns may
// come in groups: those of group g follow those of group g - 1 in each destination row, and begin group_stride further in the source.
// Strides in bytes, any sign; addresses need no alignment. stream: the result is too large to be found in a cache afterwards, so it is
// written past the caches. ahead: the source of the transposition of this form that comes next, or null, to be fetched.
struct Transposition {
  const std::byte* src;
  ptrdiff_t src_stride;
  std::byte* dst;
  ptrdiff_t dst_stride;
  int64_t rows, cols;  // cols: of each group
  bool stream;
  int64_t groups = 1;
  ptrdiff_t group_stride = 0;
  const std::byte* ahead = nullptr;
};

// One after the other; each has at most kTransposedRowBytes of rows, and kTransposedCols columns in all groups together.
inline constexpr int64_t kTransposedRowBytes = 1024;
template <size_t kElementBytes>
inline constexpr int64_t kTransposedCols = kElementBytes <= 2 ? 512 : 256;
void TransposeBlocks(std::span<const Transposition> blocks, int64_t element_bytes);

}  // namespace tflower::kernels
