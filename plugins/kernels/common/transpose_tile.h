// The 2-D transposition inside strided copies: dst[r][c] = src[c][r], elements of 1, 2, 4, 8 or 16 bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tflower::kernels {

// Destination row r lies at dst + r * dst_stride with its elements side by side; source row c at src + c * src_stride likewise.
// Strides in bytes, any sign; addresses need no alignment. stream: the result is too large to be found in a cache afterwards, so it is
// written past the caches.
struct Transposition {
  const std::byte* src;
  ptrdiff_t src_stride;
  std::byte* dst;
  ptrdiff_t dst_stride;
  int64_t rows, cols;
  bool stream;
};
void Transpose2D(const Transposition& t, int64_t element_bytes);

}  // namespace tflower::kernels
