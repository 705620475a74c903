// Nearest-neighbour resizing of pixels that take less than a vector each: permutations bring several together.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "resize/nearest_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "resize/coordinates.h"
#include "resize/nearest_groups.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<int32_t>;
using V = hn::Vec<D>;

// Whether two pixels of so many words fit a vector.
bool GainsByGroups(int64_t words) { return words * 2 <= static_cast<int64_t>(hn::Lanes(D())); }

void MakeNearestStrip(const ResizeShape& s, float scale_w, int64_t first, int64_t words, NearestStrip& strip) {
  int64_t sources[kNearestColumns];
  const int64_t columns = std::min(s.out_w - first, kNearestColumns);
  NearestSources(first, columns, scale_w, s.align_corners, s.half_pixel_centers, s.in_w, sources);
  MakeGroups<1>(columns, words, s.in_w * words, static_cast<int64_t>(hn::Lanes(D())), [&](int, int64_t column) { return sources[column]; }, strip);
}

// One output row of a strip. load: a vector of an input row, from where groups say.
template <class Load>
HWY_INLINE void CopyGroups(const NearestStrip& strip, Load load, int32_t* to) {
  const D d;
  const hn::Rebind<uint8_t, D> bytes;
  const size_t lanes = hn::Lanes(d);
  for (size_t g = 0; g < static_cast<size_t>(strip.count); ++g) {
    const V v = hn::TableLookupLanes(load(strip.from[0][g]), hn::IndicesFromVec(d, hn::PromoteTo(d, hn::Load(bytes, strip.lane[0].data() + g * lanes))));
    const auto at = static_cast<size_t>(strip.to[g]);
    // What is behind a group's values the next one overwrites.
    if (at + lanes <= static_cast<size_t>(strip.values)) hn::StoreU(v, d, to + at);
    else StoreN(v, d, to + at, static_cast<size_t>(strip.to[g + 1]) - at);
  }
}

// Output rows [begin, end), counted over all images, of the strip that begins with column `first`.
void NearestRows(const ResizeShape& s, const int32_t* x, int64_t words, float scale_h, const NearestStrip& strip, int64_t first, int64_t begin, int64_t end, int32_t* y) {
  const D d;
  const int64_t row_size = s.in_w * words, out_size = s.out_w * words;
  const bool whole = row_size >= static_cast<int64_t>(hn::Lanes(d));
  int64_t image = begin / s.out_h, row = begin % s.out_h, last = -1;
  for (int64_t r = begin; r < end; ++r) {
    int64_t source;
    NearestSources(row, 1, scale_h, s.align_corners, s.half_pixel_centers, s.in_h, &source);
    source += image * s.in_h;
    const int32_t* const from = x + source * row_size;
    int32_t* const to = y + r * out_size + first * words;
    if (source == last) std::memcpy(to, to - out_size, static_cast<size_t>(strip.values) * sizeof(int32_t));
    else if (whole) CopyGroups(strip, [&](int64_t at) HWY_ATTR { return hn::LoadU(d, from + at); }, to);
    else CopyGroups(strip, [&](int64_t) HWY_ATTR { return LoadN(d, from, static_cast<size_t>(row_size)); }, to);
    last = source;
    if (++row == s.out_h) row = 0, ++image;
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(GainsByGroups);
HWY_EXPORT(MakeNearestStrip);
HWY_EXPORT(NearestRows);
}  // namespace

bool ResizeNearestGroups(const ResizeShape& s, const void* x, size_t pixel_bytes, void* y, const Parallel& parallel) {
  const auto words = static_cast<int64_t>(pixel_bytes / sizeof(int32_t));
  if (pixel_bytes % sizeof(int32_t) != 0 || !HWY_DYNAMIC_DISPATCH(GainsByGroups)(words)) return false;
  const float scale_h = ResizeScale(s.in_h, s.out_h, s.align_corners), scale_w = ResizeScale(s.in_w, s.out_w, s.align_corners);
  NearestStrip strip;
  for (int64_t first = 0; first < s.out_w; first += strip.columns) {
    HWY_DYNAMIC_DISPATCH(MakeNearestStrip)(s, scale_w, first, words, strip);
    parallel.For(s.batch * s.out_h, 1 + 16384 / (strip.values + 1), [&](int64_t begin, int64_t end) {
      HWY_DYNAMIC_DISPATCH(NearestRows)(s, static_cast<const int32_t*>(x), words, scale_h, strip, first, begin, end, static_cast<int32_t*>(y));
    });
  }
  return true;
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
