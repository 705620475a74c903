// Rows of fewer values than a vector has lanes: as many rows as lanes at a time, one vector each.
#if defined(TFLOWER_KERNELS_SIMD_SHORT_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_SHORT_ROWS_INL_H_
#undef TFLOWER_KERNELS_SIMD_SHORT_ROWS_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_SHORT_ROWS_INL_H_
#endif

#include <cstddef>

#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kRowsTogether = hn::MaxLanes(hn::ScalableTag<float>());
using RowVectors = hn::Vec<hn::ScalableTag<float>>[kRowsTogether];

#if HWY_TARGET != HWY_SCALAR
// Block g: the blocks of 128 bits of groups[g], combined.
template <size_t kGroups, class V, class Combine>
HWY_INLINE V JoinBlocks(const V (&groups)[kGroups], Combine combine) {
  const hn::ScalableTag<float> d;
  const auto halves = [&](V lower, V upper) HWY_ATTR { return combine(hn::ConcatLowerLower(d, upper, lower), hn::ConcatUpperUpper(d, upper, lower)); };
  if constexpr (kGroups == 1) {
    return groups[0];
  } else if constexpr (kGroups == 2) {
    return halves(groups[0], groups[1]);
  } else {
    static_assert(kGroups == 4);
    const V even = halves(groups[0], groups[2]), odd = halves(groups[1], groups[3]);
    return combine(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(odd), even), hn::OddEvenBlocks(odd, hn::SwapAdjacentBlocks(even)));
  }
}
#endif

// Lane r: the lanes of rows[r], combined. combine(a, b): lane by lane, in whichever order. A tree: each step puts the halves of two vectors together, so that
// it costs fewer instructions than a reduction of each row.
template <class Combine>
HWY_INLINE hn::Vec<hn::ScalableTag<float>> CombineEach(const RowVectors& rows, Combine combine) {
  const hn::ScalableTag<float> d;
#if HWY_TARGET == HWY_SCALAR
  (void)d, (void)combine;
  return rows[0];
#else
  using V = hn::Vec<decltype(d)>;
  const hn::RepartitionToWide<hn::RebindToUnsigned<decltype(d)>> wide;
  constexpr size_t kGroups = kRowsTogether / 4;  // of four rows; as many as a vector has blocks of 128 bits
  V groups[kGroups];                             // in each block: what four lanes of each of the four rows give
  TFLOWER_UNROLL
  for (size_t g = 0; g < kGroups; ++g) {
    const V* const row = rows + 4 * g;
    const V a = combine(hn::InterleaveLower(d, row[0], row[1]), hn::InterleaveUpper(d, row[0], row[1]));
    const V b = combine(hn::InterleaveLower(d, row[2], row[3]), hn::InterleaveUpper(d, row[2], row[3]));
    const auto wide_a = hn::BitCast(wide, a), wide_b = hn::BitCast(wide, b);
    groups[g] = combine(hn::BitCast(d, hn::InterleaveLower(wide, wide_a, wide_b)), hn::BitCast(d, hn::InterleaveUpper(wide, wide_a, wide_b)));
  }
  return JoinBlocks<kGroups>(groups, combine);
#endif
}

// The rows of `depth` <= kRowsTogether values from x on; what is behind them is `rest`. Whole vectors where the next rows have enough values: masked loads are
// several times slower where they cross cache lines.
HWY_INLINE void LoadRows(const float* x, size_t depth, float rest, RowVectors& rows) {
  const hn::ScalableTag<float> d;
  const auto used = hn::FirstN(d, depth);
  const auto fill = hn::Set(d, rest);
  for (size_t r = 0; r < kRowsTogether; ++r) {
    const bool whole = (kRowsTogether - r) * depth >= kRowsTogether;
    rows[r] = hn::IfThenElse(used, whole ? hn::LoadU(d, x + r * depth) : LoadN(d, x + r * depth, depth), fill);
  }
}

// Whole vectors but for the last one: the next row overwrites what they put behind theirs.
HWY_INLINE void StoreRows(const RowVectors& rows, size_t depth, float* y) {
  const hn::ScalableTag<float> d;
  for (size_t r = 0; r + 1 < kRowsTogether; ++r) {
    if ((kRowsTogether - r) * depth >= kRowsTogether) hn::StoreU(rows[r], d, y + r * depth);
    else StoreN(rows[r], d, y + r * depth, depth);
  }
  StoreN(rows[kRowsTogether - 1], d, y + (kRowsTogether - 1) * depth, depth);
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
