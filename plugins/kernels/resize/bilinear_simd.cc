// Bilinear resizing with vectors along the channels or, of few channels, along rows of pixels.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "resize/bilinear_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>

#include "resize/bilinear_strip.h"
#include "resize/coordinates.h"
#include "resize/resize.h"
#include "simd/compat-inl.h"
#include "simd/stream-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// a (1 - w) + b w, as TFLite weighs them: exact for w = 0 and w = 1.
HWY_INLINE V Mix(V a, V b, V one_minus_w, V w) { return hn::MulAdd(b, w, hn::Mul(a, one_minus_w)); }

// y = a (1 - w) + b w.
HWY_INLINE void MixRuns(const float* a, const float* b, float w, size_t n, float* y) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V v = hn::Set(d, w), u = hn::Set(d, 1.0f - w);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(Mix(hn::LoadU(d, a + i), hn::LoadU(d, b + i), u, v), d, y + i);
  if (i < n) StoreN(Mix(LoadN(d, a + i, n - i), LoadN(d, b + i, n - i), u, v), d, y + i, n - i);
}

// An input row mixed horizontally. next: what is likely to be mixed next. What a group's vector puts behind its values the next group overwrites.
template <class Load>
HWY_INLINE void MixGroups(const BilinearStrip& strip, Load load, const float* next, float* to) {
  const D d;
  const hn::RebindToSigned<D> di;
  const hn::Rebind<uint8_t, D> bytes;
  const size_t lanes = hn::Lanes(d);
  const auto& groups = strip.groups;
  const auto pixels = [&](size_t k, size_t g) HWY_ATTR {
    return hn::TableLookupLanes(load(groups.from[k][g]), hn::IndicesFromVec(d, hn::PromoteTo(di, hn::Load(bytes, groups.lane[k].data() + g * lanes))));
  };
  const V one = hn::Set(d, 1.0f);
  for (size_t g = 0; g < static_cast<size_t>(groups.count); ++g) {
    hwy::Prefetch(next + groups.from[0][g]);
    const V w = hn::Load(d, strip.weight.data() + g * lanes);
    hn::StoreU(Mix(pixels(0, g), pixels(1, g), hn::Sub(one, w), w), d, to + groups.to[g]);
  }
}

constexpr int64_t kLine = 64 / sizeof(float);

void MixRow(const BilinearStrip& strip, const float* row, int64_t row_size, const float* next, float* to) {
  const D d;
  int64_t fetched = 0;
  for (int64_t i = 0; i < strip.run_count; ++i) {
    const PixelRun& run = strip.runs[static_cast<size_t>(i)];
    for (fetched = std::max(fetched, run.left); fetched < run.right + run.size; fetched += kLine) hwy::Prefetch(next + fetched);
    MixRuns(row + run.left, row + run.right, run.weight, static_cast<size_t>(run.size), to);
    to += run.size;
  }
  if (strip.run_count > 0) return;
  if (row_size >= static_cast<int64_t>(hn::Lanes(d))) MixGroups(strip, [&](int64_t at) HWY_ATTR { return hn::LoadU(d, row + at); }, next, to);
  else MixGroups(strip, [&](int64_t) HWY_ATTR { return LoadN(d, row, static_cast<size_t>(row_size)); }, next, to);
}

using RowBuffer = float[kStripValues + HWY_MAX_BYTES / sizeof(float)];

// The two input rows, mixed horizontally, that the last output row used: enlarging uses each several times.
class MixedRows {
 public:
  MixedRows(const ResizeShape& s, const float* x, const BilinearStrip& strip) : row_size_(s.in_w * s.channels), x_(x), strip_(strip) {}

  // Row `row` of all images; `other` stays valid.
  const float* Get(int64_t row, int64_t other) {
    for (int i = 0; i < 2; ++i) if (rows_[i] == row) return values_[i];
    const int slot = rows_[0] == other ? 1 : 0;
    rows_[slot] = row;
    const float* const from = x_ + row * row_size_;
    MixRow(strip_, from, row_size_, from + row_size_, values_[slot]);
    return values_[slot];
  }

 private:
  int64_t row_size_;
  const float* x_;
  const BilinearStrip& strip_;
  int64_t rows_[2] = {-1, -1};
  HWY_ALIGN RowBuffer values_[2];
};

// Whether pixels take less than a vector each.
bool IsNarrow(int64_t channels) { return channels < static_cast<int64_t>(hn::Lanes(D())); }

// The strip that begins with output value `first`, the first one of a pixel.
void MakeGroupStrip(const ResizeShape& s, float scale_w, int64_t first, BilinearStrip& strip) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(D()));
  Lerp sources[kStripPixels];
  const int64_t column = first / s.channels, columns = std::min({s.out_w - column, kStripPixels, kStripValues / s.channels});
  BilinearSources(column, columns, scale_w, s.half_pixel_centers, s.in_w, sources);
  MakeGroups<2>(columns, s.channels, s.in_w * s.channels, lanes, [&](int k, int64_t i) { return k == 0 ? sources[i].lower : sources[i].upper; }, strip.groups);
  for (int64_t g = 0; g < strip.groups.count; ++g) {
    float* const weight = strip.weight.data() + g * lanes;
    const int64_t begin = strip.groups.to[static_cast<size_t>(g)], end = strip.groups.to[static_cast<size_t>(g) + 1];
    std::fill_n(weight, lanes, 0.0f);
    for (int64_t i = begin; i < end; ++i) weight[i - begin] = sources[i / s.channels].weight;
  }
  strip.first = first;
  strip.values = strip.groups.values;
}

// Output rows [begin, end), counted over all images, of one strip.
void BilinearRows(const ResizeShape& s, const float* x, float scale_h, const BilinearStrip& strip, bool stream, int64_t begin, int64_t end, float* y) {
  MixedRows rows(s, x, strip);
  HWY_ALIGN RowBuffer result;
  int64_t image = begin / s.out_h, row = begin % s.out_h;
  for (int64_t r = begin; r < end; ++r) {
    Lerp v;
    BilinearSources(row, 1, scale_h, s.half_pixel_centers, s.in_h, &v);
    const int64_t top = image * s.in_h + v.lower, bottom = image * s.in_h + v.upper;
    const float* const upper = rows.Get(top, bottom);
    const float* const lower = rows.Get(bottom, top);
    float* const to = y + r * s.out_w * s.channels + strip.first;
    MixRuns(upper, lower, v.weight, static_cast<size_t>(strip.values), stream ? result : to);
    if (stream) StreamRun(reinterpret_cast<const std::byte*>(result), reinterpret_cast<std::byte*>(to), strip.values * static_cast<int64_t>(sizeof(float)));
    if (++row == s.out_h) row = 0, ++image;
  }
  if (stream) hwy::FlushStream();
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(BilinearRows);
HWY_EXPORT(IsNarrow);
HWY_EXPORT(MakeGroupStrip);

// Pixels of many channels, or a part of one.
void MakeRunStrip(const ResizeShape& s, float scale_w, int64_t first, BilinearStrip& strip) {
  const int64_t column = first / s.channels, part = first % s.channels, size = std::min(s.channels - part, kStripValues);
  const int64_t columns = size < s.channels ? 1 : std::min({s.out_w - column, kStripValues / size, static_cast<int64_t>(strip.runs.size())});
  Lerp sources[kStripValues / kMostGroupLanes];
  BilinearSources(column, columns, scale_w, s.half_pixel_centers, s.in_w, sources);
  for (int64_t i = 0; i < columns; ++i) strip.runs[static_cast<size_t>(i)] = {sources[i].lower * s.channels + part, sources[i].upper * s.channels + part, size, sources[i].weight};
  strip.first = first;
  strip.run_count = columns;
  strip.values = columns * size;
}
}  // namespace

// Strip by strip: what is known of one's columns serves all rows.
void ResizeBilinearF32(const ResizeShape& s, const float* x, float* y, const Parallel& parallel) {
  const float scale_h = ResizeScale(s.in_h, s.out_h, s.align_corners), scale_w = ResizeScale(s.in_w, s.out_w, s.align_corners);
  const int64_t row_size = s.out_w * s.channels, rows = s.batch * s.out_h;
  const bool narrow = HWY_DYNAMIC_DISPATCH(IsNarrow)(s.channels), stream = rows * row_size * static_cast<int64_t>(sizeof(float)) >= kStreamBytes;
  BilinearStrip strip;
  for (int64_t first = 0; first < row_size; first += strip.values) {
    narrow ? HWY_DYNAMIC_DISPATCH(MakeGroupStrip)(s, scale_w, first, strip) : MakeRunStrip(s, scale_w, first, strip);
    parallel.For(rows, 1 + 16384 / (strip.values + 1), [&](int64_t begin, int64_t end) {
      HWY_DYNAMIC_DISPATCH(BilinearRows)(s, x, scale_h, strip, stream, begin, end, y);
    });
  }
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
