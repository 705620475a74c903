// Source coordinates of resized pixels.
#include "resize/coordinates.h"

#include <algorithm>
#include <cmath>

namespace tflower::kernels {
namespace {

Lerp BilinearSource(int64_t o, float scale, bool half_pixel_centers, int64_t in) {
  const float at = half_pixel_centers ? (static_cast<float>(o) + 0.5f) * scale - 0.5f : static_cast<float>(o) * scale;
  const int64_t lower = std::max<int64_t>(static_cast<int64_t>(std::floor(at)), 0);
  const int64_t upper = std::min<int64_t>(static_cast<int64_t>(std::ceil(at)), in - 1);
  return {std::min(lower, in - 1), upper, at - static_cast<float>(lower)};
}

int64_t NearestSource(int64_t o, float scale, bool align_corners, bool half_pixel_centers, int64_t in) {
  const float at = (static_cast<float>(o) + (half_pixel_centers ? 0.5f : 0.0f)) * scale;
  const int64_t nearest = static_cast<int64_t>(align_corners ? std::round(at) : std::floor(at));
  return std::clamp<int64_t>(nearest, 0, in - 1);
}

}  // namespace

float ResizeScale(int64_t in, int64_t out, bool align_corners) {
  return align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                  : static_cast<float>(in) / static_cast<float>(out);
}

void BilinearSources(int64_t first, int64_t count, float scale, bool half_pixel_centers, int64_t in, Lerp* sources) {
  for (int64_t i = 0; i < count; ++i) sources[i] = BilinearSource(first + i, scale, half_pixel_centers, in);
}

void NearestSources(int64_t first, int64_t count, float scale, bool align_corners, bool half_pixel_centers, int64_t in, int64_t* sources) {
  for (int64_t i = 0; i < count; ++i) sources[i] = NearestSource(first + i, scale, align_corners, half_pixel_centers, in);
}

}  // namespace tflower::kernels
