// Nearest-neighbour resizing: copies of whole pixels.
#include <algorithm>
#include <cstring>

#include "resize/coordinates.h"
#include "resize/nearest_groups.h"
#include "resize/resize.h"

namespace tflower::kernels {
namespace {

// One output row; kBytes == 0: any pixel size.
template <size_t kBytes>
void CopyRow(const std::byte* row, const int64_t* sources, int64_t count, size_t pixel_bytes, std::byte* to) {
  const size_t bytes = kBytes != 0 ? kBytes : pixel_bytes;
  for (int64_t i = 0; i < count; ++i) std::memcpy(to + static_cast<size_t>(i) * bytes, row + static_cast<size_t>(sources[i]) * bytes, bytes);
}

using CopyFn = void (*)(const std::byte*, const int64_t*, int64_t, size_t, std::byte*);

// Constant sizes spare a call of memcpy per pixel.
CopyFn FindCopy(size_t pixel_bytes) {
  switch (pixel_bytes) {
    case 1: return CopyRow<1>;
    case 2: return CopyRow<2>;
    case 3: return CopyRow<3>;
    case 4: return CopyRow<4>;
    case 12: return CopyRow<12>;
    case 16: return CopyRow<16>;
    default: return CopyRow<0>;
  }
}

}  // namespace

void ResizeNearest(const ResizeShape& s, const void* x, size_t pixel_bytes, void* y, const Parallel& parallel) {
  if (ResizeNearestGroups(s, x, pixel_bytes, y, parallel)) return;
  constexpr int64_t kColumns = 256;  // columns whose coordinates are kept on the stack and used for all rows of a part
  const float scale_h = ResizeScale(s.in_h, s.out_h, s.align_corners), scale_w = ResizeScale(s.in_w, s.out_w, s.align_corners);
  const CopyFn copy = FindCopy(pixel_bytes);
  const size_t in_row = static_cast<size_t>(s.in_w) * pixel_bytes, out_row = static_cast<size_t>(s.out_w) * pixel_bytes;
  const int64_t grain = 1 + static_cast<int64_t>(64 * 1024 / (out_row + 1));
  parallel.For(s.batch * s.out_h, grain, [&](int64_t begin, int64_t end) {
    int64_t columns[kColumns];
    for (int64_t first = 0; first < s.out_w; first += kColumns) {
      const int64_t count = std::min(kColumns, s.out_w - first);
      NearestSources(first, count, scale_w, s.align_corners, s.half_pixel_centers, s.in_w, columns);
      int64_t last = -1;  // the input row, of all images, that the output row above was made of
      for (int64_t r = begin; r < end; ++r) {
        int64_t iy;
        NearestSources(r % s.out_h, 1, scale_h, s.align_corners, s.half_pixel_centers, s.in_h, &iy);
        const int64_t from = r / s.out_h * s.in_h + iy;
        std::byte* to = static_cast<std::byte*>(y) + static_cast<size_t>(r) * out_row + static_cast<size_t>(first) * pixel_bytes;
        if (from == last) std::memcpy(to, to - out_row, static_cast<size_t>(count) * pixel_bytes);
        else copy(static_cast<const std::byte*>(x) + static_cast<size_t>(from) * in_row, columns, count, pixel_bytes, to);
        last = from;
      }
    }
  });
}

}  // namespace tflower::kernels
