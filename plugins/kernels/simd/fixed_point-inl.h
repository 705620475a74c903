// Vectors of common/quantized.h's arithmetic: products with 31-bit factors, rounded twice or once, to the bit as there.
#if defined(TFLOWER_KERNELS_SIMD_FIXED_POINT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_FIXED_POINT_INL_H_
#undef TFLOWER_KERNELS_SIMD_FIXED_POINT_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_FIXED_POINT_INL_H_
#endif

#include <cstdint>

#include <hwy/highway.h>

#include "common/quantized.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// d: a tag of int32_t lanes throughout.
#if HWY_TARGET == HWY_SCALAR
template <class D, class V = hn::Vec<D>>
HWY_INLINE V OddDown(D, V v) { return v; }
template <class D, class V = hn::Vec<D>>
HWY_INLINE V HighMulVec(D d, V x, V m, V) { return hn::Set(d, kernels::HighMul(hn::GetLane(x), hn::GetLane(m))); }
template <class D, class V = hn::Vec<D>>
HWY_INLINE V HighMulOnce(D d, V x, V m, V, V less) {
  const int shift = 32 + hn::GetLane(less);
  return hn::Set(d, static_cast<int32_t>((static_cast<int64_t>(hn::GetLane(x)) * hn::GetLane(m) + (int64_t{1} << (shift - 1))) >> shift));
}
#else
template <class D> using WideTag = hn::RepartitionToWide<D>;
template <class D> using WideBits = hn::RebindToUnsigned<WideTag<D>>;

// Lanes 1, 3, 5 ... moved to 0, 2, 4 ...; the others hold anything.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V OddDown(D d, V v) { return hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(WideBits<D>(), v))); }

// HighMul for m >= 0: the sum with 2^30 is shifted down by 31 bits, whatever the sign. m_odd: OddDown(m).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V HighMulVec(D d, V x, V m, V m_odd) {
  const WideBits<D> bits;
  const auto half = hn::Set(WideTag<D>(), int64_t{1} << 30);
  const auto even = hn::BitCast(bits, hn::Add(hn::MulEven(x, m), half));
  const auto odd = hn::BitCast(bits, hn::Add(hn::MulEven(OddDown(d, x), m_odd), half));
  return hn::OddEven(hn::BitCast(d, hn::ShiftLeft<1>(odd)), hn::BitCast(d, hn::ShiftRight<31>(even)));
}

// x m / 2^(32 + less), rounded to nearest, ties upwards. m, less >= 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V HighMulOnce(D d, V x, V m, V m_odd, V less) {
  const WideTag<D> dw;
  // Half of the last bit is 2^(31 + less): 2^31 for 0, else added to the upper half, where it ends up in the bit below `less`.
  const auto low = hn::Set(dw, int64_t{1} << 31);
  const V none = hn::VecFromMask(d, hn::Eq(less, hn::Zero(d)));
  const auto even = hn::Add(hn::MulEven(x, m), hn::And(low, hn::BitCast(dw, none)));
  const auto odd = hn::Add(hn::MulEven(OddDown(d, x), m_odd), hn::And(low, hn::BitCast(dw, OddDown(d, none))));
  const V high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(WideBits<D>(), even))));
  const V one = hn::Set(d, 1);
  const V half = hn::AndNot(none, hn::Shl(one, hn::Sub(hn::Max(less, one), one)));
  return hn::Shr(hn::Add(high, half), less);
}
#endif

// x / 2^(1 + less), rounded to nearest, ties away from zero: |x| < 2^31 - 1, as products are. less in [0, 30].
template <class D, class V = hn::Vec<D>>
HWY_INLINE V RoundingShiftVec(D d, V x, V less) {
  return hn::ShiftRight<1>(hn::Add(hn::Shr(hn::Add(x, hn::ShiftRight<31>(x)), less), hn::Set(d, 1)));
}

// Multipliers of a vector's lanes: x 2^left m / 2^31 / 2^right.
template <class D>
struct FixedFactors {
  using V = hn::Vec<D>;
  V m, m_odd, left, less, none;  // less: right - 1, or 0; none: all bits where right is 0

  // value, shift: as in Multiplier.
  HWY_INLINE void Set(D d, V value, V shift) {
    const V zero = hn::Zero(d);
    m = value, m_odd = OddDown(d, value);
    left = hn::Max(shift, zero);
    const V right = hn::Neg(hn::Min(shift, zero));
    less = hn::Max(hn::Sub(right, hn::Set(d, 1)), zero);
    none = hn::VecFromMask(d, hn::Eq(right, zero));
  }
  HWY_INLINE void Set(D d, const Multiplier& factor) { Set(d, hn::Set(d, factor.value), hn::Set(d, factor.shift)); }

  // Scaled(x, multiplier).
  HWY_INLINE V Scale(D d, V x) const {
    const V product = HighMulVec(d, hn::Shl(x, left), m, m_odd);
    return hn::IfThenElse(hn::MaskFromVec(none), product, RoundingShiftVec(d, product, less));
  }
};

#if HWY_TARGET != HWY_SCALAR
// Lanes 1, 3, 5 ... of odd, and those of even in front of them.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V UpperHalves(D d, hn::Vec<WideTag<D>> even, hn::Vec<WideTag<D>> odd) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  if constexpr (sizeof(V) == 64) return V{_mm512_mask_shuffle_epi32(odd.raw, 0x5555, even.raw, _MM_PERM_DDBB)};
#endif
  return hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(WideBits<D>(), even))));
}
#endif

// The same for |x| < 2^30 and shifts below 0: both roundings are added to the product of 2 x at once. Of the second one, ties go away from zero,
// which is one less for negative x (those whose product rounds to 0 give 0 either way).
template <class D>
struct SmallFactors {
  using V = hn::Vec<D>;
#if HWY_TARGET == HWY_SCALAR
  FixedFactors<D> factors;
  HWY_INLINE void Set(D d, V value, V shift) { factors.Set(d, value, shift); }
  HWY_INLINE V Scale(D d, V x) const { return factors.Scale(d, x); }
#else
  using W = hn::Vec<WideTag<D>>;
  V m, m_odd, right;
  W half_even, half_odd;

  HWY_INLINE void Set(D d, V value, V shift) {
    const WideTag<D> dw;
    m = value, m_odd = OddDown(d, value);
    right = hn::Neg(shift);
    const W one = hn::Set(dw, int64_t{1} << 31), bits = hn::Set(dw, int64_t{63});
    half_even = hn::Add(one, hn::Shl(one, hn::And(hn::BitCast(dw, right), bits)));
    half_odd = hn::Add(one, hn::Shl(one, hn::And(hn::BitCast(dw, OddDown(d, right)), bits)));
  }
  HWY_INLINE V Scale(D d, V x) const {
    const V twice = hn::Add(x, x);
    const W even = hn::Add(hn::MulEven(twice, m), half_even), odd = hn::Add(hn::MulEven(OddDown(d, twice), m_odd), half_odd);
    return hn::Shr(hn::Add(UpperHalves(d, even, odd), hn::ShiftRight<31>(twice)), right);
  }
#endif
};

#if HWY_TARGET != HWY_SCALAR
// The same for sums with 2^31 added, plus the result's zero point: one instruction less, and the zero point costs none. Shifts in [-22, -1].
template <class D>
struct BiasedFactors {
  using V = hn::Vec<D>;
  using W = hn::Vec<WideTag<D>>;
  V twice, twice_odd, right;
  W even_part, odd_part;

  // 2 x m + 2^31 + 2^(31 + right), as in SmallFactors, with (x + 2^31) for x, 1 for the sign of x that Scale adds too much, and the zero point.
  static HWY_INLINE W PartOf(W m, W bits, W zero) {
    const WideTag<D> dw;
    const W one = hn::Set(dw, int64_t{1} << 31);
    const W upper = hn::Sub(hn::Sub(hn::Shl(zero, bits), hn::Set(dw, 1)), m);
    return hn::Add(hn::Add(one, hn::Shl(one, bits)), hn::ShiftLeft<32>(upper));
  }
  HWY_INLINE void Set(D d, V value, V shift, int32_t y_zero) {
    const WideTag<D> dw;
    const W lower = hn::Set(dw, int64_t{0x7fffffff}), zero = hn::Set(dw, int64_t{y_zero});
    twice = hn::Add(value, value), twice_odd = OddDown(d, twice);
    right = hn::Neg(shift);
    even_part = PartOf(hn::And(hn::BitCast(dw, value), lower), hn::And(hn::BitCast(dw, right), lower), zero);
    odd_part = PartOf(hn::And(hn::BitCast(dw, OddDown(d, value)), lower), hn::And(hn::BitCast(dw, OddDown(d, right)), lower), zero);
  }
  HWY_INLINE V Scale(D d, V x) const {
    const hn::RebindToUnsigned<D> du;
    const WideTag<D> dw;
    const auto bits = hn::BitCast(du, x);
    const W even = hn::Add(hn::BitCast(dw, hn::MulEven(bits, hn::BitCast(du, twice))), even_part);
    const W odd = hn::Add(hn::BitCast(dw, hn::MulEven(hn::BitCast(du, OddDown(d, x)), hn::BitCast(du, twice_odd))), odd_part);
    return hn::Shr(hn::Add(UpperHalves(d, even, odd), hn::BitCast(d, hn::ShiftRight<31>(bits))), right);
  }
};
#endif

// One multiplier for all lanes. known: low bits of x that are 0.
template <class D>
struct UniformFactor {
  using V = hn::Vec<D>;
  V m;
  int left, right;
  bool halves;  // x / 2 of an even x

  explicit UniformFactor(const Multiplier& factor, int known = 0)
      : m(hn::Set(D(), factor.value)), left(factor.shift > 0 ? factor.shift : 0), right(factor.shift < 0 ? -factor.shift : 0), halves(known > 0 && factor.value == 1 << 30 && factor.shift == 0) {}

  // Scaled(x, multiplier).
  HWY_INLINE V Scale(D d, V x) const {
    if (halves) return hn::ShiftRight<1>(x);
    if (left != 0) x = hn::ShiftLeftSame(x, left);
    x = HighMulVec(d, x, m, m);
    if (right == 0) return x;
    return hn::ShiftRight<1>(hn::Add(hn::ShiftRightSame(hn::Add(x, hn::ShiftRight<31>(x)), right - 1), hn::Set(d, 1)));
  }
};

#if HWY_TARGET != HWY_SCALAR
// Scaled(int64_t, multiplier) of 64-bit lanes; of a result the lower 32 bits count. D: tag of int64_t.
template <class D>
struct WideFactors {
  using V = hn::Vec<D>;
  V value, left, right, half;

  // m, shift: as in Multiplier.
  HWY_INLINE void Set(D d, V m, V shift) {
    const V zero = hn::Zero(d), fifteen = hn::Set(d, 15), one = hn::Set(d, 1);
    value = hn::Min(hn::ShiftRight<16>(hn::Add(m, hn::Set(d, 1 << 15))), hn::Set(d, 0x7fff));
    const V down = hn::Sub(fifteen, shift);
    left = hn::Max(hn::Neg(down), zero), right = hn::Max(down, zero);
    half = hn::ShiftRight<1>(hn::Shl(one, right));
  }
  HWY_INLINE void Set(D d, const Multiplier& m) { Set(d, hn::Set(d, int64_t{m.value}), hn::Set(d, int64_t{m.shift})); }

  // The product, which wraps, from both halves of x.
  HWY_INLINE V Scale(D d, V x) const {
    const hn::RebindToUnsigned<D> bits;
    const hn::Repartition<uint32_t, D> halves;
    const auto factor = hn::BitCast(halves, value);
    const auto lower = hn::MulEven(hn::BitCast(halves, x), factor);
    const auto upper = hn::MulEven(hn::BitCast(halves, hn::ShiftRight<32>(hn::BitCast(bits, x))), factor);
    const V product = hn::BitCast(d, hn::Add(lower, hn::ShiftLeft<32>(upper)));
    return hn::Shr(hn::Add(hn::Shl(product, left), half), right);
  }
};

// ScaledOnce of 64-bit lanes that hold 32-bit numbers.
template <class D>
struct WideFactorsOnce {
  using V = hn::Vec<D>;
  V value, right, half;

  HWY_INLINE void Set(D d, V m, V shift) {
    const V one = hn::Set(d, 1);
    value = m, right = hn::Sub(hn::Set(d, 31), shift);
    half = hn::ShiftRight<1>(hn::Shl(one, right));
  }
  HWY_INLINE V Scale(D d, V x) const {
    const hn::Repartition<int32_t, D> halves;
    return hn::Shr(hn::Add(hn::BitCast(d, hn::MulEven(hn::BitCast(halves, x), hn::BitCast(halves, value))), half), right);
  }
};

// Lower halves of the lanes of `low`, then of `high`. D: tag of int32_t.
template <class D>
HWY_INLINE hn::Vec<D> LowerHalves(D d, hn::Vec<WideTag<D>> low, hn::Vec<WideTag<D>> high) {
  return hn::ConcatEven(d, hn::BitCast(d, high), hn::BitCast(d, low));
}
#endif

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
