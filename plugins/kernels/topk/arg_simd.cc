// Two passes over a row, which stays in L1 or L2: its best value, then the first place that holds it.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "topk/arg_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <limits>
#include <type_traits>

#include "simd/compat-inl.h"
#include "simd/prefetch.h"
#include "simd/short_rows-inl.h"
#include "topk/arg.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

template <bool kMax>
struct Best {
  static constexpr float kStart = kMax ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
  // A NaN in v leaves acc.
  static HWY_INLINE V Step(V acc, V v) {
#if TFLOWER_X86_VECTOR
    return kMax ? hn::Max(v, acc) : hn::Min(v, acc);
#else
    return hn::IfThenElse(kMax ? hn::Gt(v, acc) : hn::Lt(v, acc), v, acc);
#endif
  }
  static HWY_INLINE V Tail(D d, const float* p, size_t n) { return hn::IfThenElse(hn::FirstN(d, n), LoadN(d, p, n), hn::Set(d, kStart)); }
};

template <bool kMax>
float RowBest(const float* x, size_t n) {
  using B = Best<kMax>;
  const D d;
  const size_t lanes = hn::Lanes(d);
  V a = hn::Set(d, B::kStart), b = a, c = a, e = a;
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    TFLOWER_UNROLL
    for (size_t k = 0; k < 4; ++k) PrefetchFar(x + i + k * lanes);
    a = B::Step(a, hn::LoadU(d, x + i));
    b = B::Step(b, hn::LoadU(d, x + i + lanes));
    c = B::Step(c, hn::LoadU(d, x + i + 2 * lanes));
    e = B::Step(e, hn::LoadU(d, x + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) a = B::Step(a, hn::LoadU(d, x + i));
  if (i < n) b = B::Step(b, B::Tail(d, x + i, n - i));
  a = B::Step(B::Step(a, b), B::Step(c, e));
  return kMax ? ReduceMax(d, a) : ReduceMin(d, a);
}

// 0 where none is equal.
int64_t FirstEqual(const float* x, size_t n, float value) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V v = hn::Set(d, value);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto found = hn::FindFirstTrue(d, hn::Eq(hn::LoadU(d, x + i), v));
    if (found >= 0) return static_cast<int64_t>(i) + static_cast<int64_t>(found);
  }
  if (i < n) {
    const auto found = hn::FindFirstTrue(d, hn::And(hn::FirstN(d, n - i), hn::Eq(LoadN(d, x + i, n - i), v)));
    if (found >= 0) return static_cast<int64_t>(i) + static_cast<int64_t>(found);
  }
  return 0;
}

#if HWY_TARGET != HWY_SCALAR
constexpr size_t kMostVectors = 4;
using MaskBits = std::conditional_t<(hn::MaxLanes(D()) > 8), uint16_t, uint8_t>;  // of just the size that is stored: a wider load would wait for it
static_assert(hn::MaxLanes(D()) <= 16);

// Rows of n values, from a vector to kMostVectors of them, as many as a vector has lanes at a time: neither a loop over a row nor a reduction of each. The last
// vector of a row begins so early that it ends with it, so positions in it count from there. Returns how many rows are done.
template <bool kMax, size_t kVectors>
int64_t ArgShortRows(const float* x, int64_t rows, size_t n, int64_t* places) {
  using B = Best<kMax>;
  const D d;
  const size_t lanes = hn::Lanes(d);
  HWY_ALIGN float best[HWY_MAX_BYTES / sizeof(float)];
  int64_t r = 0;
  for (; r + static_cast<int64_t>(kRowsTogether) <= rows; r += static_cast<int64_t>(kRowsTogether)) {
    RowVectors row_best;
    for (size_t k = 0; k < kRowsTogether; ++k) {
      const float* const row = x + (static_cast<size_t>(r) + k) * n;
      V v = hn::Set(d, B::kStart);
      TFLOWER_UNROLL
      for (size_t i = 0; i < kVectors; ++i) {
        PrefetchFar(row + i * lanes);
        v = B::Step(v, hn::LoadU(d, row + HWY_MIN(i * lanes, n - lanes)));
      }
      row_best[k] = v;
    }
    hn::Store(CombineEach(row_best, [](V a, V b) HWY_ATTR { return B::Step(a, b); }), d, best);
    for (size_t k = 0; k < kRowsTogether; ++k) {
      const float* const row = x + (static_cast<size_t>(r) + k) * n;
      const V v = hn::Set(d, best[k]);
      uint64_t found = 0;
      TFLOWER_UNROLL
      for (size_t i = 0; i < kVectors; ++i) {
        const size_t at = HWY_MIN(i * lanes, n - lanes);
        MaskBits bits;
        hn::StoreMaskBits(d, hn::Eq(hn::LoadU(d, row + at), v), reinterpret_cast<uint8_t*>(&bits));
        found |= uint64_t{bits} << at;
      }
      places[r + static_cast<int64_t>(k)] = found == 0 ? 0 : static_cast<int64_t>(hwy::Num0BitsBelowLS1Bit_Nonzero64(found));
    }
  }
  return r;
}

template <bool kMax>
int64_t ArgShortRows(const float* x, int64_t rows, size_t n, int64_t* places) {
  static_assert(kMostVectors == 4);
  switch ((n - 1) / hn::Lanes(D())) {
    case 0: return ArgShortRows<kMax, 1>(x, rows, n, places);
    case 1: return ArgShortRows<kMax, 2>(x, rows, n, places);
    case 2: return ArgShortRows<kMax, 3>(x, rows, n, places);
    default: return ArgShortRows<kMax, 4>(x, rows, n, places);
  }
}
#endif

void ArgRows(bool largest, const float* x, int64_t rows, int64_t n, int64_t* places) {
  const size_t size = static_cast<size_t>(n);
  int64_t r = 0;
#if HWY_TARGET != HWY_SCALAR
  const size_t lanes = hn::Lanes(D());
  if (size >= lanes && size <= kMostVectors * lanes) {
    r = largest ? ArgShortRows<true>(x, rows, size, places) : ArgShortRows<false>(x, rows, size, places);
    x += r * n;
  }
#endif
  for (; r < rows; ++r, x += n) places[r] = FirstEqual(x, size, largest ? RowBest<true>(x, size) : RowBest<false>(x, size));
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(ArgRows);
}  // namespace

void ArgRowsF32(bool largest, const float* x, int64_t rows, int64_t n, int64_t* places) {
  HWY_DYNAMIC_DISPATCH(ArgRows)(largest, x, rows, n, places);
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
