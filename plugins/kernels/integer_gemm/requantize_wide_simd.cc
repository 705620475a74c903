// Sums of 64 bits to stored values, compiled once per SIMD target.
#include <cstring>
#include <type_traits>

#include "integer_gemm/requantize.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "integer_gemm/requantize_wide_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/compat-inl.h"
#include "simd/fixed_point-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
void Finish(const SumFinisher& f, const SumTile& tile) { FinishRef(f, tile); }
#else
using IntTag = hn::ScalableTag<int32_t>;
using IntVec = hn::Vec<IntTag>;
using Wide = WideTag<IntTag>;
using WideVec = hn::Vec<Wide>;

// A vector of sums of 64 bits.
template <bool kPairs>
HWY_INLINE WideVec LoadWide(const int64_t* sums) {
  const Wide dw;
  const WideVec first = hn::LoadU(dw, sums);
  if constexpr (!kPairs) return first;
  const WideVec second = hn::LoadU(dw, sums + hn::Lanes(dw));
  return hn::Add(hn::ConcatEven(dw, second, first), hn::ShiftLeft<8>(hn::ConcatOdd(dw, second, first)));
}

template <class Factors>
HWY_INLINE Factors WideFactorsAt(const Requantizer& r, size_t c) {
  const Wide dw;
  const hn::Rebind<int32_t, Wide> half;
  Factors factors;
  factors.Set(dw, hn::PromoteTo(dw, hn::LoadU(half, r.value.data() + c)), hn::PromoteTo(dw, hn::LoadU(half, r.shift.data() + c)));
  return factors;
}

// One row and as many channels as there are lanes of 32 bits; kOnce: false where a sum is no number of 32 bits.
template <bool kOnce, class Factors>
HWY_INLINE bool Scaled(const Factors& f0, const Factors& f1, WideVec& v0, WideVec& v1, WideVec lo, WideVec hi) {
  const Wide dw;
  if constexpr (kOnce) {
    const auto small = [&](WideVec v) HWY_ATTR { return hn::Eq(v, hn::ShiftRight<32>(hn::ShiftLeft<32>(v))); };
    if (!hn::AllTrue(dw, hn::And(small(v0), small(v1)))) return false;
  }
  v0 = f0.Scale(dw, v0), v1 = f1.Scale(dw, v1);
  if constexpr (kOnce) v0 = hn::Min(hn::Max(v0, lo), hi), v1 = hn::Min(hn::Max(v1, lo), hi);
  return true;
}

template <bool kOnce, bool kPairs, class T>
void FinishWideBy(const SumFinisher& f, const SumTile& tile, T* to) {
  using Factors = std::conditional_t<kOnce, WideFactorsOnce<Wide>, WideFactors<Wide>>;
  const IntTag d;
  const Wide dw;
  const hn::Rebind<T, IntTag> narrow;
  const size_t lanes = hn::Lanes(d), half = hn::Lanes(dw), per = kPairs ? 2 : 1, columns = tile.columns / per;
  const Requantizer& r = *f.requantizer;
  const IntVec zero = hn::Set(d, r.zero), lo = hn::Set(d, r.bounds.lo - r.zero), hi = hn::Set(d, r.bounds.hi - r.zero);
  const WideVec wide_lo = hn::Set(dw, int64_t{r.bounds.lo} - r.zero), wide_hi = hn::Set(dw, int64_t{r.bounds.hi} - r.zero);
  for (size_t n = 0; n < columns; n += lanes) {
    const size_t c = f.channel + tile.column / per + n, rest = columns - n;
    const Factors f0 = WideFactorsAt<Factors>(r, c), f1 = WideFactorsAt<Factors>(r, c + half);
    WideVec o0 = hn::Zero(dw), o1 = o0;
    if (f.offsets != nullptr) {
      o0 = LoadN(dw, f.offsets + c, rest);
      if (rest > half) o1 = LoadN(dw, f.offsets + c + half, rest - half);
    }
    const int64_t* from = tile.wide + n * per;
    T* out = to + n;
    for (size_t row = 0; row < tile.rows; ++row, from += tile.stride, out += f.stride) {
      const WideVec by_row = hn::Set(dw, f.wide_row_offsets != nullptr ? f.wide_row_offsets[tile.row + row] : 0);
      WideVec v0 = hn::Add(LoadWide<kPairs>(from), hn::Add(o0, by_row)), v1 = hn::Add(LoadWide<kPairs>(from + half * per), hn::Add(o1, by_row));
      if (HWY_UNLIKELY(!(Scaled<kOnce>(f0, f1, v0, v1, wide_lo, wide_hi)))) {
        FinishRef(f, {nullptr, from, tile.stride, tile.row + row, 1, tile.column + n * per, HWY_MIN(rest, lanes) * per});
        continue;
      }
      const auto stored = hn::DemoteTo(narrow, hn::Add(hn::Min(hn::Max(LowerHalves(d, v0, v1), lo), hi), zero));
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
void FinishAs(const SumFinisher& f, const SumTile& tile) {
  T* const to = static_cast<T*>(f.y) + tile.row * f.stride + tile.column / (f.pairs ? 2 : 1);
  const bool once = f.requantizer->once;
  if (f.pairs) return once ? FinishWideBy<true, true>(f, tile, to) : FinishWideBy<false, true>(f, tile, to);
  if (once) FinishWideBy<true, false>(f, tile, to);
  else FinishWideBy<false, false>(f, tile, to);
}

void Finish(const SumFinisher& f, const SumTile& tile) {
  VisitQuantized(f.requantizer->type, [&]<class T>(T) { FinishAs<T>(f, tile); });
}
#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Finish);
}  // namespace

void FinishWide(const SumFinisher& f, const SumTile& tile) { HWY_DYNAMIC_DISPATCH(Finish)(f, tile); }

}  // namespace tflower::kernels
#endif
