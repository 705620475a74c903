// The part of a pooling window that lies inside the image.
#pragma once

#include <algorithm>
#include <cstdint>

#include "pool/pool.h"

namespace tflower::kernels {

struct Window {
  int64_t y0, y1, x0, x1;  // half-open input coordinates
  int64_t count() const { return (y1 - y0) * (x1 - x0); }
};

inline Window WindowAt(const PoolShape& s, int64_t oy, int64_t ox) {
  const int64_t y = oy * s.stride_h - s.pad_top, x = ox * s.stride_w - s.pad_left;
  return {std::max<int64_t>(y, 0), std::min(y + s.filter_h, s.in_h), std::max<int64_t>(x, 0), std::min(x + s.filter_w, s.in_w)};
}

}  // namespace tflower::kernels
