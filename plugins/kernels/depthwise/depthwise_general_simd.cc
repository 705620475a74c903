// Depthwise convolution of any filter, stride, dilation and number of channels: runs of pixels inside the image four at a time,
// the others one by one with the taps that lie inside.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "depthwise/depthwise_general_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "depthwise/rows.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// Taps [begin, end) whose input coordinate start + tap * dilation lies in [0, size).
struct TapRange {
  int64_t begin, end;
  TapRange(int64_t start, int64_t dilation, int64_t taps, int64_t size)
      : begin(start >= 0 ? 0 : (-start + dilation - 1) / dilation),
        end(start >= size ? 0 : HWY_MIN(taps, (size - 1 - start) / dilation + 1)) {}
};

// The window of a pixel, clipped to the image.
struct Window {
  const float* image;
  int64_t iy, ix;  // input coordinates of tap (0, 0); may lie outside the image
  TapRange rows, columns;
};

// kPixels horizontally neighbouring pixels that share one clipped window shape. kPartial: fewer channels than lanes.
template <int kPixels, bool kPartial>
HWY_INLINE void Pixels(const DepthwiseRows& a, const DepthwiseLayout& layout, const Window& window, float* y) {
  const D d;
  const DepthwiseShape& s = *a.shape;
  const int64_t channels = s.out_channels();
  const size_t n = static_cast<size_t>(channels);
  const int64_t pixel_step = s.stride_w * channels;
  const V lo = hn::Set(d, a.lo), hi = hn::Set(d, a.hi);
  for (int64_t block = 0; block < layout.blocks; ++block) {
    const float* w = a.weights + block * layout.block_floats;
    const int64_t c = layout.Channel(block, channels);
    const V bias = hn::Load(d, w);
    V acc[kPixels];
#pragma GCC unroll 4
    for (int k = 0; k < kPixels; ++k) acc[k] = bias;
    for (int64_t ky = window.rows.begin; ky < window.rows.end; ++ky) {
      const float* row = window.image + (window.iy + ky * s.dilation_h) * s.in_w * channels + c;
      for (int64_t kx = window.columns.begin; kx < window.columns.end; ++kx) {
        const V weight = hn::Load(d, w + (1 + ky * s.filter_w + kx) * layout.lanes);
        const float* p = row + (window.ix + kx * s.dilation_w) * channels;
#pragma GCC unroll 4
        for (int k = 0; k < kPixels; ++k) {
          const V v = kPartial ? LoadN(d, p + k * pixel_step, n) : hn::LoadU(d, p + k * pixel_step);
          acc[k] = hn::MulAdd(v, weight, acc[k]);
        }
      }
    }
#pragma GCC unroll 4
    for (int k = 0; k < kPixels; ++k) {
      const V v = ClampKeepNaN(d, acc[k], lo, hi);
      if (kPartial) StoreN(v, d, y + k * channels, n);
      else hn::StoreU(v, d, y + k * channels + c);
    }
  }
}

template <bool kPartial>
void GeneralRow(const DepthwiseRows& a, const DepthwiseLayout& layout, int64_t n, int64_t oy) {
  const DepthwiseShape& s = *a.shape;
  const int64_t channels = s.out_channels();
  const int64_t iy = oy * s.stride_h - s.pad_top;
  const TapRange rows(iy, s.dilation_h, s.filter_h, s.in_h);
  const int64_t reach = (s.filter_w - 1) * s.dilation_w;
  const float* image = a.x + n * s.in_h * s.in_w * channels;
  float* y = a.y + (n * s.out_h + oy) * s.out_w * channels;
  for (int64_t ox = 0; ox < s.out_w;) {
    const int64_t ix = ox * s.stride_w - s.pad_left;
    const Window window = {image, iy, ix, rows, TapRange(ix, s.dilation_w, s.filter_w, s.in_w)};
    const bool four = ox + 4 <= s.out_w && ix >= 0 && ix + 3 * s.stride_w + reach < s.in_w;
    if (four) Pixels<4, kPartial>(a, layout, window, y + ox * channels);
    else Pixels<1, kPartial>(a, layout, window, y + ox * channels);
    ox += four ? 4 : 1;
  }
}

template <bool kPartial>
void GeneralRows(const DepthwiseRows& a, int64_t begin, int64_t end) {
  const DepthwiseLayout layout(*a.shape, static_cast<int64_t>(hn::Lanes(D())));
  for (; begin < end; ++begin) GeneralRow<kPartial>(a, layout, begin / a.shape->out_h, begin % a.shape->out_h);
}

DepthwiseRowsFn FindGeneral(const DepthwiseShape& s) {
  return s.out_channels() < static_cast<int64_t>(hn::Lanes(D())) ? GeneralRows<true> : GeneralRows<false>;
}

int64_t Lanes() { return static_cast<int64_t>(hn::Lanes(D())); }

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(FindGeneral);
HWY_EXPORT(Lanes);
}  // namespace

DepthwiseRowsFn FindDepthwiseGeneral(const DepthwiseShape& shape) { return HWY_DYNAMIC_DISPATCH(FindGeneral)(shape); }
int64_t DepthwiseLanes() { return HWY_DYNAMIC_DISPATCH(Lanes)(); }

}  // namespace tflower::kernels
#endif  // HWY_ONCE
