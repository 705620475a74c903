// Bilinear resizing with vectors along the channels or, of few channels, along rows of pixels.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "resize/bilinear_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>

#include "resize/coordinates.h"
#include "resize/narrow_strip.h"
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
  MixedRows(const ResizeShape& s, const float* x, const NarrowStrip& strip) : row_size_(s.in_w * s.channels), x_(x), strip_(strip) {}

  // Row `row` of all images; `other` stays valid.
  const float* Get(int64_t row, int64_t other) {
    for (int i = 0; i < 2; ++i) if (rows_[i] == row) return values_[i];
    const int slot = rows_[0] == other ? 1 : 0;
    rows_[slot] = row;
    const D d;
    const float* const from = x_ + row * row_size_;
    if (row_size_ >= static_cast<int64_t>(hn::Lanes(d))) Fill([&](int64_t at) HWY_ATTR { return hn::LoadU(d, from + at); }, from + row_size_, values_[slot]);
    else Fill([&](int64_t) HWY_ATTR { return LoadN(d, from, static_cast<size_t>(row_size_)); }, from + row_size_, values_[slot]);
    return values_[slot];
  }

 private:
  // What a group's vector puts behind its values the next group overwrites. next: the row below, which is likely to be next.
  template <class Load>
  HWY_INLINE void Fill(Load load, const float* next, float* to) const {
    const D d;
    const hn::RebindToSigned<D> di;
    const hn::Rebind<uint8_t, D> bytes;
    const size_t lanes = hn::Lanes(d);
    const auto& groups = strip_.groups;
    const auto pixels = [&](size_t k, size_t g) HWY_ATTR {
      return hn::TableLookupLanes(load(groups.from[k][g]), hn::IndicesFromVec(d, hn::PromoteTo(di, hn::Load(bytes, groups.lane[k].data() + g * lanes))));
    };
    const V one = hn::Set(d, 1.0f);
    for (size_t g = 0; g < static_cast<size_t>(groups.count); ++g) {
      hwy::Prefetch(next + groups.from[0][g]);
      const V w = hn::Load(d, strip_.weight.data() + g * lanes);
      hn::StoreU(Mix(pixels(0, g), pixels(1, g), hn::Sub(one, w), w), d, to + groups.to[g]);
    }
  }

  int64_t row_size_;
  const float* x_;
  const NarrowStrip& strip_;
  int64_t rows_[2] = {-1, -1};
  HWY_ALIGN float values_[2][kNarrowValues + HWY_MAX_BYTES / sizeof(float)];
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

// Whether pixels take less than a vector each.
bool IsNarrow(int64_t channels) { return channels < static_cast<int64_t>(hn::Lanes(D())); }

void MakeNarrowStrip(const ResizeShape& s, float scale_w, int64_t first, NarrowStrip& strip) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(D()));
  Lerp sources[kNarrowColumns];
  const int64_t columns = std::min({s.out_w - first, kNarrowColumns, kNarrowValues / s.channels});
  BilinearSources(first, columns, scale_w, s.half_pixel_centers, s.in_w, sources);
  strip.first = first;
  MakeGroups<2>(columns, s.channels, s.in_w * s.channels, lanes, [&](int k, int64_t column) { return k == 0 ? sources[column].lower : sources[column].upper; }, strip.groups);
  for (int64_t g = 0; g < strip.groups.count; ++g) {
    float* const weight = strip.weight.data() + g * lanes;
    const int64_t begin = strip.groups.to[static_cast<size_t>(g)], end = strip.groups.to[static_cast<size_t>(g) + 1];
    std::fill_n(weight, lanes, 0.0f);
    for (int64_t i = begin; i < end; ++i) weight[i - begin] = sources[i / s.channels].weight;
  }
}

// Output rows [begin, end) of one strip, for images of fewer channels than a vector has lanes (RGB).
void NarrowRows(const ResizeShape& s, const float* x, float scale_h, const NarrowStrip& strip, int64_t begin, int64_t end, float* y) {
  MixedRows rows(s, x, strip);
  int64_t image = begin / s.out_h, row = begin % s.out_h;
  for (int64_t r = begin; r < end; ++r) {
    Lerp v;
    BilinearSources(row, 1, scale_h, s.half_pixel_centers, s.in_h, &v);
    const int64_t top = image * s.in_h + v.lower, bottom = image * s.in_h + v.upper;
    const float* const upper = rows.Get(top, bottom);
    const float* const lower = rows.Get(bottom, top);
    MixRuns(upper, lower, v.weight, static_cast<size_t>(strip.groups.values), y + (r * s.out_w + strip.first) * s.channels);
    if (++row == s.out_h) row = 0, ++image;
  }
}

// Output rows [begin, end) of all images, in strips of columns whose coordinates fit the stack.
void BilinearRows(const ResizeShape& s, const float* x, float scale_h, float scale_w, int64_t begin, int64_t end, float* y) {
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
HWY_EXPORT(IsNarrow);
HWY_EXPORT(MakeNarrowStrip);
HWY_EXPORT(NarrowRows);

// Strip by strip: what is known of one's columns serves all rows.
void ResizeNarrow(const ResizeShape& s, const float* x, float scale_h, float scale_w, float* y, const Parallel& parallel) {
  NarrowStrip strip;
  for (int64_t first = 0; first < s.out_w; first += strip.groups.columns) {
    HWY_DYNAMIC_DISPATCH(MakeNarrowStrip)(s, scale_w, first, strip);
    parallel.For(s.batch * s.out_h, 1 + 16384 / (strip.groups.values + 1), [&](int64_t begin, int64_t end) {
      HWY_DYNAMIC_DISPATCH(NarrowRows)(s, x, scale_h, strip, begin, end, y);
    });
  }
}
}  // namespace

void ResizeBilinearF32(const ResizeShape& s, const float* x, float* y, const Parallel& parallel) {
  const float scale_h = ResizeScale(s.in_h, s.out_h, s.align_corners), scale_w = ResizeScale(s.in_w, s.out_w, s.align_corners);
  if (HWY_DYNAMIC_DISPATCH(IsNarrow)(s.channels)) return ResizeNarrow(s, x, scale_h, scale_w, y, parallel);
  const int64_t grain = 1 + 16384 / (s.out_w * s.channels + 1);
  parallel.For(s.batch * s.out_h, grain, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(BilinearRows)(s, x, scale_h, scale_w, begin, end, y);
  });
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
