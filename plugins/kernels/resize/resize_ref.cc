// Bilinear resizing as a plain loop in double over f32 coordinates.
#include "resize/coordinates.h"
#include "resize/resize.h"

namespace tflower::kernels {

void ResizeBilinearRef(const ResizeShape& s, const float* x, float* y) {
  const float scale_h = ResizeScale(s.in_h, s.out_h, s.align_corners), scale_w = ResizeScale(s.in_w, s.out_w, s.align_corners);
  for (int64_t n = 0; n < s.batch; ++n, x += s.in_h * s.in_w * s.channels) {
    for (int64_t oy = 0; oy < s.out_h; ++oy) {
      Lerp v, h;
      BilinearSources(oy, 1, scale_h, s.half_pixel_centers, s.in_h, &v);
      for (int64_t ox = 0; ox < s.out_w; ++ox) {
        BilinearSources(ox, 1, scale_w, s.half_pixel_centers, s.in_w, &h);
        for (int64_t c = 0; c < s.channels; ++c) {
          auto at = [&](int64_t iy, int64_t ix) { return static_cast<double>(x[(iy * s.in_w + ix) * s.channels + c]); };
          const double top = at(v.lower, h.lower) * (1.0 - h.weight) + at(v.lower, h.upper) * h.weight;
          const double bottom = at(v.upper, h.lower) * (1.0 - h.weight) + at(v.upper, h.upper) * h.weight;
          *y++ = static_cast<float>(top * (1.0 - v.weight) + bottom * v.weight);
        }
      }
    }
  }
}

}  // namespace tflower::kernels
