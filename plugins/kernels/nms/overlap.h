// How much two boxes overlap.
#pragma once

#include <algorithm>

namespace tflower::kernels {

// [y1, x1, y2, x2], any two opposite corners. In float, as in TF: what lies just at the threshold must fall on the same side.
inline float IntersectionOverUnion(const float* a, const float* b) {
  float area_a = 1, area_b = 1, shared = 1;
  for (int axis = 0; axis < 2; ++axis) {
    const auto [a_low, a_high] = std::minmax(a[axis], a[axis + 2]);
    const auto [b_low, b_high] = std::minmax(b[axis], b[axis + 2]);
    area_a *= a_high - a_low, area_b *= b_high - b_low;
    shared *= std::max(0.0f, std::min(a_high, b_high) - std::max(a_low, b_low));
  }
  return area_a <= 0 || area_b <= 0 ? 0 : shared / (area_a + area_b - shared);
}

}  // namespace tflower::kernels
