// Quantised SOFTMAX and LOG_SOFTMAX, compiled once per SIMD target.
#define HWY_WANT_AVX3_DL  // has tables of 128 bytes in two registers
#include <algorithm>
#include <cmath>

#include "quantized_softmax/rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_softmax/rows_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "byte_table/lookup-inl.h"
#include "simd/compat-inl.h"
#include "simd/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
void RunSoftmax(const QuantizedSoftmax& q, const void* x, int64_t rows, int64_t depth, void* y) { QuantizedSoftmaxRef(q, x, rows, depth, y); }
#else
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
    const hn::Repartition<int32_t, decltype(d)> wide;
    const hn::Rebind<T, decltype(wide)> part;
    auto largest = hn::PromoteTo(wide, hn::Load(part, all));
    for (size_t k = hn::Lanes(wide); k < hn::Lanes(d); k += hn::Lanes(wide)) largest = hn::Max(largest, hn::PromoteTo(wide, hn::Load(part, all + k)));
    most = static_cast<T>(ReduceMax(wide, largest));
  }
  for (; i < n; ++i) most = std::max(most, x[i]);
  return most;
}

// Sums of up to eight rows of distances at once: each is a chain of additions.
constexpr int64_t kChains = 8;
void SumRows(const QuantizedSoftmax& q, const uint8_t* distances, int64_t rows, int64_t depth, float* sums) {
  if (rows == kChains) {
    float s[kChains] = {};
    const uint8_t* const half = distances + 4 * depth;
    for (int64_t i = 0; i < depth; ++i) {
#pragma GCC unroll 4
      for (int64_t r = 0; r < 4; ++r) s[r] += q.exponentials[distances[r * depth + i]], s[4 + r] += q.exponentials[half[r * depth + i]];
    }
    std::copy(s, s + kChains, sums);
    return;
  }
  for (int64_t r = 0; r < rows; ++r) {
    sums[r] = 0;
    for (int64_t i = 0; i < depth; ++i) sums[r] += q.exponentials[distances[r * depth + i]];
  }
}

// Rounded to nearest, ties away from zero, of v in [0, 10^6]: what is added is the largest number below 1/2, so that only ties reach the next integer.
// kLog: of integers.
template <bool kLog, class DF, class V = hn::Vec<DF>>
HWY_INLINE hn::Vec<hn::RebindToSigned<DF>> Rounded(DF d, V v) {
  const hn::RebindToSigned<DF> di;
  if constexpr (kLog) return TruncatedInRange(di, v);
  return TruncatedInRange(di, hn::Add(v, hn::Set(d, 0x1.fffffep-2f)));
}

// The results of all distances to the maximum (or, log, of all bytes), clamped.
template <bool kLog, class T>
HWY_INLINE void FillAs(const QuantizedSoftmax& q, int32_t most, float sum, T* results) {
  const hn::ScalableTag<float> d;
  using Packer = BytePacker<hn::RebindToSigned<decltype(d)>>;
  const size_t lanes = hn::Lanes(d);
  const IntBounds bounds = BoundsOf(q.type);
  const Packer packer(q.y.zero, bounds.lo, bounds.hi, std::is_unsigned_v<T>);
  const auto limit = hn::Set(d, 1e6f);
  const float inverse = 1 / (sum * q.y.scale);
  const auto factor = hn::Set(d, inverse);
  const auto least = hn::Set(d, kLog ? (q.x.scale * static_cast<float>(most) + std::log(sum)) / q.y.scale : 0);
  for (size_t i = 0; i < 256; i += 4 * lanes) {
    hn::Vec<hn::RebindToSigned<decltype(d)>> stored[4];
    TFLOWER_UNROLL
    for (size_t k = 0; k < 4; ++k) {
      auto v = kLog ? hn::Round(hn::Sub(hn::LoadU(d, q.scaled + i + k * lanes), least)) : hn::Mul(hn::LoadU(d, q.exponentials + i + k * lanes), factor);
      v = hn::IfThenElseZero(hn::Eq(v, v), hn::Min(v, limit));
      if constexpr (kLog) v = hn::Max(v, hn::Neg(limit));
      stored[k] = Rounded<kLog>(d, v);
    }
    hn::StoreU(packer.Pack(stored[0], stored[1], stored[2], stored[3]), typename Packer::Bytes(), reinterpret_cast<int8_t*>(results + i));
    if (!kLog && i + 4 * lanes < 256 && std::max(q.exponentials[i + 4 * lanes], q.exponentials[255]) * inverse < 0.5f) {  // exponentials fall: all that follow give 0
      std::fill(results + i + 4 * lanes, results + 256, static_cast<T>(bounds.Clamp(q.y.zero)));
      return;
    }
  }
}

template <class T>
HWY_INLINE void FillResults(const QuantizedSoftmax& q, int32_t most, float sum, T* results) {
  if (!q.log) return FillAs<false>(q, most, sum, results);
  T by_value[256];
  FillAs<true>(q, most, sum, by_value);
  for (int d = 0; d < 256; ++d) results[d] = by_value[static_cast<uint8_t>(most - d)];
}

// The distances lie where the results will be: x may be the same memory.
template <class T>
void Run(const QuantizedSoftmax& q, const T* x, int64_t rows, int64_t depth, T* y) {
  for (int64_t row = 0; row < rows; row += kChains, x += kChains * depth, y += kChains * depth) {
    const int64_t count = std::min(kChains, rows - row);
    T most[kChains];
    float sums[kChains];
    for (int64_t r = 0; r < count; ++r) {
      most[r] = MaximumOf(x + r * depth, depth);
      for (int64_t i = r * depth; i < (r + 1) * depth; ++i) y[i] = static_cast<T>(most[r] - x[i]);
    }
    SumRows(q, reinterpret_cast<const uint8_t*>(y), count, depth, sums);
    for (int64_t r = 0; r < count; ++r) {
      uint8_t results[256];
      FillResults(q, most[r], sums[r], reinterpret_cast<T*>(results));
      uint8_t* const row_y = reinterpret_cast<uint8_t*>(y + r * depth);
      MapByTable(results, row_y, row_y, static_cast<size_t>(depth));
    }
  }
}

void RunSoftmax(const QuantizedSoftmax& q, const void* x, int64_t rows, int64_t depth, void* y) {
  if (q.type == DType::kInt8) Run(q, static_cast<const int8_t*>(x), rows, depth, static_cast<int8_t*>(y));
  else Run(q, static_cast<const uint8_t*>(x), rows, depth, static_cast<uint8_t*>(y));
}
#endif

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
