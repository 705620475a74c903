// Products with an unpacked B, compiled once per SIMD target: dot products with the rows of a transposed B, and sums of rows of B.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "gemm/dot.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gemm/dot_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

// kRows rows of A times kColumns columns of B. At least 8 sums hide the latency of the FMA.
template <int kRows, int kColumns>
HWY_INLINE void DotTile(const GemmProblem& g, size_t b_stride, size_t m, size_t n) {
  const TileTag d;
  const size_t lanes = hn::Lanes(d), depth = g.depth;
  const float* const a = g.a + m * g.a_stride;
  const float* const b = g.b + n * b_stride;
  TileVec acc[kRows][kColumns];
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    TFLOWER_UNROLL
    for (int j = 0; j < kColumns; ++j) acc[r][j] = hn::Zero(d);
  }
  for (size_t k = 0; k < depth; k += lanes) {
    const size_t rest = depth - k;
    TileVec bv[kColumns];
    TFLOWER_UNROLL
    for (int j = 0; j < kColumns; ++j) {
      const float* const p = b + static_cast<size_t>(j) * b_stride + k;
      bv[j] = rest >= lanes ? hn::LoadU(d, p) : LoadN(d, p, rest);
    }
    TFLOWER_UNROLL
    for (int r = 0; r < kRows; ++r) {
      const float* const p = a + static_cast<size_t>(r) * g.a_stride + k;
      const TileVec av = rest >= lanes ? hn::LoadU(d, p) : LoadN(d, p, rest);
      TFLOWER_UNROLL
      for (int j = 0; j < kColumns; ++j) acc[r][j] = hn::MulAdd(av, bv[j], acc[r][j]);
    }
  }
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    TFLOWER_UNROLL
    for (int j = 0; j < kColumns; ++j) {
      const size_t column = n + static_cast<size_t>(j);
      float v = ReduceSum(d, acc[r][j]) + (g.bias != nullptr ? g.bias[column] : 0.0f);
      if (v < g.clamp.lo) v = g.clamp.lo;  // written so that NaN passes
      if (v > g.clamp.hi) v = g.clamp.hi;
      g.c[(m + static_cast<size_t>(r)) * g.c_stride + column] = v;
    }
  }
}

template <int kColumns>
void DotColumns(const GemmProblem& g, size_t b_stride, size_t n) {
  size_t m = 0;
  for (; m + 2 <= g.rows; m += 2) DotTile<2, kColumns>(g, b_stride, m, n);
  if (m < g.rows) DotTile<1, kColumns>(g, b_stride, m, n);
}

// Columns [begin, end).
void DotRange(const GemmProblem& g, size_t b_stride, size_t begin, size_t end) {
  size_t n = begin;
  if (g.rows == 1) {
    for (; n + 8 <= end; n += 8) DotColumns<8>(g, b_stride, n);
  }
  for (; n + 4 <= end; n += 4) DotColumns<4>(g, b_stride, n);
  for (; n < end; ++n) DotColumns<1>(g, b_stride, n);
}

constexpr int kRowVectors = 4;

// kRows rows of A times `columns` (1 .. 4 vectors) columns of B from column n. Two k at a time: 8 sums for a single row.
template <int kRows>
HWY_INLINE void RowTile(const GemmProblem& g, size_t b_stride, size_t m, size_t n, size_t columns) {
  const TileTag d;
  const size_t lanes = hn::Lanes(d);
  const bool full = columns == kRowVectors * lanes;
  TileVec acc[2][kRows][kRowVectors];
  TFLOWER_UNROLL
  for (int s = 0; s < 2; ++s) {
    TFLOWER_UNROLL
    for (int r = 0; r < kRows; ++r) {
      TFLOWER_UNROLL
      for (int v = 0; v < kRowVectors; ++v) acc[s][r][v] = hn::Zero(d);
    }
  }
  for (size_t k0 = 0; k0 < g.depth; k0 += 2) {
    TFLOWER_UNROLL
    for (int s = 0; s < 2; ++s) {
      const size_t k = k0 + static_cast<size_t>(s);
      if (k >= g.depth) break;
      const float* const b = g.b + k * b_stride + n;
      TileVec bv[kRowVectors];
      TFLOWER_UNROLL
      for (int v = 0; v < kRowVectors; ++v) {
        const size_t first = static_cast<size_t>(v) * lanes;
        bv[v] = full || first + lanes <= columns ? hn::LoadU(d, b + first)
                : first < columns                ? LoadN(d, b + first, columns - first)
                                                 : hn::Zero(d);
      }
      TFLOWER_UNROLL
      for (int r = 0; r < kRows; ++r) {
        const TileVec av = hn::Set(d, g.a[(m + static_cast<size_t>(r)) * g.a_stride + k]);
        TFLOWER_UNROLL
        for (int v = 0; v < kRowVectors; ++v) acc[s][r][v] = hn::MulAdd(av, bv[v], acc[s][r][v]);
      }
    }
  }
  const TileVec lo = hn::Set(d, g.clamp.lo), hi = hn::Set(d, g.clamp.hi);
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    float* const c = g.c + (m + static_cast<size_t>(r)) * g.c_stride + n;
    TFLOWER_UNROLL
    for (int v = 0; v < kRowVectors; ++v) {
      const size_t first = static_cast<size_t>(v) * lanes;
      if (first >= columns) break;
      TileVec x = hn::Add(acc[0][r][v], acc[1][r][v]);
      if (g.bias != nullptr) x = hn::Add(x, LoadN(d, g.bias + n + first, columns - first));
      StoreN(ClampKeepNaN(d, x, lo, hi), d, c + first, columns - first);
    }
  }
}

// Columns [begin, end).
void RowRange(const GemmProblem& g, size_t b_stride, size_t begin, size_t end) {
  const size_t step = kRowVectors * hn::Lanes(TileTag());
  for (size_t n = begin; n < end; n += step) {
    const size_t columns = std::min(step, end - n);
    size_t m = 0;
    for (; m + 2 <= g.rows; m += 2) RowTile<2>(g, b_stride, m, n, columns);
    if (m < g.rows) RowTile<1>(g, b_stride, m, n, columns);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(DotRange);
HWY_EXPORT(RowRange);

// A thread reads at least this much of B: about 4 us of work.
constexpr size_t kFloatsPerThread = 32 * 1024;

// Columns per thread, a multiple of 64: whole vectors for either form.
int64_t GrainOf(const GemmProblem& g, const Parallel& parallel) {
  const size_t threads = static_cast<size_t>(parallel.threads());
  const size_t columns = std::max((g.columns + threads - 1) / threads, kFloatsPerThread / std::max<size_t>(1, g.depth));
  return static_cast<int64_t>((columns + 63) / 64 * 64);
}
}  // namespace

void DotProducts(const GemmProblem& g, size_t b_stride, const Parallel& parallel) {
  const auto run = HWY_DYNAMIC_DISPATCH(DotRange);
  parallel.For(static_cast<int64_t>(g.columns), GrainOf(g, parallel), [&](int64_t begin, int64_t end) {
    run(g, b_stride, static_cast<size_t>(begin), static_cast<size_t>(end));
  });
}

void RowProducts(const GemmProblem& g, size_t b_stride, const Parallel& parallel) {
  const auto run = HWY_DYNAMIC_DISPATCH(RowRange);
  parallel.For(static_cast<int64_t>(g.columns), GrainOf(g, parallel), [&](int64_t begin, int64_t end) {
    run(g, b_stride, static_cast<size_t>(begin), static_cast<size_t>(end));
  });
}

}  // namespace tflower::kernels
#endif
