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

// The three ways of scaling: rounded once, or twice, faster for small sums.
struct Once : FixedFactors<IntTag> {
  HWY_INLINE IntVec Scale(IntTag d, IntVec x) const { return HighMulOnce(d, x, m, m_odd, less); }
};
using Twice = FixedFactors<IntTag>;
using Small = SmallFactors<IntTag>;

template <class Factors>
HWY_INLINE Factors FactorsAt(const Requantizer& r, size_t c) {
  const IntTag d;
  Factors factors;
  factors.Set(d, hn::LoadU(d, r.value.data() + c), hn::LoadU(d, r.shift.data() + c));
  return factors;
}

template <bool kRowOffsets>
HWY_INLINE IntVec LoadSums(const SumFinisher& f, size_t row, const int32_t* sums) {
  const IntTag d;
  if constexpr (kRowOffsets) return hn::Add(hn::LoadU(d, sums), hn::Set(d, f.row_offsets[row]));
  return hn::LoadU(d, sums);
}

#if HWY_TARGET != HWY_SCALAR
// Bytes, four vectors of channels at a time; returns how many channels are done.
template <class Factors, bool kRowOffsets, class T>
size_t FinishFour(const SumFinisher& f, const SumTile& tile, T* to) {
  size_t n = 0;
  const IntTag d;
  const size_t lanes = hn::Lanes(d);
  const Requantizer& r = *f.requantizer;
  const BytePacker<IntTag> packer(r.zero, r.bounds.lo, r.bounds.hi, std::is_unsigned_v<T>);
  for (; n + 4 * lanes <= tile.columns; n += 4 * lanes) {
    const size_t c = f.channel + tile.column + n;
    const Factors f0 = FactorsAt<Factors>(r, c), f1 = FactorsAt<Factors>(r, c + lanes), f2 = FactorsAt<Factors>(r, c + 2 * lanes), f3 = FactorsAt<Factors>(r, c + 3 * lanes);
    const int32_t* from = tile.narrow + n;
    auto* out = reinterpret_cast<int8_t*>(to + n);
    for (size_t row = 0; row < tile.rows; ++row, from += tile.stride, out += f.stride) {
      const auto scaled = [&](const Factors& factors, const int32_t* sums) HWY_ATTR { return factors.Scale(d, LoadSums<kRowOffsets>(f, tile.row + row, sums)); };
      const IntVec v0 = scaled(f0, from), v1 = scaled(f1, from + lanes), v2 = scaled(f2, from + 2 * lanes), v3 = scaled(f3, from + 3 * lanes);
      hn::StoreU(packer.Pack(v0, v1, v2, v3), BytePacker<IntTag>::Bytes(), out);
    }
  }
  return n;
}
#endif

template <class Factors, bool kRowOffsets, class T>
void FinishRows(const SumFinisher& f, const SumTile& tile, T* to) {
  const IntTag d;
  const hn::Rebind<T, IntTag> narrow;
  const size_t lanes = hn::Lanes(d);
  const Requantizer& r = *f.requantizer;
  const auto zero = hn::Set(d, r.zero), lo = hn::Set(d, r.bounds.lo - r.zero), hi = hn::Set(d, r.bounds.hi - r.zero);
  size_t n = 0;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 1) n = FinishFour<Factors, kRowOffsets>(f, tile, to);
#endif
  for (; n < tile.columns; n += lanes) {
    const auto factors = FactorsAt<Factors>(r, f.channel + tile.column + n);
    const size_t rest = tile.columns - n;
    const int32_t* from = tile.narrow + n;
    T* out = to + n;
    for (size_t row = 0; row < tile.rows; ++row, from += tile.stride, out += f.stride) {
      const IntVec scaled = factors.Scale(d, LoadSums<kRowOffsets>(f, tile.row + row, from));
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

template <class Factors, class T>
void FinishBy(const SumFinisher& f, const SumTile& tile, T* to) {
  if (f.row_offsets != nullptr) FinishRows<Factors, true>(f, tile, to);
  else FinishRows<Factors, false>(f, tile, to);
}

template <class T>
void FinishAs(const SumFinisher& f, const SumTile& tile) {
  T* const to = static_cast<T*>(f.y) + tile.row * f.stride + tile.column;
  if (f.requantizer->once) return FinishBy<Once>(f, tile, to);
  if (f.requantizer->down && f.small) return FinishBy<Small>(f, tile, to);
  FinishBy<Twice>(f, tile, to);
}

void Finish(const SumFinisher& f, const SumTile& tile) {
  VisitQuantized(f.requantizer->type, [&]<class T>(T) { FinishAs<T>(f, tile); });
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

void SumFinisher::Take(const void* self, const SumTile& tile) {
  const SumFinisher& f = *static_cast<const SumFinisher*>(self);
  if (tile.wide != nullptr) return FinishWide(f, tile);
  if (f.requantizer->once && !f.requantizer->down) return FinishRef(f, tile);
  HWY_DYNAMIC_DISPATCH(Finish)(f, tile);
}

}  // namespace tflower::kernels
#endif
