// Depthwise convolution as plain loops in double.
#include "depthwise/depthwise.h"

namespace tflower::kernels {
namespace {

double Taps(const DepthwiseShape& s, const float* image, const float* weights, int64_t oy, int64_t ox, int64_t c) {
  const int64_t channels = s.out_channels();
  double sum = 0;
  for (int64_t ky = 0; ky < s.filter_h; ++ky) {
    const int64_t iy = oy * s.stride_h - s.pad_top + ky * s.dilation_h;
    if (iy < 0 || iy >= s.in_h) continue;
    for (int64_t kx = 0; kx < s.filter_w; ++kx) {
      const int64_t ix = ox * s.stride_w - s.pad_left + kx * s.dilation_w;
      if (ix < 0 || ix >= s.in_w) continue;
      const double v = image[(iy * s.in_w + ix) * s.in_channels + c / s.multiplier];
      sum += v * weights[(ky * s.filter_w + kx) * channels + c];
    }
  }
  return sum;
}

}  // namespace

void DepthwiseF32Ref(const DepthwiseShape& s, const float* x, const float* weights, const float* bias, float lo, float hi, float* y) {
  for (int64_t n = 0; n < s.batch; ++n) {
    const float* image = x + n * s.in_h * s.in_w * s.in_channels;
    for (int64_t oy = 0; oy < s.out_h; ++oy) {
      for (int64_t ox = 0; ox < s.out_w; ++ox) {
        for (int64_t c = 0; c < s.out_channels(); ++c) {
          const float v = static_cast<float>((bias != nullptr ? bias[c] : 0) + Taps(s, image, weights, oy, ox, c));
          *y++ = v < lo ? lo : v > hi ? hi : v;
        }
      }
    }
  }
}

}  // namespace tflower::kernels
