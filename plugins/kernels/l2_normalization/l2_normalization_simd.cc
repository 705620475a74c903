// L2 normalisation in two passes over a row: sum of squares, scale. A row stays in L1 or L2 between them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "l2_normalization/l2_normalization_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "l2_normalization/l2_normalization.h"
#include "simd/compat-inl.h"
#include "simd/short_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// n <= 128 * Lanes values. Four accumulators hide the latency of the multiply-add (4 cycles at 1 or 2 a cycle, and L1 gives 2 loads).
// Tail policy, here and below: masked vectors, whose missing lanes are 0.
float BlockSquares(const float* x, size_t n) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  V s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const V x0 = hn::LoadU(d, x + i), x1 = hn::LoadU(d, x + i + lanes), x2 = hn::LoadU(d, x + i + 2 * lanes), x3 = hn::LoadU(d, x + i + 3 * lanes);
    s0 = hn::MulAdd(x0, x0, s0);
    s1 = hn::MulAdd(x1, x1, s1);
    s2 = hn::MulAdd(x2, x2, s2);
    s3 = hn::MulAdd(x3, x3, s3);
  }
  for (; i < n; i += lanes) {
    const V v = LoadN(d, x + i, HWY_MIN(lanes, n - i));
    s0 = hn::MulAdd(v, v, s0);
  }
  return ReduceSum(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)));
}

// A whole row. Blocks are joined in double, so that long rows lose nothing.
float RowSquares(const float* x, size_t depth) {
  const size_t block = 128 * hn::Lanes(D());
  double sum = 0;
  for (size_t i = 0; i < depth; i += block) sum += static_cast<double>(BlockSquares(x + i, HWY_MIN(block, depth - i)));
  return static_cast<float>(sum);
}

void ScaleRow(const float* x, size_t depth, float factor, float* y) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V f = hn::Set(d, factor);
  size_t i = 0;
  for (; i + lanes <= depth; i += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, x + i), f), d, y + i);
  if (i < depth) StoreN(hn::Mul(LoadN(d, x + i, depth - i), f), d, y + i, depth - i);
}

// Rows of no more values than a vector has lanes. Returns how many rows are done.
size_t NormalizeShortRows(const float* x, size_t rows, size_t depth, float* y) {
  const D d;
  const V smallest = hn::Set(d, kSmallestL2Norm);
  HWY_ALIGN float factors[kRowsTogether];
  size_t r = 0;
  for (; r + kRowsTogether <= rows; r += kRowsTogether, x += kRowsTogether * depth, y += kRowsTogether * depth) {
    RowVectors v, squares;
    LoadRows(x, depth, 0, v);
    TFLOWER_UNROLL
    for (size_t i = 0; i < kRowsTogether; ++i) squares[i] = hn::Mul(v[i], v[i]);
    const V norm = hn::Sqrt(CombineEach(squares, [](V a, V b) HWY_ATTR { return hn::Add(a, b); }));
    hn::Store(hn::Div(hn::Set(d, 1.0f), hn::IfThenElse(hn::Lt(norm, smallest), smallest, norm)), d, factors);
    TFLOWER_UNROLL
    for (size_t i = 0; i < kRowsTogether; ++i) v[i] = hn::Mul(v[i], hn::Set(d, factors[i]));
    StoreRows(v, depth, y);
  }
  return r;
}

void NormalizeRows(const float* x, size_t rows, size_t depth, float* y) {
  if (depth <= hn::Lanes(D())) {
    const size_t done = NormalizeShortRows(x, rows, depth, y);
    x += done * depth, y += done * depth, rows -= done;
  }
  for (size_t r = 0; r < rows; ++r, x += depth, y += depth) {
    const float norm = std::sqrt(RowSquares(x, depth));
    ScaleRow(x, depth, 1.0f / (norm < kSmallestL2Norm ? kSmallestL2Norm : norm), y);
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(NormalizeRows);

// Rows worth about 2 us at 4 values/ns.
int64_t RowGrain(size_t depth) { return static_cast<int64_t>(8192 / std::min<size_t>(depth, 8192)); }
}  // namespace

void L2NormalizeF32(const float* x, size_t rows, size_t depth, float* y, const Parallel& parallel) {
  if (depth == 0) return;
  parallel.For(static_cast<int64_t>(rows), RowGrain(depth), [&](int64_t begin, int64_t end) {
    const size_t at = static_cast<size_t>(begin) * depth;
    HWY_DYNAMIC_DISPATCH(NormalizeRows)(x + at, static_cast<size_t>(end - begin), depth, y + at);
  });
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
