// Quantised SOFTMAX and LOG_SOFTMAX, compiled once per SIMD target.
#include <algorithm>
#include <cmath>

#include "byte_table/byte_table.h"
#include "quantized_softmax/rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_softmax/rows_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
T MaximumOf(const T* x, int64_t n) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  T most = x[0];
  if (n >= lanes) {
    auto v = hn::LoadU(d, x);
    for (i = lanes; i + lanes <= n; i += lanes) v = hn::Max(v, hn::LoadU(d, x + i));
    HWY_ALIGN T all[HWY_MAX_BYTES];
    hn::Store(v, d, all);
    most = *std::max_element(all, all + lanes);
  }
  for (; i < n; ++i) most = std::max(most, x[i]);
  return most;
}

// Sums of up to eight rows at once: each is a chain of additions.
constexpr int64_t kChains = 8;
template <class T>
void SumRows(const QuantizedSoftmax& q, const T* x, int64_t rows, int64_t depth, const int32_t* most, float* sums) {
  if (rows == kChains) {
    float s[kChains] = {};
    for (int64_t i = 0; i < depth; ++i) {
#pragma GCC unroll 8
      for (int64_t r = 0; r < kChains; ++r) s[r] += q.exponentials[most[r] - x[r * depth + i]];
    }
    std::copy(s, s + kChains, sums);
    return;
  }
  for (int64_t r = 0; r < rows; ++r) {
    sums[r] = 0;
    for (int64_t i = 0; i < depth; ++i) sums[r] += q.exponentials[most[r] - x[r * depth + i]];
  }
}

// The results of all distances to the maximum (or, log, of all bytes): rounded to nearest, ties away from zero, as integers, clamped.
void FillResults(const QuantizedSoftmax& q, int32_t most, float sum, const IntBounds& bounds, ByteTable& table) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto limit = hn::Set(d, 1e6f);
  const auto zero = hn::Set(di, q.y.zero), lo = hn::Set(di, bounds.lo), hi = hn::Set(di, bounds.hi);
  const auto inverse = hn::Set(d, 1 / (sum * q.y.scale)), least = hn::Set(d, (q.x.scale * static_cast<float>(most) + std::log(sum)) / q.y.scale);
  HWY_ALIGN int32_t stored[HWY_MAX_BYTES / 4];
  for (size_t i = 0; i < 256; i += hn::Lanes(d)) {
    auto v = q.log ? hn::Round(hn::Sub(hn::LoadU(d, q.scaled + i), least)) : hn::Mul(hn::LoadU(d, q.exponentials + i), inverse);
    v = hn::IfThenElseZero(hn::Eq(v, v), hn::Max(hn::Min(v, limit), hn::Neg(limit)));
    const auto whole = hn::Trunc(v);
    const auto up = hn::IfThenElseZero(hn::Ge(hn::Abs(hn::Sub(v, whole)), hn::Set(d, 0.5f)), hn::CopySign(hn::Set(d, 1.0f), v));
    const auto rounded = hn::Add(hn::ConvertTo(di, hn::Add(whole, up)), zero);
    hn::Store(hn::Min(hn::Max(rounded, lo), hi), di, stored);
    for (size_t k = 0; k < hn::Lanes(d); ++k) table.values[i + k] = static_cast<uint8_t>(stored[k]);
  }
}

// Softmax looks up distances, which are first written where the results will be.
template <class T>
void Finish(const QuantizedSoftmax& q, const T* x, int64_t depth, int32_t most, float sum, T* y) {
  ByteTable table;
  FillResults(q, most, sum, BoundsOf(q.type), table);
  if (q.log) return table.Map(x, y, depth, Parallel());
  for (int64_t i = 0; i < depth; ++i) y[i] = static_cast<T>(most - x[i]);
  table.Map(y, y, depth, Parallel());
}

template <class T>
void Run(const QuantizedSoftmax& q, const T* x, int64_t rows, int64_t depth, T* y) {
  for (int64_t row = 0; row < rows; row += kChains, x += kChains * depth, y += kChains * depth) {
    const int64_t count = std::min(kChains, rows - row);
    int32_t most[kChains];
    float sums[kChains];
    for (int64_t r = 0; r < count; ++r) most[r] = MaximumOf(x + r * depth, depth);
    SumRows(q, x, count, depth, most, sums);
    for (int64_t r = 0; r < count; ++r) Finish(q, x + r * depth, depth, most[r], sums[r], y + r * depth);
  }
}

void RunSoftmax(const QuantizedSoftmax& q, const void* x, int64_t rows, int64_t depth, void* y) {
  if (q.type == DType::kInt8) Run(q, static_cast<const int8_t*>(x), rows, depth, static_cast<int8_t*>(y));
  else Run(q, static_cast<const uint8_t*>(x), rows, depth, static_cast<uint8_t*>(y));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunSoftmax);
}  // namespace

void RunQuantizedSoftmax(const QuantizedSoftmax& q, const void* x, int64_t rows, int64_t depth, void* y) { HWY_DYNAMIC_DISPATCH(RunSoftmax)(q, x, rows, depth, y); }

}  // namespace tflower::kernels
#endif
