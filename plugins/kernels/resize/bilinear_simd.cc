// Bilinear resizing with vectors along the channels.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "resize/bilinear_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "resize/coordinates.h"
#include "resize/resize.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// a (1 - w) + b w, as TFLite weighs them: exact for w = 0 and w = 1.
HWY_INLINE V Mix(V a, V b, V one_minus_w, V w) { return hn::MulAdd(b, w, hn::Mul(a, one_minus_w)); }

// One output pixel of `channels` values. Tail policy: one masked vector; fewer channels than lanes (RGB images)
// are scalar where masking is slow.
HWY_INLINE void MixPixel(const float* p00, const float* p01, const float* p10, const float* p11, float wx, float wy, size_t channels,
                         float* y) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  if (!kMaskedMemory && channels < lanes) {
    for (size_t c = 0; c < channels; ++c) {
      const float top = p00[c] * (1.0f - wx) + p01[c] * wx, bottom = p10[c] * (1.0f - wx) + p11[c] * wx;
      y[c] = top * (1.0f - wy) + bottom * wy;
    }
    return;
  }
  const V vx = hn::Set(d, wx), ux = hn::Set(d, 1.0f - wx), vy = hn::Set(d, wy), uy = hn::Set(d, 1.0f - wy);
  size_t c = 0;
  for (; c + lanes <= channels; c += lanes) {
    const V top = Mix(hn::LoadU(d, p00 + c), hn::LoadU(d, p01 + c), ux, vx);
    const V bottom = Mix(hn::LoadU(d, p10 + c), hn::LoadU(d, p11 + c), ux, vx);
    hn::StoreU(Mix(top, bottom, uy, vy), d, y + c);
  }
  if (c == channels) return;
  const size_t n = channels - c;
  const V top = Mix(LoadN(d, p00 + c, n), LoadN(d, p01 + c, n), ux, vx);
  const V bottom = Mix(LoadN(d, p10 + c, n), LoadN(d, p11 + c, n), ux, vx);
  StoreN(Mix(top, bottom, uy, vy), d, y + c, n);
}

// Output rows [begin, end) of all images, in strips of columns whose coordinates fit the stack.
void BilinearRows(const ResizeShape& s, const float* x, float scale_h, float scale_w, int64_t begin, int64_t end, float* y) {
  constexpr int64_t kColumns = 64;
  Lerp columns[kColumns];
  for (int64_t first = 0; first < s.out_w; first += kColumns) {
    const int64_t count = HWY_MIN(kColumns, s.out_w - first);
    BilinearSources(first, count, scale_w, s.half_pixel_centers, s.in_w, columns);
    for (int64_t r = begin; r < end; ++r) {
      Lerp v;
      BilinearSources(r % s.out_h, 1, scale_h, s.half_pixel_centers, s.in_h, &v);
      const float* image = x + r / s.out_h * s.in_h * s.in_w * s.channels;
      const float* top = image + v.lower * s.in_w * s.channels;
      const float* bottom = image + v.upper * s.in_w * s.channels;
      float* pixel = y + (r * s.out_w + first) * s.channels;
      for (int64_t o = 0; o < count; ++o, pixel += s.channels) {
        const int64_t left = columns[o].lower * s.channels, right = columns[o].upper * s.channels;
        MixPixel(top + left, top + right, bottom + left, bottom + right, columns[o].weight, v.weight, static_cast<size_t>(s.channels), pixel);
      }
    }
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(BilinearRows);
}  // namespace

void ResizeBilinearF32(const ResizeShape& s, const float* x, float* y, const Parallel& parallel) {
  const float scale_h = ResizeScale(s.in_h, s.out_h, s.align_corners), scale_w = ResizeScale(s.in_w, s.out_w, s.align_corners);
  const int64_t grain = 1 + 16384 / (s.out_w * s.channels + 1);
  parallel.For(s.batch * s.out_h, grain, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(BilinearRows)(s, x, scale_h, scale_w, begin, end, y);
  });
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
