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

// One output pixel of `channels` >= Lanes values. Tail policy: one masked vector.
HWY_INLINE void MixPixel(const float* p00, const float* p01, const float* p10, const float* p11, float wx, float wy, size_t channels,
                         float* y) {
  const D d;
  const size_t lanes = hn::Lanes(d);
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

constexpr int64_t kColumns = 64;

// Input rows of few channels, mixed horizontally for one strip of columns: the two that the last output row used are kept, since enlarging uses
// each several times.
class MixedRows {
 public:
  MixedRows(const ResizeShape& s, const float* x, const Lerp* columns, int64_t count) : s_(s), x_(x), columns_(columns), count_(count), end_(x + s.batch * s.in_h * s.in_w * s.channels) {}

  // Row `row` of all images; `other` stays valid.
  const float* Get(int64_t row, int64_t other) {
    for (int i = 0; i < 2; ++i) if (rows_[i] == row) return values_[i];
    const int slot = rows_[0] == other ? 1 : 0;
    rows_[slot] = row;
    Fill(x_ + row * s_.in_w * s_.channels, values_[slot]);
    return values_[slot];
  }

 private:
  void Fill(const float* from, float* to) const {
    if (s_.channels <= 4) FillBy(hn::CappedTag<float, 4>(), from, to);
    else if (s_.channels <= 8) FillBy(hn::CappedTag<float, 8>(), from, to);
    else FillBy(D(), from, to);
  }
  // d: the fewest lanes that hold a pixel. Whole vectors, since masked ones are slow across cache lines: what they put behind a pixel the next one overwrites,
  // and only behind the image's last pixels there is nothing to read.
  template <class DP>
  HWY_INLINE void FillBy(DP d, const float* from, float* to) const {
    const auto channels = static_cast<size_t>(s_.channels);
    const auto pixel = [&](int64_t column) HWY_ATTR { return from + column * s_.channels; };
    // Sources never decrease: the first columns that read whole vectors.
    int64_t whole = count_;
    while (whole > 0 && end_ - pixel(columns_[whole - 1].upper) < static_cast<int64_t>(hn::Lanes(d))) --whole;
    int64_t o = 0;
    for (; o < whole; ++o, to += channels) {
      const auto w = hn::Set(d, columns_[o].weight), u = hn::Sub(hn::Set(d, 1.0f), w);
      hn::StoreU(hn::MulAdd(hn::LoadU(d, pixel(columns_[o].upper)), w, hn::Mul(hn::LoadU(d, pixel(columns_[o].lower)), u)), d, to);
    }
    for (; o < count_; ++o, to += channels) {
      const auto w = hn::Set(d, columns_[o].weight), u = hn::Sub(hn::Set(d, 1.0f), w);
      hn::StoreU(hn::MulAdd(LoadN(d, pixel(columns_[o].upper), channels), w, hn::Mul(LoadN(d, pixel(columns_[o].lower), channels), u)), d, to);
    }
  }

  const ResizeShape& s_;
  const float* x_;
  const Lerp* columns_;
  int64_t count_;
  const float* end_;
  int64_t rows_[2] = {-1, -1};
  float values_[2][kColumns * HWY_MAX_BYTES / sizeof(float)];
};

// y = a (1 - w) + b w.
void MixRuns(const float* a, const float* b, float w, size_t n, float* y) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V v = hn::Set(d, w), u = hn::Set(d, 1.0f - w);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(Mix(hn::LoadU(d, a + i), hn::LoadU(d, b + i), u, v), d, y + i);
  if (i < n) StoreN(Mix(LoadN(d, a + i, n - i), LoadN(d, b + i, n - i), u, v), d, y + i, n - i);
}

// Output rows [begin, end) of one strip, for images of fewer channels than a vector has lanes (RGB).
void NarrowStrip(const ResizeShape& s, const float* x, float scale_h, const Lerp* columns, int64_t first, int64_t count, int64_t begin, int64_t end,
                 float* y) {
  MixedRows rows(s, x, columns, count);
  for (int64_t r = begin; r < end; ++r) {
    Lerp v;
    BilinearSources(r % s.out_h, 1, scale_h, s.half_pixel_centers, s.in_h, &v);
    const int64_t top = r / s.out_h * s.in_h + v.lower, bottom = r / s.out_h * s.in_h + v.upper;
    const float* const upper = rows.Get(top, bottom);
    const float* const lower = rows.Get(bottom, top);
    MixRuns(upper, lower, v.weight, static_cast<size_t>(count * s.channels), y + (r * s.out_w + first) * s.channels);
  }
}

// Output rows [begin, end) of all images, in strips of columns whose coordinates fit the stack.
void BilinearRows(const ResizeShape& s, const float* x, float scale_h, float scale_w, int64_t begin, int64_t end, float* y) {
  Lerp columns[kColumns];
  for (int64_t first = 0; first < s.out_w; first += kColumns) {
    const int64_t count = HWY_MIN(kColumns, s.out_w - first);
    BilinearSources(first, count, scale_w, s.half_pixel_centers, s.in_w, columns);
    if (s.channels < static_cast<int64_t>(hn::Lanes(D()))) {
      NarrowStrip(s, x, scale_h, columns, first, count, begin, end, y);
      continue;
    }
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
