// The specification of the float 3-D convolutions: plain loops with double sums.
#include "conv3d/conv3d_f32.h"

namespace tflower::kernels {
namespace {

// The input position that kernel position k reads for result o; false when there is none.
bool Forward(const VolumeAxis& a, int64_t o, int64_t k, int64_t& i) {
  i = o * a.stride + k * a.dilation - a.pad;
  return i >= 0 && i < a.in;
}
bool Transposed(const VolumeAxis& a, int64_t o, int64_t k, int64_t& i) {
  const int64_t scaled = o + a.pad - k * a.dilation;
  i = scaled / a.stride;
  return scaled >= 0 && scaled % a.stride == 0 && i < a.in;
}

using Reads = bool (*)(const VolumeAxis&, int64_t o, int64_t k, int64_t& i);

// weight(tap, c) is the factor of input channel c at kernel position `tap`.
template <class Weight>
double SumAt(const Conv3DShape& s, Reads reads, const float* x, int64_t b, const int64_t (&o)[3], const Weight& weight) {
  double sum = 0.0;
  int64_t tap = 0, i[3];
  for (int64_t kz = 0; kz < s.axes[0].kernel; ++kz) {
    for (int64_t ky = 0; ky < s.axes[1].kernel; ++ky) {
      for (int64_t kx = 0; kx < s.axes[2].kernel; ++kx, ++tap) {
        if (!reads(s.axes[0], o[0], kz, i[0]) || !reads(s.axes[1], o[1], ky, i[1]) || !reads(s.axes[2], o[2], kx, i[2])) continue;
        const float* const voxel = x + (((b * s.axes[0].in + i[0]) * s.axes[1].in + i[1]) * s.axes[2].in + i[2]) * s.in_c;
        for (int64_t c = 0; c < s.in_c; ++c) sum += static_cast<double>(voxel[c]) * weight(tap, c);
      }
    }
  }
  return sum;
}

template <class Weights>
void Convolve(const Conv3DShape& s, Reads reads, const float* x, const float* bias, Clamp clamp, float* y, const Weights& weights) {
  int64_t o[3];
  for (int64_t b = 0; b < s.batch; ++b) {
    for (o[0] = 0; o[0] < s.axes[0].out; ++o[0]) {
      for (o[1] = 0; o[1] < s.axes[1].out; ++o[1]) {
        for (o[2] = 0; o[2] < s.axes[2].out; ++o[2]) {
          for (int64_t n = 0; n < s.out_c; ++n) {
            float v = static_cast<float>((bias != nullptr ? bias[n] : 0.0) + SumAt(s, reads, x, b, o, weights(n)));
            if (v < clamp.lo) v = clamp.lo;  // written so that NaN passes
            if (v > clamp.hi) v = clamp.hi;
            *y++ = v;
          }
        }
      }
    }
  }
}

}  // namespace

void Conv3DRef(const Conv3DShape& s, const float* x, const float* filter, const float* bias, Clamp clamp, float* y) {
  Convolve(s, Forward, x, bias, clamp, y, [&](int64_t n) {
    return [&s, filter, n](int64_t tap, int64_t c) { return filter[(tap * s.in_c + c) * s.out_c + n]; };
  });
}

void TransposeConv3DRef(const Conv3DShape& s, const float* x, const float* filter, const float* bias, Clamp clamp, float* y) {
  Convolve(s, Transposed, x, bias, clamp, y, [&](int64_t n) {
    return [&s, filter, n](int64_t tap, int64_t c) { return filter[(tap * s.out_c + n) * s.in_c + c]; };
  });
}

}  // namespace tflower::kernels
