// Lines of single elements: the innermost loops of strided copies.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tflower::kernels {

// Element i of line k: dst + k * dst_line + i * dst_stride = src + k * src_line + i * src_stride. Strides in bytes, any sign; addresses need no alignment.
// stream: long lines of elements side by side are written past the caches.
struct ElementLines {
  std::byte* dst;
  const std::byte* src;
  int64_t lines, dst_line, src_line;
  int64_t size, dst_stride, src_stride;
  bool stream = false;
};

// element_bytes: 1, 2, 4, 8 or 16. On the calling thread.
void CopyElementLines(const ElementLines& lines, int64_t element_bytes);

}  // namespace tflower::kernels
