// Quantised SOFTMAX and LOG_SOFTMAX, compiled once per SIMD target.
#define HWY_WANT_AVX3_DL  // has tables of 128 bytes in two registers
#include <algorithm>
#include <bit>
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

// Sums of several rows of distances at once: each is a chain of additions in the order of the row.
#if HWY_TARGET == HWY_AVX3_DL
constexpr int64_t kTogether = 16;  // a row in each lane

// The table of exponentials, byte by byte.
struct FloatLookup {
  ByteLookup part[4];
  explicit FloatLookup(const uint8_t (&bytes)[4][256]) : part{ByteLookup(bytes[0]), ByteLookup(bytes[1]), ByteLookup(bytes[2]), ByteLookup(bytes[3])} {}

  // in: in each block of 128 bits four indices for each of `out`, one behind the other.
  HWY_INLINE void LookUp(hn::Vec<ByteTag> in, __m512 (&out)[4]) const {
    const __m512i a = part[0].LookUp(in).raw, b = part[1].LookUp(in).raw, c = part[2].LookUp(in).raw, d = part[3].LookUp(in).raw;
    const __m512i lower_ab = _mm512_unpacklo_epi8(a, b), upper_ab = _mm512_unpackhi_epi8(a, b), lower_cd = _mm512_unpacklo_epi8(c, d), upper_cd = _mm512_unpackhi_epi8(c, d);
    out[0] = _mm512_castsi512_ps(_mm512_unpacklo_epi16(lower_ab, lower_cd)), out[1] = _mm512_castsi512_ps(_mm512_unpackhi_epi16(lower_ab, lower_cd));
    out[2] = _mm512_castsi512_ps(_mm512_unpacklo_epi16(upper_ab, upper_cd)), out[3] = _mm512_castsi512_ps(_mm512_unpackhi_epi16(upper_ab, upper_cd));
  }
};

// 16 rows of 16 lanes to columns.
HWY_INLINE void Transpose16(__m512i (&v)[16]) {
  __m512i t[16];
  TFLOWER_UNROLL
  for (int g = 0; g < 16; g += 4) {  // in each block of 128 bits, the lanes of four rows
    const __m512i a = _mm512_unpacklo_epi32(v[g], v[g + 1]), b = _mm512_unpackhi_epi32(v[g], v[g + 1]);
    const __m512i c = _mm512_unpacklo_epi32(v[g + 2], v[g + 3]), d = _mm512_unpackhi_epi32(v[g + 2], v[g + 3]);
    t[g] = _mm512_unpacklo_epi64(a, c), t[g + 1] = _mm512_unpackhi_epi64(a, c);
    t[g + 2] = _mm512_unpacklo_epi64(b, d), t[g + 3] = _mm512_unpackhi_epi64(b, d);
  }
  TFLOWER_UNROLL
  for (int j = 0; j < 4; ++j) {  // the blocks of four vectors
    const __m512i a = _mm512_shuffle_i32x4(t[j], t[j + 4], 0x88), b = _mm512_shuffle_i32x4(t[j], t[j + 4], 0xdd);
    const __m512i c = _mm512_shuffle_i32x4(t[j + 8], t[j + 12], 0x88), d = _mm512_shuffle_i32x4(t[j + 8], t[j + 12], 0xdd);
    v[j] = _mm512_shuffle_i32x4(a, c, 0x88), v[j + 8] = _mm512_shuffle_i32x4(a, c, 0xdd);
    v[j + 4] = _mm512_shuffle_i32x4(b, d, 0x88), v[j + 12] = _mm512_shuffle_i32x4(b, d, 0xdd);
  }
}

// Sums of `rows` <= kTogether rows of distances.
struct RowSums {
  FloatLookup look;

  static FloatLookup BytesOf(const float (&values)[256]) {
    uint8_t bytes[4][256];
    for (int i = 0; i < 256; ++i) {
      const auto bits = std::bit_cast<uint32_t>(values[i]);
      for (int k = 0; k < 4; ++k) bytes[k][i] = static_cast<uint8_t>(bits >> (8 * k));
    }
    return FloatLookup(bytes);
  }
  explicit RowSums(const QuantizedSoftmax& q) : look(BytesOf(q.exponentials)) {}

  void Sum(const uint8_t* distances, int64_t rows, int64_t depth, float* sums) const {
    const __m512i by_column = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    __m512 sum = _mm512_setzero_ps();
    for (int64_t i = 0; i < depth; i += 64) {
      const int64_t columns = std::min<int64_t>(64, depth - i);
      const __mmask64 used = columns == 64 ? ~__mmask64{0} : (__mmask64{1} << columns) - 1;
      __m512i v[16];
      TFLOWER_UNROLL
      for (int64_t r = 0; r < 16; ++r) v[r] = _mm512_maskz_loadu_epi8(used, distances + std::min(r, rows - 1) * depth + i);
      Transpose16(v);
      for (int64_t c = 0; c < columns; c += 4) {  // in each lane four columns of a row
        __m512 terms[4];
        look.LookUp(hn::Vec<ByteTag>{_mm512_shuffle_epi8(v[c / 4], by_column)}, terms);
        sum = _mm512_add_ps(sum, terms[0]);
        if (c + 1 < columns) sum = _mm512_add_ps(sum, terms[1]);
        if (c + 2 < columns) sum = _mm512_add_ps(sum, terms[2]);
        if (c + 3 < columns) sum = _mm512_add_ps(sum, terms[3]);
      }
    }
    _mm512_mask_storeu_ps(sums, static_cast<__mmask16>((1u << rows) - 1), sum);
  }
};
#else
constexpr int64_t kTogether = 8;
struct RowSums {
  const QuantizedSoftmax& q;
  explicit RowSums(const QuantizedSoftmax& softmax) : q(softmax) {}

  void Sum(const uint8_t* distances, int64_t rows, int64_t depth, float* sums) const {
    if (rows == kTogether) {
      float s[kTogether] = {};
      const uint8_t* const half = distances + 4 * depth;
      for (int64_t i = 0; i < depth; ++i) {
#pragma GCC unroll 4
        for (int64_t r = 0; r < 4; ++r) s[r] += q.exponentials[distances[r * depth + i]], s[4 + r] += q.exponentials[half[r * depth + i]];
      }
      std::copy(s, s + kTogether, sums);
      return;
    }
    for (int64_t r = 0; r < rows; ++r) {
      sums[r] = 0;
      for (int64_t i = 0; i < depth; ++i) sums[r] += q.exponentials[distances[r * depth + i]];
    }
  }
};
#endif

// Rounded to nearest, ties away from zero, of v in [0, 10^6]: what is added is the largest number below 1/2, so that only ties reach the next integer.
// kLog: of integers.
template <bool kLog, class DF, class V = hn::Vec<DF>>
HWY_INLINE hn::Vec<hn::RebindToSigned<DF>> Rounded(DF d, V v) {
  const hn::RebindToSigned<DF> di;
  if constexpr (kLog) return TruncatedInRange(di, v);
  return TruncatedInRange(di, hn::Add(v, hn::Set(d, 0x1.fffffep-2f)));
}

// The results of all distances to the maximum (or, log, of all bytes from 255 down), clamped.
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

// The results of all distances lie at what is returned, in `memory` of 512.
template <class T>
HWY_INLINE const T* FillResults(const QuantizedSoftmax& q, int32_t most, float sum, T* memory) {
  if (!q.log) {
    FillAs<false>(q, most, sum, memory);
    return memory;
  }
  FillAs<true>(q, most, sum, memory);
  std::copy_n(memory, 256, memory + 256);  // bytes wrap around
  return memory + (255 - static_cast<uint8_t>(most));
}

// The distances lie where the results will be: x may be the same memory.
template <class T>
void Run(const QuantizedSoftmax& q, const T* x, int64_t rows, int64_t depth, T* y) {
  const RowSums row_sums(q);
  for (int64_t row = 0; row < rows; row += kTogether, x += kTogether * depth, y += kTogether * depth) {
    const int64_t count = std::min(kTogether, rows - row);
    T most[kTogether];
    float sums[kTogether];
    for (int64_t r = 0; r < count; ++r) {
      most[r] = MaximumOf(x + r * depth, depth);
      for (int64_t i = r * depth; i < (r + 1) * depth; ++i) y[i] = static_cast<T>(most[r] - x[i]);
    }
    row_sums.Sum(reinterpret_cast<const uint8_t*>(y), count, depth, sums);
    for (int64_t r = 0; r < count; ++r) {
      T memory[512];
      const T* const results = FillResults(q, most[r], sums[r], memory);
      uint8_t* const row_y = reinterpret_cast<uint8_t*>(y + r * depth);
      MapByTable(reinterpret_cast<const uint8_t*>(results), row_y, row_y, static_cast<size_t>(depth));
    }
  }
}

void RunSoftmax(const QuantizedSoftmax& q, const void* x, int64_t rows, int64_t depth, void* y) {
  VisitBytes(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), rows, depth, static_cast<T*>(y)); });
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
