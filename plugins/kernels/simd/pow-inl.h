// Vector power of f32 values (math_test.cc samples them).
//
// Include inside a HWY_TARGET_INCLUDE file. x^y = 2^(y log2 |x|).
// PowF32, in f64: at most 0.51 ulp over all pairs of floats, subnormal results included. The logarithm is exact to 2^-39, the exponential to 2^-32; the sign and
// the special values of C's pow are chosen afterwards, without branches.
// PowByPairs, for targets that fuse, in f32: at most 2 ulp where it answers, which is for normal x and results. The logarithm is the sum of two floats.
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

// log2 x of a normal positive x as high + low, to 2^-33 of its size. x = 2^e m / c with c of a few bits and m near 1: e - log2 c is exact, as its
// first part has 14 bits. log2 m by the series of atanh: s = (m - 1) / (m + 1) in two floats, of which the terms behind the first one need one.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Log2InPairs(D d, V x, V& low) {
  const hn::RebindToSigned<D> di;
  const V one = hn::Set(d, 1.0f), zero = hn::Zero(d);
  const auto bits = hn::BitCast(di, x), exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, 0x3f3504f3)));  // bits of sqrt(1/2)
  const V mantissa = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  const auto small = hn::Lt(mantissa, hn::Set(d, 0.86f)), large = hn::Gt(mantissa, hn::Set(d, 1.16f));
  const auto choose = [&](float if_small, float if_large, V otherwise) HWY_ATTR { return hn::IfThenElse(small, hn::Set(d, if_small), hn::IfThenElse(large, hn::Set(d, if_large), otherwise)); };
  const V c = choose(1.25f, 0.8125f, one), whole = hn::Add(hn::ConvertTo(d, exponent), choose(-0.321899414f, 0.299560547f, zero));
  const V m = hn::Mul(mantissa, c), m_low = hn::MulSub(mantissa, c, m);
  const V f = hn::Sub(m, one), g = hn::Add(m, one), g_low = hn::Add(hn::Sub(m, hn::Sub(g, one)), m_low);
  const V inverse = hn::Div(one, g), s = hn::Mul(f, inverse);
  const V s_low = hn::Mul(hn::NegMulAdd(s, g_low, hn::Add(hn::NegMulAdd(s, g, f), m_low)), inverse);
  const V z = hn::Mul(s, s);
  V p = hn::MulAdd(hn::Set(d, 0.415450335f), z, hn::Set(d, 0.577068508f));
  p = hn::MulAdd(p, z, hn::Set(d, 0.961796701f));
  const V k = hn::Set(d, 2.88539004f), first = hn::Mul(s, k);  // 2 / ln 2
  V rest = hn::MulAdd(s_low, k, hn::MulAdd(s, hn::Set(d, 3.85192607e-08f), hn::MulSub(s, k, first)));
  rest = hn::Add(hn::MulAdd(hn::Mul(s, z), p, rest), choose(-2.86808245e-05f, -2.65016098e-07f, zero));
  const V high = hn::Add(whole, first);
  low = hn::Add(hn::Sub(first, hn::Sub(high, whole)), rest);
  return high;
}

// 2^(t + low) for |t| <= 126.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Exp2OfPair(D d, V t, V low) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 12583039.0f), sum = hn::Add(hn::Add(t, low), magic);  // see SplitByLn2
  const V pow2 = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, sum)));
  const V r = hn::Add(hn::Sub(t, hn::Sub(sum, magic)), low);
  V p = hn::MulAdd(hn::Set(d, 0.000153289264f), r, hn::Set(d, 0.00133909704f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.00961850025f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.0555035956f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.240226477f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.693147182f));
  return hn::Mul(hn::MulAdd(p, r, hn::Set(d, 1.0f)), pow2);
}

// a^b where all lanes have normal a and normal results; false where one has not, or b is not finite.
template <class D, class V = hn::Vec<D>>
HWY_INLINE bool PowByPairs(D d, V a, V b, V& power) {
  const V x = hn::Abs(a), zero = hn::Zero(d);
  V low;
  const V high = Log2InPairs(d, x, low), t = hn::Mul(b, high), t_low = hn::MulAdd(b, low, hn::MulSub(b, high, t));
  const auto normal = hn::And(hn::Ge(x, hn::Set(d, std::numeric_limits<float>::min())), hn::Le(x, hn::Set(d, std::numeric_limits<float>::max())));
  if (HWY_UNLIKELY(!hn::AllTrue(d, hn::And(normal, hn::Le(hn::Abs(t), hn::Set(d, 125.5f)))))) return false;
  power = Exp2OfPair(d, t, t_low);
  const auto negative = hn::Lt(a, zero);
  if (HWY_LIKELY(hn::AllFalse(d, negative))) return true;
  // The sign of an odd integer power; NaN for a negative number to what is no integer.
  const V half = hn::Mul(b, hn::Set(d, 0.5f));
  const auto whole = hn::Eq(hn::Round(b), b), odd = hn::And(whole, hn::Not(hn::Eq(hn::Round(half), half)));
  power = hn::IfThenElse(hn::And(odd, negative), hn::Neg(power), power);
  power = hn::IfThenElse(hn::AndNot(whole, negative), hn::Set(d, std::numeric_limits<float>::quiet_NaN()), power);
  return true;
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TFLOWER_KERNELS_SIMD_POW_INL_H_
