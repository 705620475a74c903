// Nearest-neighbour resizing of pixels that take less than a vector each: permutations bring several together.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "resize/nearest_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "resize/coordinates.h"
#include "resize/nearest_groups.h"
#include "simd/compat-inl.h"
#include "simd/stream-inl.h"

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

// One output row of a strip. load: a vector of an input row, from where groups say. next: the input row that is likely to be next. What is behind a group's
// values the next one overwrites.
template <class Load>
HWY_INLINE void CopyGroups(const NearestStrip& strip, Load load, const int32_t* next, int32_t* to) {
  const D d;
  const hn::Rebind<uint8_t, D> bytes;
  const size_t lanes = hn::Lanes(d);
  for (size_t g = 0; g < static_cast<size_t>(strip.count); ++g) {
    hwy::Prefetch(next + strip.from[0][g]);
    hn::StoreU(hn::TableLookupLanes(load(strip.from[0][g]), hn::IndicesFromVec(d, hn::PromoteTo(d, hn::Load(bytes, strip.lane[0].data() + g * lanes)))), d, to + strip.to[g]);
  }
}

// Output rows [begin, end), counted over all images, of the strip that begins with column `first`. A row is made in the cache; enlarging, it is written several times.
void NearestRows(const ResizeShape& s, const int32_t* x, int64_t words, float scale_h, const NearestStrip& strip, int64_t first, bool stream, int64_t begin, int64_t end, int32_t* y) {
  const D d;
  HWY_ALIGN int32_t result[kMostGroups * kMostGroupLanes + HWY_MAX_BYTES / sizeof(int32_t)];
  const int64_t row_size = s.in_w * words, out_size = s.out_w * words, bytes = strip.values * static_cast<int64_t>(sizeof(int32_t));
  const bool whole = row_size >= static_cast<int64_t>(hn::Lanes(d));
  const int64_t ahead = std::max<int64_t>(1, s.in_h / s.out_h) * row_size;
  int64_t image = begin / s.out_h, row = begin % s.out_h, last = -1;
  for (int64_t r = begin; r < end; ++r) {
    int64_t source;
    NearestSources(row, 1, scale_h, s.align_corners, s.half_pixel_centers, s.in_h, &source);
    source += image * s.in_h;
    const int32_t* const from = x + source * row_size;
    if (source != last) {
      if (whole) CopyGroups(strip, [&](int64_t at) HWY_ATTR { return hn::LoadU(d, from + at); }, from + ahead, result);
      else CopyGroups(strip, [&](int64_t) HWY_ATTR { return LoadN(d, from, static_cast<size_t>(row_size)); }, from, result);
    }
    WriteRun(reinterpret_cast<const std::byte*>(result), reinterpret_cast<std::byte*>(y + r * out_size + first * words), bytes, stream);
    last = source;
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
HWY_EXPORT(GainsByGroups);
HWY_EXPORT(MakeNearestStrip);
HWY_EXPORT(NearestRows);
}  // namespace

bool ResizeNearestGroups(const ResizeShape& s, const void* x, size_t pixel_bytes, void* y, const Parallel& parallel) {
  const auto words = static_cast<int64_t>(pixel_bytes / sizeof(int32_t));
  if (pixel_bytes % sizeof(int32_t) != 0 || !HWY_DYNAMIC_DISPATCH(GainsByGroups)(words)) return false;
  const float scale_h = ResizeScale(s.in_h, s.out_h, s.align_corners), scale_w = ResizeScale(s.in_w, s.out_w, s.align_corners);
  const bool stream = s.batch * s.out_h * s.out_w * static_cast<int64_t>(pixel_bytes) >= kStreamBytes;
  NearestStrip strip;
  for (int64_t first = 0; first < s.out_w; first += strip.columns) {
    HWY_DYNAMIC_DISPATCH(MakeNearestStrip)(s, scale_w, first, words, strip);
    parallel.For(s.batch * s.out_h, 1 + 16384 / (strip.values + 1), [&](int64_t begin, int64_t end) {
      HWY_DYNAMIC_DISPATCH(NearestRows)(s, static_cast<const int32_t*>(x), words, scale_h, strip, first, stream, begin, end, static_cast<int32_t*>(y));
    });
  }
  return true;
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
