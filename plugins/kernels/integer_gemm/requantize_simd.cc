// Sums of 32 bits to stored values, compiled once per SIMD target.
#include <algorithm>
#include <cstring>
#include <type_traits>

#include "integer_gemm/requantize.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "integer_gemm/requantize_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/fixed_point-inl.h"
#include "simd/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using IntTag = hn::ScalableTag<int32_t>;
using IntVec = hn::Vec<IntTag>;

// The factors of a vector of channels. kDown: every shift is below 0, which `once` demands.
template <bool kOnce, bool kDown>
HWY_INLINE IntVec ScaleSums(const FixedFactors<IntTag>& f, IntVec sums) {
  const IntTag d;
  if constexpr (kOnce) return HighMulOnce(d, sums, f.m, f.m_odd, f.less);
  else if constexpr (kDown) return f.ScaleDown(d, sums);
  else return f.Scale(d, sums);
}

HWY_INLINE FixedFactors<IntTag> FactorsAt(const Requantizer& r, size_t c) {
  const IntTag d;
  FixedFactors<IntTag> factors;
  factors.Set(d, hn::LoadU(d, r.value.data() + c), hn::LoadU(d, r.shift.data() + c));
  return factors;
}

#if HWY_TARGET != HWY_SCALAR
// Bytes, four vectors of channels at a time; returns how many channels are done.
template <class T, bool kOnce, bool kDown>
size_t FinishFour(const Requantizer& r, const SumTile& tile, size_t channel, T* to, size_t to_stride, const int32_t* row_offsets) {
  size_t n = 0;
  const IntTag d;
  const size_t lanes = hn::Lanes(d);
  const BytePacker packer(r.zero, r.bounds.lo, r.bounds.hi, std::is_unsigned_v<T>);
  for (; n + 4 * lanes <= tile.columns; n += 4 * lanes) {
    const size_t c = channel + tile.column + n;
    const FixedFactors<IntTag> f0 = FactorsAt(r, c), f1 = FactorsAt(r, c + lanes), f2 = FactorsAt(r, c + 2 * lanes), f3 = FactorsAt(r, c + 3 * lanes);
    const int32_t* from = tile.narrow + n;
    auto* out = reinterpret_cast<int8_t*>(to + n);
    for (size_t row = 0; row < tile.rows; ++row, from += tile.stride, out += to_stride) {
      const IntVec offset = hn::Set(d, row_offsets != nullptr ? row_offsets[tile.row + row] : 0);
      const auto scaled = [&](const FixedFactors<IntTag>& factors, const int32_t* sums) HWY_ATTR { return ScaleSums<kOnce, kDown>(factors, hn::Add(hn::LoadU(d, sums), offset)); };
      const IntVec a = scaled(f0, from), b = scaled(f1, from + lanes), e = scaled(f2, from + 2 * lanes), f = scaled(f3, from + 3 * lanes);
      hn::StoreU(packer.Pack(a, b, e, f), BytePacker::Bytes(), out);
    }
  }
  return n;
}
#endif

template <class T, bool kOnce, bool kDown>
void FinishRows(const Requantizer& r, const SumTile& tile, size_t channel, T* to, size_t to_stride, const int32_t* row_offsets) {
  const IntTag d;
  const hn::Rebind<T, IntTag> narrow;
  const size_t lanes = hn::Lanes(d);
  const auto zero = hn::Set(d, r.zero), lo = hn::Set(d, r.bounds.lo - r.zero), hi = hn::Set(d, r.bounds.hi - r.zero);
  size_t n = 0;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 1) n = FinishFour<T, kOnce, kDown>(r, tile, channel, to, to_stride, row_offsets);
#endif
  for (; n < tile.columns; n += lanes) {
    const FixedFactors<IntTag> factors = FactorsAt(r, channel + tile.column + n);
    const size_t rest = tile.columns - n;
    const int32_t* from = tile.narrow + n;
    T* out = to + n;
    for (size_t row = 0; row < tile.rows; ++row, from += tile.stride, out += to_stride) {
      const IntVec offset = hn::Set(d, row_offsets != nullptr ? row_offsets[tile.row + row] : 0);
      const IntVec scaled = ScaleSums<kOnce, kDown>(factors, hn::Add(hn::LoadU(d, from), offset));
      const auto stored = hn::DemoteTo(narrow, hn::Add(hn::Min(hn::Max(scaled, lo), hi), zero));
      if (rest >= lanes) {
        hn::StoreU(stored, narrow, out);
      } else {
        HWY_ALIGN T all[HWY_MAX_BYTES / 4];
        hn::Store(stored, narrow, all);
        std::memcpy(out, all, rest * sizeof(T));
      }
    }
  }
}

template <class T>
void FinishAs(const Requantizer& r, const SumTile& tile, size_t channel, T* to, size_t to_stride, const int32_t* row_offsets) {
  if (r.once) return FinishRows<T, true, true>(r, tile, channel, to, to_stride, row_offsets);
  if (r.down) return FinishRows<T, false, true>(r, tile, channel, to, to_stride, row_offsets);
  FinishRows<T, false, false>(r, tile, channel, to, to_stride, row_offsets);
}

void Finish(const Requantizer& r, const SumTile& tile, size_t channel, void* to, size_t to_stride, const int32_t* row_offsets) {
  switch (r.type) {
    case DType::kInt8: return FinishAs(r, tile, channel, static_cast<int8_t*>(to), to_stride, row_offsets);
    case DType::kUInt8: return FinishAs(r, tile, channel, static_cast<uint8_t*>(to), to_stride, row_offsets);
    default: return FinishAs(r, tile, channel, static_cast<int16_t*>(to), to_stride, row_offsets);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Finish);
}  // namespace

void Requantizer::Finish(const SumTile& tile, size_t channel, const int64_t* offsets, void* to, size_t to_stride, const int32_t* row_offsets) const {
  if (tile.wide != nullptr || (once && !down)) return FinishRef(*this, tile, channel, offsets, to, to_stride, row_offsets);
  HWY_DYNAMIC_DISPATCH(Finish)(*this, tile, channel, to, to_stride, row_offsets);
}

}  // namespace tflower::kernels
#endif
