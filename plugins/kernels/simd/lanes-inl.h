// Rows of stored numbers of 8 or 16 bits as vectors of 32 bits.
#if defined(TFLOWER_KERNELS_SIMD_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_LANES_INL_H_
#undef TFLOWER_KERNELS_SIMD_LANES_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_LANES_INL_H_
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using LaneTag = hn::ScalableTag<int32_t>;
using LaneVec = hn::Vec<LaneTag>;

// n <= Lanes values of a row, padded with the first one.
template <class T>
HWY_INLINE LaneVec LoadLanes(const T* x, size_t n) {
  const LaneTag d;
  const hn::Rebind<T, LaneTag> narrow;
  if (HWY_LIKELY(n == hn::Lanes(d))) return hn::PromoteTo(d, hn::LoadU(narrow, x));
  HWY_ALIGN T part[HWY_MAX_BYTES / 4];
  for (T& v : part) v = x[0];
  std::memcpy(part, x, n * sizeof(T));
  return hn::PromoteTo(d, hn::Load(narrow, part));
}
template <class T>
HWY_INLINE void StoreLanes(LaneVec v, T* y, size_t n) {
  const LaneTag d;
  const hn::Rebind<T, LaneTag> narrow;
  if (HWY_LIKELY(n == hn::Lanes(d))) return hn::StoreU(hn::DemoteTo(narrow, v), narrow, y);
  HWY_ALIGN T part[HWY_MAX_BYTES / 4];
  hn::Store(hn::DemoteTo(narrow, v), narrow, part);
  std::memcpy(y, part, n * sizeof(T));
}

// f(i, count) for vectors of `count` <= Lanes values from i on.
template <class F>
HWY_INLINE void ForLanes(int64_t n, F f) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(LaneTag()));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(i, static_cast<size_t>(lanes));
  if (i < n) f(i, static_cast<size_t>(n - i));
}

template <class T>
HWY_INLINE int32_t LargestOf(const T* x, int64_t n) {
  LaneVec most = hn::Set(LaneTag(), int32_t{x[0]});
  ForLanes(n, [&](int64_t i, size_t count) HWY_ATTR { most = hn::Max(most, LoadLanes(x + i, count)); });
  return ReduceMax(LaneTag(), most);
}

// The sum of f(i, count) over a row, in 64 bits; f's lanes lie in [0, kMost].
template <int64_t kMost, class F>
HWY_INLINE int64_t SumOf(int64_t n, F f) {
  const LaneTag d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  constexpr int64_t kPart = (int64_t{INT32_MAX} / kMost) / (HWY_MAX_BYTES / 4);  // vectors whose sum, of all lanes, fits in 32 bits
  int64_t total = 0;
  for (int64_t begin = 0; begin < n; begin += kPart * lanes) {
    LaneVec sum = hn::Zero(d);
    ForLanes(HWY_MIN(n - begin, kPart * lanes), [&](int64_t i, size_t count) HWY_ATTR {
      const LaneVec v = f(begin + i, count);
      sum = hn::Add(sum, count == hn::Lanes(d) ? v : hn::IfThenElseZero(hn::FirstN(d, count), v));
    });
    total += ReduceSum(d, sum);
  }
  return total;
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
