// The specification of the float transposed convolution: plain loops with double sums.
#include "transpose_conv/transpose_conv.h"

namespace tflower::kernels {
namespace {

// The input position that tap k brings to result position o, or -1.
int64_t InputOf(int64_t o, int64_t k, int64_t pad, int64_t stride, int64_t input) {
  const int64_t scaled = o + pad - k;
  if (scaled < 0 || scaled % stride != 0 || scaled / stride >= input) return -1;
  return scaled / stride;
}

double SumAt(const TransposeConvShape& s, const float* x, const float* filter, int64_t b, int64_t oy, int64_t ox, int64_t o) {
  double sum = 0.0;
  for (int64_t ky = 0; ky < s.kernel_h; ++ky) {
    const int64_t iy = InputOf(oy, ky, s.pad_top, s.stride_h, s.in_h);
    if (iy < 0) continue;
    for (int64_t kx = 0; kx < s.kernel_w; ++kx) {
      const int64_t ix = InputOf(ox, kx, s.pad_left, s.stride_w, s.in_w);
      if (ix < 0) continue;
      for (int64_t c = 0; c < s.in_c; ++c) {
        sum += static_cast<double>(x[((b * s.in_h + iy) * s.in_w + ix) * s.in_c + c]) *
               filter[((o * s.kernel_h + ky) * s.kernel_w + kx) * s.in_c + c];
      }
    }
  }
  return sum;
}

}  // namespace

void TransposeConvRef(const TransposeConvShape& s, const float* x, const float* filter, const float* bias, Clamp clamp,
                      float* y) {
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t oy = 0; oy < s.out_h; ++oy) {
      for (int64_t ox = 0; ox < s.out_w; ++ox) {
        for (int64_t o = 0; o < s.out_c; ++o) {
          float v = static_cast<float>((bias != nullptr ? bias[o] : 0.0) + SumAt(s, x, filter, b, oy, ox, o));
          if (v < clamp.lo) v = clamp.lo;  // written so that NaN passes
          if (v > clamp.hi) v = clamp.hi;
          *y++ = v;
        }
      }
    }
  }
}

}  // namespace tflower::kernels
