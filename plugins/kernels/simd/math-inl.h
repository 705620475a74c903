// Vector exp, expm1, log, logistic, tanh, erf and x times the normal distribution for f32.
//
// Include inside a HWY_TARGET_INCLUDE file. Own minimax coefficients (Lawson fit). NaN gives NaN everywhere. Largest error over
// all floats, with or without FMA, in units in the last place of the exact result (math_test.cc sweeps them):
//   ExpF32 1.1   ExpFlushF32 1.1   Expm1F32 1.1   LogF32 1.0   LogisticF32 2.0   TanhF32 1.5   ErfF32 1.4   TimesNormalF32 8.0
// No function makes subnormal results (below 1.18e-38) of normal arguments: the exponentials and LogisticF32 give 0 instead.
#if defined(TFLOWER_KERNELS_SIMD_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_MATH_INL_H_
#undef TFLOWER_KERNELS_SIMD_MATH_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_MATH_INL_H_
#endif

#include <hwy/highway.h>

#include <limits>

#include "simd/compat-inl.h"
#include "simd/piecewise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// y = n ln 2 + r with integral n and |r| <= ln 2 / 2. ln 2 in two terms: the first has 16 bits, so n times it is exact.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ReduceByLn2(D d, V y, V& n) {
  n = hn::Round(hn::Mul(y, hn::Set(d, 1.44269504f)));
  const V r = hn::NegMulAdd(n, hn::Set(d, 0.693145752f), y);
  return hn::NegMulAdd(n, hn::Set(d, 1.42860677e-6f), r);
}

// e^r - 1 for |r| <= ln 2 / 2: r + r^2 P(r), P to 2^-28.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpMinus1Reduced(D d, V r) {
  V p = hn::MulAdd(hn::Set(d, 0.00138146089f), r, hn::Set(d, 0.00836871191f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.0416683876f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.166665207f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.499999935f));
  return hn::MulAdd(hn::Mul(r, r), p, r);
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpReduced(D d, V r) { return hn::Add(ExpMinus1Reduced(d, r), hn::Set(d, 1.0f)); }

// The same, with 2^n for n in [-126, 127] in place of n: adding 1.5 * 2^23 + 127 leaves n + 127 in the low bits, from where it becomes the exponent.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SplitByLn2(D d, V y, V& pow2) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 12583039.0f), sum = hn::MulAdd(y, hn::Set(d, 1.44269504f), magic), n = hn::Sub(sum, magic);
  pow2 = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, sum)));
  const V r = hn::NegMulAdd(n, hn::Set(d, 0.693145752f), y);
  return hn::NegMulAdd(n, hn::Set(d, 1.42860677e-6f), r);
}

// Below this e^x is subnormal. A subnormal result costs a microcode assist on x86, 10 to 20 times the work of the whole function, so
// none is made: e^x is 0 there, as in TensorFlow, which runs with flush-to-zero.
constexpr float kLowestExp = -87.3365402f;

// e^x. +inf above 88.7228, 0 below -87.3365.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpF32(D d, V x) {
  const V lowest = hn::Set(d, kLowestExp);
  V n;
  const V r = ReduceByLn2(d, ClampKeepNaN(d, x, lowest, hn::Set(d, 89.0f)), n);
  return hn::IfThenZeroElse(hn::Lt(x, lowest), MulByPow2(d, ExpReduced(d, r), n));
}

// e^x with x clamped to [kLowestExp, highest], highest <= 88. One multiplication by a power of two.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpClampedF32(D d, V x, float highest = -kLowestExp) {
  V pow2;
  const V r = SplitByLn2(d, ClampKeepNaN(d, x, hn::Set(d, kLowestExp), hn::Set(d, highest)), pow2);
  return hn::Mul(ExpReduced(d, r), pow2);
}

// e^x for x <= 87; 0 below -87.3365. The softmax form.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpFlushF32(D d, V x) {
  const V lowest = hn::Set(d, kLowestExp);
#if TFLOWER_X86_VECTOR
  const V bounded = hn::Max(lowest, x);  // keeps NaN
#else
  const V bounded = hn::IfThenElse(hn::Lt(x, lowest), lowest, x);
#endif
  V pow2;
  const V r = SplitByLn2(d, bounded, pow2);
  return hn::IfThenZeroElse(hn::Lt(x, lowest), hn::Mul(ExpReduced(d, r), pow2));
}

// e^x - 1 for x <= 88: 2^n p + (2^n - 1), so that nothing cancels near 0. +0 for -0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Expm1F32(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  V scale;
  const V r = SplitByLn2(d, ClampKeepNaN(d, x, hn::Set(d, -18.1f), hn::Set(d, 88.0f)), scale);
  V p = hn::MulAdd(hn::Set(d, 0.00138825207f), r, hn::Set(d, 0.00836651591f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.0416671997f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.166665437f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.499999982f));
  p = hn::MulAdd(hn::Mul(r, r), p, r);
  return hn::MulAdd(scale, p, hn::Sub(scale, one));
}

// 1 / (1 + e^-x); 0 below -87.3365, where the result is subnormal. With x = n ln 2 - r and e^r = 1 + s it is 2^n / (1 + 2^n + s). What 1 + 2^n loses is added to s.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V LogisticF32(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V one = hn::Set(d, 1.0f), lowest = hn::Set(d, kLowestExp);
  const V bounded = ClampKeepNaN(d, x, lowest, hn::Set(d, -kLowestExp));
  const V magic = hn::Set(d, 12583039.0f), sum = hn::MulAdd(bounded, hn::Set(d, 1.44269504f), magic), n = hn::Sub(sum, magic);
  const V pow2 = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, sum)));
  const V r = hn::MulAdd(n, hn::Set(d, 1.42860677e-6f), hn::MulSub(n, hn::Set(d, 0.693145752f), bounded));
  const V whole = hn::Add(one, pow2), lost = hn::Sub(pow2, hn::Sub(whole, one));
  const V y = hn::Div(pow2, hn::Add(whole, hn::Add(ExpMinus1Reduced(d, r), lost)));
  return hn::IfThenZeroElse(hn::Lt(x, lowest), y);
}

// By pieces where the machine has them. Else an odd polynomial below 0.55, 1 - 2 / (e^(2|x|) + 1) above. (t / (t + 2) with t = e^(2|x|) - 1 is shorter, but has an error of 2.3 ulp.)
template <class D, class V = hn::Vec<D>>
HWY_INLINE V TanhF32(D d, V x) {
  const V a = hn::Abs(x);
  if constexpr (kPiecewise<D>) return hn::CopySignToAbs(TanhByPieces(d, a), x);
  const V one = hn::Set(d, 1.0f);
  const V u = hn::Mul(a, a);
  V near = hn::MulAdd(hn::Set(d, -0.00627422376f), u, hn::Set(d, 0.0210716679f));
  near = hn::MulAdd(near, u, hn::Set(d, -0.0538523072f));
  near = hn::MulAdd(near, u, hn::Set(d, 0.133325861f));
  near = hn::MulAdd(near, u, hn::Set(d, -0.333333176f));
  near = hn::MulAdd(hn::Mul(near, u), a, a);
  // Above 9.02 tanh is 1; the bound keeps 2 / (e + 1) from being subnormal.
  const V e = ExpClampedF32(d, hn::Add(a, a), 20.0f);
  const V far = hn::Sub(one, hn::Div(hn::Set(d, 2.0f), hn::Add(e, one)));
  return hn::CopySignToAbs(hn::IfThenElse(hn::Lt(a, hn::Set(d, 0.55f)), near, far), x);
}

// An odd polynomial below 1, 1 - e^(-a Q(a)) above; 1 is nearest above 3.92. Little is taken from 1, so the error of the exponential counts little.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ErfF32(D d, V x) {
  const V magnitude = hn::Abs(x), a = ClampKeepNaN(d, magnitude, hn::Zero(d), hn::Set(d, 4.0f)), u = hn::Mul(a, a);
  V near = hn::MulAdd(hn::Set(d, 7.80690316e-05f), u, hn::Set(d, -0.00079978531f));
  near = hn::MulAdd(near, u, hn::Set(d, 0.0051871622f));
  near = hn::MulAdd(near, u, hn::Set(d, -0.0268533472f));
  near = hn::MulAdd(near, u, hn::Set(d, 0.112835787f));
  near = hn::MulAdd(near, u, hn::Set(d, -0.37612626f));
  near = hn::MulAdd(near, u, hn::Set(d, 0.128379166f));
  near = hn::MulAdd(near, a, a);
  V far = hn::MulAdd(hn::Set(d, 0.000210647049f), a, hn::Set(d, -0.00318697677f));
  far = hn::MulAdd(far, a, hn::Set(d, 0.0227985587f));
  far = hn::MulAdd(far, a, hn::Set(d, -0.105116293f));
  far = hn::MulAdd(far, a, hn::Set(d, -0.635831356f));
  far = hn::MulAdd(far, a, hn::Set(d, -1.12848008f));
  far = hn::Sub(hn::Set(d, 1.0f), ExpClampedF32(d, hn::Mul(far, a), 0.0f));
  return hn::CopySignToAbs(hn::IfThenElse(hn::Lt(a, hn::Set(d, 1.0f)), near, far), x);
}

// a^2 in two exact parts, of |a| < 2^60; the second one is far smaller.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SquareInParts(D d, V a, V& low) {
  if constexpr (kFusedMulAdd) {
    const V square = hn::Mul(a, a);
    low = hn::MulSub(a, a, square);
    return square;
  } else {
    const hn::RebindToUnsigned<D> du;
    const V high = hn::BitCast(d, hn::And(hn::BitCast(du, a), hn::Set(du, 0xfffff000u)));  // 12 bits
    low = hn::Mul(hn::Sub(a, high), hn::Add(a, high));
    return hn::Mul(high, high);
  }
}

// x times the normal distribution function of x, which for negative x is e^(-x^2 / 2) N(|x|) / D(|x|) and keeps its relative accuracy to the end. 0 below
// -12.9, where the distribution is below 3e-38. The square is taken in two exact parts: e^u would show the error of a rounded u.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V TimesNormalF32(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V beyond = hn::Set(d, 12.9f), magnitude = hn::Abs(x), a = hn::Min(magnitude, beyond);
  V low;
  const V square = SquareInParts(d, a, low);
  // square + low = -2 n ln 2 + r with |r| <= ln 2; see SplitByLn2
  const V magic = hn::Set(d, 12583039.0f), sum = hn::MulAdd(square, hn::Set(d, -0.5f * 1.44269504f), magic), n = hn::Sub(sum, magic);
  const V pow2 = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, sum)));
  V r = hn::MulAdd(n, hn::Set(d, 2 * 0.693145752f), square);
  r = hn::Add(hn::MulAdd(n, hn::Set(d, 2 * 1.42860677e-6f), r), low);
  V e = hn::MulAdd(hn::Set(d, 0.00138146089f / 64), r, hn::Set(d, -0.00836871191f / 32));  // e^(-r / 2): ExpReduced's coefficients
  e = hn::MulAdd(e, r, hn::Set(d, 0.0416683876f / 16));
  e = hn::MulAdd(e, r, hn::Set(d, -0.166665207f / 8));
  e = hn::MulAdd(e, r, hn::Set(d, 0.499999935f / 4));
  e = hn::MulAdd(e, r, hn::Set(d, -0.5f));
  e = hn::MulAdd(e, r, hn::Set(d, 1.0f));
  V num = hn::MulAdd(hn::Set(d, 0.00402018956f), a, hn::Set(d, 0.0399841770f));
  num = hn::MulAdd(num, a, hn::Set(d, 0.181306789f));
  num = hn::MulAdd(num, a, hn::Set(d, 0.435686382f));
  num = hn::MulAdd(num, a, hn::Set(d, 0.5f));
  V den = hn::MulAdd(hn::Set(d, 0.0100769776f), a, hn::Set(d, 0.100232850f));
  den = hn::MulAdd(den, a, hn::Set(d, 0.464380406f));
  den = hn::MulAdd(den, a, hn::Set(d, 1.19448437f));
  den = hn::MulAdd(den, a, hn::Set(d, 1.66925768f));
  den = hn::MulAdd(den, a, hn::Set(d, 1.0f));
  const V tail = hn::IfThenElseZero(hn::Lt(magnitude, beyond), hn::Div(hn::Mul(hn::Mul(pow2, e), num), den));
  return hn::Mul(x, hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(hn::Set(d, 1.0f), tail)));
}

// log x of a normal positive x: exponent and mantissa in [sqrt(1/2), sqrt(2)).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V LogMantissa(D d, V x, V& exponent) {
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, x);
  const auto e = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, 0x3f3504f3)));  // bits of sqrt(1/2)
  exponent = hn::ConvertTo(d, e);
  return hn::Sub(hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(e))), hn::Set(d, 1.0f));
}

// log(1 + f) + e ln 2: f + f^2 P(f), P to 2^-28.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V LogOf(D d, V f, V e) {
  V p = hn::MulAdd(hn::Set(d, -0.0763445064f), f, hn::Set(d, 0.127615826f));
  p = hn::MulAdd(p, f, hn::Set(d, -0.131602026f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.142017587f));
  p = hn::MulAdd(p, f, hn::Set(d, -0.166233554f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.200012268f));
  p = hn::MulAdd(p, f, hn::Set(d, -0.250008211f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.333333317f));
  p = hn::MulAdd(p, f, hn::Set(d, -0.5f));
  const V y = hn::MulAdd(hn::Mul(f, f), p, hn::MulAdd(e, hn::Set(d, 1.42860677e-6f), f));
  return hn::MulAdd(e, hn::Set(d, 0.693145752f), y);
}

// Natural logarithm; -inf at 0, NaN below. Vectors of normal positive numbers, which nearly all are, take a shorter way; subnormals are scaled by
// 2^23 first.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V LogF32(D d, V x) {
  const V least = hn::Set(d, std::numeric_limits<float>::min()), inf = hn::Set(d, std::numeric_limits<float>::infinity());
  V e;
  if (HWY_LIKELY(hn::AllTrue(d, hn::And(hn::Ge(x, least), hn::Lt(x, inf))))) {
    const V f = LogMantissa(d, x, e);
    return LogOf(d, f, e);
  }
  const auto subnormal = hn::Lt(x, least);
  const V f = LogMantissa(d, hn::IfThenElse(subnormal, hn::Mul(x, hn::Set(d, 8388608.0f)), x), e);
  V y = LogOf(d, f, hn::Sub(e, hn::IfThenElseZero(subnormal, hn::Set(d, 23.0f))));
  y = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(inf), y);
  y = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Set(d, std::numeric_limits<float>::quiet_NaN()), y);
  return hn::IfThenElse(hn::Lt(x, inf), y, x);  // +inf and NaN give themselves
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TFLOWER_KERNELS_SIMD_MATH_INL_H_
