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

using FixedTag = hn::ScalableTag<int32_t>;
using FixedVec = hn::Vec<FixedTag>;

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE FixedVec OddDown(FixedVec v) { return v; }
HWY_INLINE FixedVec HighMulVec(FixedVec x, FixedVec m, FixedVec) { return hn::Set(FixedTag(), kernels::HighMul(hn::GetLane(x), hn::GetLane(m))); }
HWY_INLINE FixedVec HighMulOnce(FixedVec x, FixedVec m, FixedVec, FixedVec less) {
  const int shift = 32 + hn::GetLane(less);
  return hn::Set(FixedTag(), static_cast<int32_t>((static_cast<int64_t>(hn::GetLane(x)) * hn::GetLane(m) + (int64_t{1} << (shift - 1))) >> shift));
}
#else
using FixedWide = hn::RepartitionToWide<FixedTag>;
using FixedWideBits = hn::RebindToUnsigned<FixedWide>;

// Lanes 1, 3, 5 ... moved to 0, 2, 4 ...; the others hold anything.
HWY_INLINE FixedVec OddDown(FixedVec v) { return hn::BitCast(FixedTag(), hn::ShiftRight<32>(hn::BitCast(FixedWideBits(), v))); }

// HighMul for m >= 0: the sum with 2^30 is shifted down by 31 bits, whatever the sign. m_odd: OddDown(m).
HWY_INLINE FixedVec HighMulVec(FixedVec x, FixedVec m, FixedVec m_odd) {
  const FixedTag d;
  const auto half = hn::Set(FixedWide(), int64_t{1} << 30);
  const auto even = hn::BitCast(FixedWideBits(), hn::Add(hn::MulEven(x, m), half));
  const auto odd = hn::BitCast(FixedWideBits(), hn::Add(hn::MulEven(OddDown(x), m_odd), half));
  return hn::OddEven(hn::BitCast(d, hn::ShiftLeft<1>(odd)), hn::BitCast(d, hn::ShiftRight<31>(even)));
}

// x m / 2^(32 + less), rounded to nearest, ties upwards. m, less >= 0.
HWY_INLINE FixedVec HighMulOnce(FixedVec x, FixedVec m, FixedVec m_odd, FixedVec less) {
  const FixedTag d;
  const FixedWide dw;
  // Half of the last bit is 2^(31 + less): 2^31 for 0, else added to the upper half, where it ends up in the bit below `less`.
  const auto low = hn::Set(dw, int64_t{1} << 31);
  const FixedVec none = hn::VecFromMask(d, hn::Eq(less, hn::Zero(d)));
  const auto even = hn::Add(hn::MulEven(x, m), hn::And(low, hn::BitCast(dw, none)));
  const auto odd = hn::Add(hn::MulEven(OddDown(x), m_odd), hn::And(low, hn::BitCast(dw, OddDown(none))));
  const FixedVec high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(FixedWideBits(), even))));
  const FixedVec half = hn::AndNot(none, hn::Shl(hn::Set(d, 1), hn::Sub(hn::Max(less, hn::Set(d, 1)), hn::Set(d, 1))));
  return hn::Shr(hn::Add(high, half), less);
}
#endif

// x / 2^(1 + less), rounded to nearest, ties away from zero: |x| < 2^31 - 1, as products are. less in [0, 30].
HWY_INLINE FixedVec RoundingShiftVec(FixedVec x, FixedVec less) {
  const FixedTag d;
  return hn::ShiftRight<1>(hn::Add(hn::Shr(hn::Add(x, hn::ShiftRight<31>(x)), less), hn::Set(d, 1)));
}

// Multipliers of a vector's lanes: x 2^left m / 2^31 / 2^right.
struct FixedFactors {
  FixedVec m, m_odd, left, less, none;  // less: right - 1, or 0; none: all bits where right is 0

  // value, shift: as in Multiplier.
  HWY_INLINE void Set(FixedVec value, FixedVec shift) {
    const FixedTag d;
    const auto zero = hn::Zero(d);
    m = value, m_odd = OddDown(value);
    left = hn::Max(shift, zero);
    const auto right = hn::Neg(hn::Min(shift, zero));
    less = hn::Max(hn::Sub(right, hn::Set(d, 1)), zero);
    none = hn::VecFromMask(d, hn::Eq(right, zero));
  }
  HWY_INLINE void Set(const Multiplier& factor) { Set(hn::Set(FixedTag(), factor.value), hn::Set(FixedTag(), factor.shift)); }

  // Scaled(x, multiplier).
  HWY_INLINE FixedVec Scale(FixedVec x) const {
    const FixedVec product = HighMulVec(hn::Shl(x, left), m, m_odd);
    return hn::IfThenElse(hn::MaskFromVec(none), product, RoundingShiftVec(product, less));
  }
  // The same when every shift is below 0.
  HWY_INLINE FixedVec ScaleDown(FixedVec x) const { return RoundingShiftVec(HighMulVec(x, m, m_odd), less); }
};

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
