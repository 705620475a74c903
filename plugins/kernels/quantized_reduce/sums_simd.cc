// Quantised sums, compiled once per SIMD target: along rows, or lane by lane where the innermost dimension stays.
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "quantized_reduce/sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_reduce/sums_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<int32_t>;
using V = hn::Vec<D>;
constexpr int64_t kTogether = 64;  // results

#if HWY_TARGET == HWY_SCALAR
template <class T>
uint32_t SumRow(const T* x, int64_t n) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<uint32_t>(int32_t{x[i]});
  return sum;
}
#else
// Bytes, eight to a sum: signed ones with 128 added.
template <class T>
uint32_t SumRow(const T* x, int64_t n) {
  const hn::ScalableTag<uint8_t> d;
  const hn::Repartition<uint64_t, decltype(d)> wide;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const uint8_t shift = std::is_signed_v<T> ? 128 : 0;
  const auto flip = hn::Set(d, shift);
  auto even = hn::Zero(wide), odd = even;
  const auto load = [&](const uint8_t* from) HWY_ATTR { return hn::SumsOf8(hn::Xor(hn::LoadU(d, from), flip)); };
  const uint8_t* from = reinterpret_cast<const uint8_t*>(x);
  int64_t left = n;
  for (; left >= 2 * lanes; left -= 2 * lanes, from += 2 * lanes) even = hn::Add(even, load(from)), odd = hn::Add(odd, load(from + lanes));
  if (left >= lanes) even = hn::Add(even, load(from)), left -= lanes, from += lanes;
  uint32_t rest = 0;
  for (; left > 0; --left, ++from) rest += static_cast<uint32_t>(*from ^ shift);
  return static_cast<uint32_t>(ReduceSum(wide, hn::Add(even, odd))) + rest - static_cast<uint32_t>(n) * shift;
}

// Four vectors at a time hide the latency of the additions.
template <>
uint32_t SumRow(const int16_t* x, int64_t n) {
  const D d;
  const hn::Rebind<int16_t, D> narrow;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  V sums[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    TFLOWER_UNROLL
    for (int64_t v = 0; v < 4; ++v) sums[v] = hn::Add(sums[v], hn::PromoteTo(d, hn::LoadU(narrow, x + i + v * lanes)));
  }
  for (; i + lanes <= n; i += lanes) sums[0] = hn::Add(sums[0], hn::PromoteTo(d, hn::LoadU(narrow, x + i)));
  uint32_t sum = static_cast<uint32_t>(ReduceSum(d, hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]))));
  for (; i < n; ++i) sum += static_cast<uint32_t>(int32_t{x[i]});
  return sum;
}
#endif

template <class T>
int32_t SumBehind(const ReduceWalk& walk, const T* x, int64_t o) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(walk.Base(o), i);
    for (int64_t r = 0; r < run.rows; ++r) sum += SumRow(x + run.offset + r * run.stride, walk.inner());
  }
  return static_cast<int32_t>(sum);
}

// Sums of `count` neighbouring columns behind one base, at most a whole number of vectors at a time.
template <class T, int kVectors>
HWY_INLINE void AddColumns(const ReduceWalk& walk, const T* x, int64_t base, int32_t* sums) {
  const D d;
  const hn::Rebind<T, D> narrow;
  V acc[kVectors];
  TFLOWER_UNROLL
  for (int v = 0; v < kVectors; ++v) acc[v] = hn::Zero(d);
  for (int64_t i = 0; i < walk.runs(); ++i) {
    const ReduceWalk::Run run = walk.RunAt(base, i);
    const T* row = x + run.offset;
    for (int64_t r = 0; r < run.rows; ++r, row += run.stride) {
      TFLOWER_UNROLL
      for (int v = 0; v < kVectors; ++v) acc[v] = hn::Add(acc[v], hn::PromoteTo(d, hn::LoadU(narrow, row + static_cast<size_t>(v) * hn::Lanes(d))));
    }
  }
  TFLOWER_UNROLL
  for (int v = 0; v < kVectors; ++v) hn::StoreU(acc[v], d, sums + static_cast<size_t>(v) * hn::Lanes(d));
}

template <class T>
void SumColumns(const ReduceWalk& walk, const T* x, int64_t base, int64_t count, int32_t* sums) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(D()));
  int64_t n = 0;
  for (; n + 4 * lanes <= count; n += 4 * lanes) AddColumns<T, 4>(walk, x + n, base, sums + n);
  for (; n + lanes <= count; n += lanes) AddColumns<T, 1>(walk, x + n, base, sums + n);
  for (; n < count; ++n) {
    uint32_t sum = 0;
    for (int64_t i = 0; i < walk.runs(); ++i) {
      const ReduceWalk::Run run = walk.RunAt(base, i);
      for (int64_t r = 0; r < run.rows; ++r) sum += static_cast<uint32_t>(int32_t{x[run.offset + r * run.stride + n]});
    }
    sums[n] = static_cast<int32_t>(sum);
  }
}

template <class T>
void Finish(const QuantizedSums& q, const int32_t* sums, int64_t count, T* to) {
  const D d;
  const hn::Rebind<T, D> narrow;
  const UniformFactor<D> factor(q.factor);
  const V offset = hn::Set(d, q.offset), zero = hn::Set(d, q.zero), lo = hn::Set(d, q.bounds.lo - q.zero), hi = hn::Set(d, q.bounds.hi - q.zero);
  HWY_ALIGN T stored[kTogether + HWY_MAX_BYTES];
  for (int64_t i = 0; i < count; i += static_cast<int64_t>(hn::Lanes(d))) {
    const V v = factor.Scale(d, hn::Add(hn::Load(d, sums + i), offset));
    hn::StoreU(hn::DemoteTo(narrow, hn::Add(hn::Min(hn::Max(v, lo), hi), zero)), narrow, stored + i);
  }
  std::memcpy(to, stored, static_cast<size_t>(count) * sizeof(T));
}

template <class T>
void Run(const QuantizedSums& q, const T* x, int64_t begin, int64_t end, T* to) {
  const ReduceWalk walk(*q.plan);
  HWY_ALIGN int32_t sums[kTogether + HWY_MAX_BYTES / 4] = {};
  const int64_t inner = walk.inner();
  for (int64_t o = begin, count; o < end; o += count) {
    count = std::min(kTogether, end - o);
    if (q.plan->inner_reduced) {
      const bool rows = q.plan->rank == 2;  // one behind the other
      for (int64_t i = 0; i < count; ++i) sums[i] = rows ? static_cast<int32_t>(SumRow(x + (o + i) * inner, inner)) : SumBehind(walk, x, o + i);
    } else {
      count = std::min(count, inner - o % inner);
      SumColumns(walk, x + o % inner, walk.Base(o / inner), count, sums);
    }
    Finish(q, sums, count, to + o);
  }
}

void RunSums(const QuantizedSums& q, const void* x, int64_t begin, int64_t end, void* to) {
  VisitQuantized(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), begin, end, static_cast<T*>(to)); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunSums);
}  // namespace

void RunQuantizedSums(const QuantizedSums& q, const void* x, int64_t begin, int64_t end, void* to) { HWY_DYNAMIC_DISPATCH(RunSums)(q, x, begin, end, to); }

}  // namespace tflower::kernels
#endif
