// Rows as int8, and their products with int8 weights, compiled once per SIMD target.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "recurrent/bytes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recurrent/bytes_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "recurrent/bytes-inl.h"
#include "simd/compat-inl.h"

#ifndef TFLOWER_KERNELS_RECURRENT_BYTES_SIMD_ONCE
#define TFLOWER_KERNELS_RECURRENT_BYTES_SIMD_ONCE
namespace tflower::kernels {
struct RowRange {
  float lo = 0, hi = 0;  // 0 is always in it
  bool finite = true;
};
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

#if HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2
constexpr size_t kMaxByteRows = 1;
#else
constexpr size_t kMaxByteRows = 4;
#endif

RowRange RangeOf(const float* x, size_t n) {
  const TileTag d;
  TileVec lo = hn::Zero(d), hi = lo;
  auto finite = hn::Eq(lo, lo);
  for (size_t i = 0; i < n; i += hn::Lanes(d)) {
    const TileVec v = LoadN(d, x + i, n - i);
    finite = hn::And(finite, hn::Le(hn::Abs(v), hn::Set(d, std::numeric_limits<float>::max())));
    lo = hn::Min(v, lo);  // NaN is seen by `finite`
    hi = hn::Max(v, hi);
  }
  return {ReduceMin(d, lo), ReduceMax(d, hi), hn::AllTrue(d, finite)};
}

// to[i] = min(max(round(x[i] * inverse), least - zero), 127 - zero), ties away from zero.
void RoundRow(const float* x, size_t n, float inverse, float least, float zero, int16_t* to) {
  const TileTag d;
  const IntTag di;
  const hn::Rebind<int16_t, IntTag> d16;
  const TileVec half = hn::Set(d, 0.5f), one = hn::Set(d, 1.0f);
  for (size_t i = 0; i < n; i += hn::Lanes(d)) {
    const TileVec v = hn::Mul(LoadN(d, x + i, n - i), hn::Set(d, inverse));
    const TileVec whole = hn::Trunc(v);
    const TileVec up = hn::IfThenElseZero(hn::Ge(hn::Abs(hn::Sub(v, whole)), half), hn::CopySign(one, v));
    const TileVec q = hn::Min(hn::Max(hn::Add(whole, up), hn::Set(d, least - zero)), hn::Set(d, 127 - zero));
    StoreN(hn::DemoteTo(d16, hn::ConvertTo(di, q)), d16, to + i, n - i);
  }
}

template <int kGates, int kRows>
HWY_INLINE void MultiplyBlock(const ByteProduct& p, size_t row, size_t block) {
  const TileTag d;
  const size_t lanes = p.units.lanes, first = block * p.units.width();
  const int16_t* x[kRows];
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) x[r] = p.x + (row + static_cast<size_t>(r)) * p.x_stride;
  IntVec sums[kRows][kGates];
  SumBytes<kGates, kRows>(x, p.pairs, p.weights + first * 2 * p.pairs, sums);
  for (int r = 0; r < kRows; ++r) {
    float* const y = p.y + (row + static_cast<size_t>(r)) * p.y_stride + first;
    for (int g = 0; g < kGates; ++g) {
      const size_t column = static_cast<size_t>(g) * lanes, count = p.columns - first - column;
      const TileVec start = p.add ? LoadN(d, y + column, count) : p.start != nullptr ? LoadN(d, p.start + first + column, count) : hn::Zero(d);
      const TileVec v = AddScaled(start, sums[r][g], p.row_scales[row + static_cast<size_t>(r)] * p.gate_scales[g]);
      StoreN(ClampKeepNaN(d, v, hn::Set(d, p.clamp.lo), hn::Set(d, p.clamp.hi)), d, y + column, count);
    }
  }
}

template <int kGates>
void MultiplyRows(const ByteProduct& p, Range rows, Range blocks) {
  for (size_t block = blocks.begin; block < blocks.end; ++block) {
    size_t row = rows.begin;
    for (; row + kMaxByteRows <= rows.end; row += kMaxByteRows) MultiplyBlock<kGates, kMaxByteRows>(p, row, block);
    for (; row < rows.end; ++row) MultiplyBlock<kGates, 1>(p, row, block);
  }
}

void Multiply(const ByteProduct& p, Range rows, Range blocks) {
  if (p.units.gates == 4) MultiplyRows<4>(p, rows, blocks);
  else if (p.units.gates == 3) MultiplyRows<3>(p, rows, blocks);
  else MultiplyRows<1>(p, rows, blocks);
}

template <int kGates, int kRows>
HWY_INLINE void SumBlock(const ByteSums& s, size_t row, size_t block) {
  const int16_t* x[kRows];
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) x[r] = s.x + (row + static_cast<size_t>(r)) * s.x_stride;
  IntVec sums[kRows][kGates];
  SumBytes<kGates, kRows>(x, s.pairs, s.weights + block * s.units.width() * 2 * s.pairs, sums);
  for (int r = 0; r < kRows; ++r) {
    int32_t* const y = s.y + (row + static_cast<size_t>(r)) * s.y_stride + block * s.units.lanes;
    for (int g = 0; g < kGates; ++g) hn::StoreU(sums[r][g], IntTag(), y + static_cast<size_t>(g) * s.units.padded());
  }
}

template <int kGates>
void SumRows(const ByteSums& s, Range rows, Range blocks) {
  for (size_t block = blocks.begin; block < blocks.end; ++block) {
    size_t row = rows.begin;
    for (; row + kMaxByteRows <= rows.end; row += kMaxByteRows) SumBlock<kGates, kMaxByteRows>(s, row, block);
    for (; row < rows.end; ++row) SumBlock<kGates, 1>(s, row, block);
  }
}

void Sum(const ByteSums& s, Range rows, Range blocks) {
  if (s.units.gates == 4) SumRows<4>(s, rows, blocks);
  else if (s.units.gates == 3) SumRows<3>(s, rows, blocks);
  else SumRows<1>(s, rows, blocks);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RangeOf);
HWY_EXPORT(RoundRow);
HWY_EXPORT(Multiply);
HWY_EXPORT(Sum);

// The zero point that the end of the range with the smaller error asks for.
int32_t ZeroOf(const RowRange& r, double scale) {
  const double lo = static_cast<double>(r.lo) / scale, hi = static_cast<double>(r.hi) / scale;
  const double zero = 128 + std::abs(lo) < 127 + std::abs(hi) ? -128 - lo : 127 - hi;
  return static_cast<int32_t>(std::round(std::min(std::max(zero, -128.0), 127.0)));
}

}  // namespace

float QuantizeRow16(const float* x, size_t n, bool asymmetric, int16_t* to) {
  if (n % 2 != 0) to[n] = 0;
  const RowRange r = HWY_DYNAMIC_DISPATCH(RangeOf)(x, n);
  const float most = std::max(-r.lo, r.hi);
  constexpr float kLeast = 1e-36f;  // of a range whose scale has an inverse; below, values are as good as 0
  if (!r.finite || most < kLeast) {
    std::fill(to, to + n, int16_t{0});
    return r.finite ? 1 : std::numeric_limits<float>::quiet_NaN();
  }
  if (!asymmetric) {
    HWY_DYNAMIC_DISPATCH(RoundRow)(x, n, 127 / most, -127, 0, to);
    return most / 127;
  }
  const double exact = static_cast<double>(std::min(r.hi - r.lo, std::numeric_limits<float>::max())) / 255;
  const float scale = static_cast<float>(exact);
  HWY_DYNAMIC_DISPATCH(RoundRow)(x, n, 1 / scale, -128, static_cast<float>(ZeroOf(r, exact)), to);
  return scale;
}

void SumByteRows(const ByteSums& sums, Range rows, Range blocks) { HWY_DYNAMIC_DISPATCH(Sum)(sums, rows, blocks); }
void MultiplyBytes(const ByteProduct& product, Range rows, Range blocks) { HWY_DYNAMIC_DISPATCH(Multiply)(product, rows, blocks); }

}  // namespace tflower::kernels
#endif
