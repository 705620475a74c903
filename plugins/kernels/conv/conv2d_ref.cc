// The specification of the float 2-D convolution: plain loops with double sums.
#include "conv/conv2d.h"

namespace tflower::kernels {
namespace {

double SumAt(const Conv2DShape& s, const float* x, const float* filter, int64_t b, int64_t oy, int64_t ox, int64_t o) {
  const int64_t depth = s.in_c / s.groups;
  const int64_t first_c = o / (s.out_c / s.groups) * depth;
  double sum = 0.0;
  for (int64_t ky = 0; ky < s.kernel_h; ++ky) {
    const int64_t iy = oy * s.stride_h + ky * s.dilation_h - s.pad_top;
    if (iy < 0 || iy >= s.in_h) continue;
    for (int64_t kx = 0; kx < s.kernel_w; ++kx) {
      const int64_t ix = ox * s.stride_w + kx * s.dilation_w - s.pad_left;
      if (ix < 0 || ix >= s.in_w) continue;
      for (int64_t c = 0; c < depth; ++c) {
        sum += static_cast<double>(x[((b * s.in_h + iy) * s.in_w + ix) * s.in_c + first_c + c]) *
               filter[((o * s.kernel_h + ky) * s.kernel_w + kx) * depth + c];
      }
    }
  }
  return sum;
}

}  // namespace

void Conv2DRef(const Conv2DShape& s, const float* x, const float* filter, const Epilogue& tail, float* y) {
  const float* residual = tail.residual;
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t oy = 0; oy < s.out_h; ++oy) {
      for (int64_t ox = 0; ox < s.out_w; ++ox) {
        for (int64_t o = 0; o < s.out_c; ++o) {
          float v = static_cast<float>((tail.bias != nullptr ? tail.bias[o] : 0.0) + (residual != nullptr ? *residual++ : 0.0) + SumAt(s, x, filter, b, oy, ox, o));
          if (v < tail.clamp.lo) v = tail.clamp.lo;  // written so that NaN passes
          if (v > tail.clamp.hi) v = tail.clamp.hi;
          *y++ = v;
        }
      }
    }
  }
}

}  // namespace tflower::kernels
