// Vector power of f32 values, computed in f64: at most 0.51 ulp over all pairs of floats, subnormal results included (math_test.cc samples them).
//
// Include inside a HWY_TARGET_INCLUDE file. x^y = 2^(y log2 |x|) with a logarithm to 2^-39 and an exponential to 2^-32; the sign and the special
// values of C's pow are chosen afterwards, without branches.
#if defined(TFLOWER_KERNELS_SIMD_POW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_POW_INL_H_
#undef TFLOWER_KERNELS_SIMD_POW_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_POW_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <limits>

#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// log2 x of a normal positive x: exponent + log2 of a mantissa in [sqrt(1/2), sqrt(2)), by the series of atanh.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Log2F64(D d, V x) {
  const hn::RebindToUnsigned<D> du;
  constexpr uint64_t kRootHalf = 0x3fe6a09e667f3bcd, kTop = uint64_t{1} << 63, kTwo52 = 0x4330000000000000;
  const auto bits = hn::BitCast(du, x);
  const auto biased = hn::ShiftRight<52>(hn::Add(hn::Sub(bits, hn::Set(du, kRootHalf)), hn::Set(du, kTop)));  // 2048 + exponent
  const V e = hn::Sub(hn::BitCast(d, hn::Or(biased, hn::Set(du, kTwo52))), hn::Set(d, 0x1p52 + 2048));
  const V m = hn::BitCast(d, hn::Sub(bits, hn::Xor(hn::ShiftLeft<52>(biased), hn::Set(du, kTop))));
  const V s = hn::Div(hn::Sub(m, hn::Set(d, 1.0)), hn::Add(m, hn::Set(d, 1.0)));
  const V z = hn::Mul(s, s);
  constexpr double kScale = 2.8853900817779268;  // 2 / ln 2
  V p = hn::MulAdd(hn::Set(d, kScale / 13), z, hn::Set(d, kScale / 11));
  p = hn::MulAdd(p, z, hn::Set(d, kScale / 9));
  p = hn::MulAdd(p, z, hn::Set(d, kScale / 7));
  p = hn::MulAdd(p, z, hn::Set(d, kScale / 5));
  p = hn::MulAdd(p, z, hn::Set(d, kScale / 3));
  p = hn::MulAdd(p, z, hn::Set(d, kScale));
  return hn::MulAdd(s, p, e);
}

// 2^t for |t| <= 300.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Exp2F64(D d, V t) {
  const hn::RebindToUnsigned<D> du;
  const V n = hn::Round(t), r = hn::Sub(t, n);
  V p = hn::MulAdd(hn::Set(d, 1.3215486790144307e-6), r, hn::Set(d, 1.5252733804059841e-5));  // (ln 2)^k / k!
  p = hn::MulAdd(p, r, hn::Set(d, 1.5403530393381608e-4));
  p = hn::MulAdd(p, r, hn::Set(d, 1.3333558146428443e-3));
  p = hn::MulAdd(p, r, hn::Set(d, 9.6181291076284772e-3));
  p = hn::MulAdd(p, r, hn::Set(d, 5.5504108664821580e-2));
  p = hn::MulAdd(p, r, hn::Set(d, 2.4022650695910071e-1));
  p = hn::MulAdd(p, r, hn::Set(d, 6.9314718055994531e-1));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0));
  // Adding 1.5 * 2^52 leaves the integer in the low bits of the mantissa: a conversion that every target has.
  const auto integer = hn::BitCast(du, hn::Add(n, hn::Set(d, 6755399441055744.0)));
  return hn::Mul(p, hn::BitCast(d, hn::ShiftLeft<52>(hn::Add(integer, hn::Set(du, uint64_t{1023})))));
}

// a^b as C's pow. df: as many floats as d has doubles.
template <class D, class DF, class VF = hn::Vec<DF>>
HWY_INLINE VF PowF32(D d, DF df, VF a, VF b) {
  using V = hn::Vec<D>;
  const V x = hn::PromoteTo(d, a), inf = hn::Set(d, std::numeric_limits<double>::infinity()), huge = hn::Set(d, 1e300);
  const V magnitude = hn::Abs(x), zero = hn::Zero(d);
  // Larger exponents change nothing: all but 1 overflows or vanishes. They are even, as all floats above 2^24.
  const V y = hn::Min(hn::Max(hn::PromoteTo(d, b), hn::Set(d, -0x1p40)), hn::Set(d, 0x1p40));
  V log = Log2F64(d, magnitude);
  log = hn::IfThenElse(hn::Eq(magnitude, inf), huge, hn::IfThenElse(hn::Eq(magnitude, zero), hn::Neg(huge), log));
  // What overflows ends at 2^129, and the last factor 4 is multiplied in f32: not every target's DemoteTo makes infinities.
  const V t = hn::Min(hn::Max(hn::Mul(y, log), hn::Set(d, -300.0)), hn::Set(d, 129.0));
  const V power = Exp2F64(d, t);
  const auto large = hn::Gt(power, hn::Set(d, 1.0));
  // The sign of an odd integer power; NaN for a negative number to what is no integer.
  const V half = hn::Mul(y, hn::Set(d, 0.5));
  const auto whole = hn::Eq(hn::Round(y), y);
  const auto odd = hn::And(whole, hn::Not(hn::Eq(hn::Round(half), half)));
  const V sign = hn::IfThenElse(odd, hn::CopySignToAbs(hn::Set(d, 1.0), x), hn::Set(d, 1.0));
  const auto none = hn::AndNot(whole, hn::And(hn::Lt(x, zero), hn::Gt(x, hn::Neg(inf))));
  const V scaled = hn::Mul(power, hn::IfThenElse(large, hn::Mul(sign, hn::Set(d, 0.25)), sign));
  VF r = hn::DemoteTo(df, hn::IfThenElse(none, hn::Set(d, std::numeric_limits<double>::quiet_NaN()), scaled));
  r = hn::Mul(r, hn::DemoteTo(df, hn::IfThenElse(large, hn::Set(d, 4.0), hn::Set(d, 1.0))));
  const auto numbers = hn::And(hn::Eq(a, a), hn::Eq(b, b));
  const VF one = hn::Set(df, 1.0f);
  r = hn::IfThenElse(numbers, r, hn::Add(a, b));
  return hn::IfThenElse(hn::Or(hn::Eq(a, one), hn::Eq(b, hn::Zero(df))), one, r);
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TFLOWER_KERNELS_SIMD_POW_INL_H_
