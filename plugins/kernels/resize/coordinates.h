// Source coordinates of resized pixels along one dimension, in f32 as TFLite computes them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace tflower::kernels {

inline float ResizeScale(int64_t in, int64_t out, bool align_corners) {
  return align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                  : static_cast<float>(in) / static_cast<float>(out);
}

// The two neighbours of an output pixel and the weight of the second one (outside [0, 1] only when both are the same pixel).
struct Lerp {
  int64_t lower, upper;
  float weight;
};

inline Lerp BilinearSource(int64_t o, float scale, bool half_pixel_centers, int64_t in) {
  const float at = half_pixel_centers ? (static_cast<float>(o) + 0.5f) * scale - 0.5f : static_cast<float>(o) * scale;
  const int64_t lower = std::max<int64_t>(static_cast<int64_t>(std::floor(at)), 0);
  const int64_t upper = std::min<int64_t>(static_cast<int64_t>(std::ceil(at)), in - 1);
  return {std::min(lower, in - 1), upper, at - static_cast<float>(lower)};
}

inline int64_t NearestSource(int64_t o, float scale, bool align_corners, bool half_pixel_centers, int64_t in) {
  const float at = (static_cast<float>(o) + (half_pixel_centers ? 0.5f : 0.0f)) * scale;
  const int64_t nearest = static_cast<int64_t>(align_corners ? std::round(at) : std::floor(at));
  return std::clamp<int64_t>(nearest, 0, in - 1);
}

}  // namespace tflower::kernels
