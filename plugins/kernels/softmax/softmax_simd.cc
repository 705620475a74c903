// Softmax in three passes over a row: maximum, exponentials and their sum, scale. A row stays in L1 or L2 between them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "softmax/softmax_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "simd/math-inl.h"
#include "simd/short_rows-inl.h"
#include "softmax/softmax.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// A tail lane beyond the row reads `fill`: -inf is neutral for the maximum and its exponential is 0.
V LoadTail(D d, const float* p, size_t n, float fill) {
  return hn::IfThenElse(hn::FirstN(d, n), LoadN(d, p, n), hn::Set(d, fill));
}

// Tail policy, here and below: one masked vector. Four accumulators hide the latency of max (4 cycles at 2 a cycle needs 8 loads
// in flight, and L1 gives 2 a cycle).
float RowMax(const float* x, size_t depth) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const float lowest = -std::numeric_limits<float>::infinity();
  V m0 = hn::Set(d, lowest), m1 = m0, m2 = m0, m3 = m0;
  size_t i = 0;
  for (; i + 4 * lanes <= depth; i += 4 * lanes) {
    m0 = hn::Max(m0, hn::LoadU(d, x + i));
    m1 = hn::Max(m1, hn::LoadU(d, x + i + lanes));
    m2 = hn::Max(m2, hn::LoadU(d, x + i + 2 * lanes));
    m3 = hn::Max(m3, hn::LoadU(d, x + i + 3 * lanes));
  }
  for (; i + lanes <= depth; i += lanes) m0 = hn::Max(m0, hn::LoadU(d, x + i));
  if (i < depth) m1 = hn::Max(m1, LoadTail(d, x + i, depth - i, lowest));
  return ReduceMax(d, hn::Max(hn::Max(m0, m1), hn::Max(m2, m3)));
}

// Returns the sum of exp(beta (x - max)) over n <= 128 * Lanes values; stores the terms when kStore.
template <bool kStore>
HWY_INLINE float ExpBlock(const float* x, size_t n, V beta, V max, float* y) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  V s0 = hn::Zero(d), s1 = s0;
  size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const V e0 = ExpFlushF32(d, hn::Mul(beta, hn::Sub(hn::LoadU(d, x + i), max)));
    const V e1 = ExpFlushF32(d, hn::Mul(beta, hn::Sub(hn::LoadU(d, x + i + lanes), max)));
    s0 = hn::Add(s0, e0);
    s1 = hn::Add(s1, e1);
    if (kStore) {
      hn::StoreU(e0, d, y + i);
      hn::StoreU(e1, d, y + i + lanes);
    }
  }
  for (; i < n; i += lanes) {
    const size_t count = HWY_MIN(lanes, n - i);
    const V e = ExpFlushF32(d, hn::Mul(beta, hn::Sub(LoadN(d, x + i, count), max)));
    s0 = hn::Add(s0, hn::IfThenElseZero(hn::FirstN(d, count), e));
    if (kStore) StoreN(e, d, y + i, count);
  }
  return ReduceSum(d, hn::Add(s0, s1));
}

// The same for a whole row. Blocks of 64 additions a lane are joined in double, so that long rows (vocabularies) lose nothing.
template <bool kStore>
double RowExp(const float* x, size_t depth, float beta, float max, float* y) {
  const D d;
  const V vmax = hn::Set(d, max), vbeta = hn::Set(d, beta);
  const size_t block = 128 * hn::Lanes(d);
  double sum = 0;
  for (size_t i = 0; i < depth; i += block) {
    sum += ExpBlock<kStore>(x + i, HWY_MIN(block, depth - i), vbeta, vmax, kStore ? y + i : nullptr);
  }
  return sum;
}

void ScaleRow(float* y, size_t depth, float factor) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V f = hn::Set(d, factor);
  size_t i = 0;
  for (; i + lanes <= depth; i += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, y + i), f), d, y + i);
  if (i < depth) StoreN(hn::Mul(LoadN(d, y + i, depth - i), f), d, y + i, depth - i);
}

// y = (x - max) - log_sum: two subtractions, so that a large max does not swallow log_sum.
void ShiftRow(const float* x, size_t depth, float max, float log_sum, float* y) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V vmax = hn::Set(d, max), vlog = hn::Set(d, log_sum);
  size_t i = 0;
  for (; i + lanes <= depth; i += lanes) hn::StoreU(hn::Sub(hn::Sub(hn::LoadU(d, x + i), vmax), vlog), d, y + i);
  if (i < depth) StoreN(hn::Sub(hn::Sub(LoadN(d, x + i, depth - i), vmax), vlog), d, y + i, depth - i);
}

// Rows of at most one vector, as many of them as a vector has lanes: they stay in registers. kLog: their logarithms.
template <bool kLog>
void ShortRowsTogether(const float* x, size_t depth, V beta, float* y) {
  const D d;
  RowVectors v, terms;
  HWY_ALIGN float of_row[kRowsTogether];
  LoadRows(x, depth, -std::numeric_limits<float>::infinity(), v);
  hn::Store(CombineEach(v, [](V a, V b) HWY_ATTR { return hn::Max(a, b); }), d, of_row);
  const auto used = hn::FirstN(d, depth);
  for (size_t r = 0; r < kRowsTogether; ++r) {
    v[r] = hn::Sub(v[r], hn::Set(d, of_row[r]));
    terms[r] = hn::IfThenElseZero(used, ExpFlushF32(d, hn::Mul(beta, v[r])));
  }
  const V sums = CombineEach(terms, [](V a, V b) HWY_ATTR { return hn::Add(a, b); });
  if constexpr (kLog) {
    hn::Store(LogF32(d, sums), d, of_row);
    for (size_t r = 0; r < kRowsTogether; ++r) v[r] = hn::Sub(v[r], hn::Set(d, of_row[r]));
  } else {
    hn::Store(hn::Div(hn::Set(d, 1.0f), sums), d, of_row);
    for (size_t r = 0; r < kRowsTogether; ++r) v[r] = hn::Mul(terms[r], hn::Set(d, of_row[r]));
  }
  StoreRows(v, depth, y);
}

// The last ones are padded by copies.
template <bool kLog>
void ShortRows(const float* x, size_t rows, size_t depth, float beta, float* y) {
  const V vbeta = hn::Set(D(), beta);
  for (; rows >= kRowsTogether; rows -= kRowsTogether, x += kRowsTogether * depth, y += kRowsTogether * depth) ShortRowsTogether<kLog>(x, depth, vbeta, y);
  if (rows == 0) return;
  HWY_ALIGN float last[kRowsTogether * kRowsTogether] = {};
  std::copy_n(x, rows * depth, last);
  ShortRowsTogether<kLog>(last, depth, vbeta, last);
  std::copy_n(last, rows * depth, y);
}

void SoftmaxRows(const float* x, size_t rows, size_t depth, float beta, float* y) {
  if (depth <= hn::Lanes(D())) return ShortRows<false>(x, rows, depth, beta, y);
  for (size_t r = 0; r < rows; ++r, x += depth, y += depth) {
    const double sum = RowExp<true>(x, depth, beta, RowMax(x, depth), y);
    ScaleRow(y, depth, static_cast<float>(1.0 / sum));
  }
}

void LogSoftmaxRows(const float* x, size_t rows, size_t depth, float* y) {
  if (depth <= hn::Lanes(D())) return ShortRows<true>(x, rows, depth, 1.0f, y);
  for (size_t r = 0; r < rows; ++r, x += depth, y += depth) {
    const float max = RowMax(x, depth);
    const double sum = RowExp<false>(x, depth, 1.0f, max, nullptr);
    ShiftRow(x, depth, max, static_cast<float>(std::log(sum)), y);
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(SoftmaxRows);
HWY_EXPORT(LogSoftmaxRows);

// Rows worth about 2 us at 2 values/ns.
int64_t RowGrain(size_t depth) { return static_cast<int64_t>(4096 / std::min<size_t>(depth, 4096)); }
}  // namespace

void SoftmaxF32(const float* x, size_t rows, size_t depth, float beta, float* y, const Parallel& parallel) {
  if (depth == 0) return;
  parallel.For(static_cast<int64_t>(rows), RowGrain(depth), [&](int64_t begin, int64_t end) {
    const size_t at = static_cast<size_t>(begin) * depth;
    HWY_DYNAMIC_DISPATCH(SoftmaxRows)(x + at, static_cast<size_t>(end - begin), depth, beta, y + at);
  });
}

void LogSoftmaxF32(const float* x, size_t rows, size_t depth, float* y, const Parallel& parallel) {
  if (depth == 0) return;
  parallel.For(static_cast<int64_t>(rows), RowGrain(depth), [&](int64_t begin, int64_t end) {
    const size_t at = static_cast<size_t>(begin) * depth;
    HWY_DYNAMIC_DISPATCH(LogSoftmaxRows)(x + at, static_cast<size_t>(end - begin), depth, y + at);
  });
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
