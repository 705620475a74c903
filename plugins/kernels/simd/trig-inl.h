// Vector sin and cos of f32 values: at most 1.6 ulp over all floats (math_test.cc sweeps them).
//
// Include inside a HWY_TARGET_INCLUDE file. Up to 2^19 the argument is reduced to |r| <= pi/4 or pi/2; larger ones go to the C library.
// With fused multiply-adds in f32: pi or pi/2 in three terms. x minus n times the first is exact, since both are multiples of 2^-24 and the difference is
// below 1 (of 2^-23, below 2); the two steps after it round once each, relative to what is left.
// Else in f64, at most 1 ulp: pi/2 in two terms, of which the first has 33 bits, so n times it is exact.
#if defined(TFLOWER_KERNELS_SIMD_TRIG_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_TRIG_INL_H_
#undef TFLOWER_KERNELS_SIMD_TRIG_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_TRIG_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstddef>
#include <type_traits>

#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// sin(x + quarter * pi/2) for |x| <= 2^19; quarter is 0 for the sine and 1 for the cosine.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SinF64(D d, V x, int quarter) {
  const hn::RebindToSigned<D> di;
  const V n = hn::Round(hn::Mul(x, hn::Set(d, 0.6366197723675814)));
  V r = hn::NegMulAdd(n, hn::Set(d, 1.5707963267341256), x);
  r = hn::NegMulAdd(n, hn::Set(d, 6.077100506506192e-11), r);
  const V z = hn::Mul(r, r);
  V s = hn::MulAdd(hn::Set(d, 2.718274473570252e-06), z, hn::Set(d, -0.00019839330997183493));
  s = hn::MulAdd(s, z, hn::Set(d, 0.008333329374123271));
  s = hn::MulAdd(s, z, hn::Set(d, -0.16666666641526864));
  s = hn::MulAdd(hn::Mul(s, z), r, r);
  s = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, s);  // keeps the sign of zero
  V c = hn::MulAdd(hn::Set(d, 2.443809075681428e-05), z, hn::Set(d, -0.0013887364483466183));
  c = hn::MulAdd(c, z, hn::Set(d, 0.04166664680714123));
  c = hn::MulAdd(hn::MulAdd(c, z, hn::Set(d, -0.5)), z, hn::Set(d, 1.0));
  // Adding 1.5 * 2^52 leaves the integer in the low bits of the mantissa: a conversion that every target has.
  const auto q = hn::Add(hn::BitCast(di, hn::Add(n, hn::Set(d, 6755399441055744.0))), hn::Set(di, quarter));
  const auto odd = hn::MaskFromVec(hn::BitCast(d, hn::Neg(hn::And(q, hn::Set(di, 1)))));
  const auto sign = hn::ShiftLeft<62>(hn::And(q, hn::Set(di, 2)));
  return hn::Xor(hn::IfThenElse(odd, c, s), hn::BitCast(d, sign));
}

// The same in f32, for targets that fuse. Adding 1.5 * 2^23 rounds, and leaves the integer in the low bits. Both are even or odd: |x| is what they take.
// Sine: r is the distance to the nearest multiple of pi, whose last bit is the sign. r + r w, w = -z/6 + z^2 Q(z), keeps most bits of w, which is large near pi/2.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SineF32(D d, V x) {
  const hn::RebindToUnsigned<D> du;
  const V a = hn::Abs(x), magic = hn::Set(d, 12582912.0f), sum = hn::MulAdd(a, hn::Set(d, 0.318309886f), magic), n = hn::Sub(sum, magic);
  V r = hn::NegMulAdd(n, hn::Set(d, 3.14159274f), a);
  r = hn::NegMulAdd(n, hn::Set(d, -8.74227766e-08f), r);
  r = hn::NegMulAdd(n, hn::Set(d, -3.43024902e-15f), r);
  const V z = hn::Mul(r, r);
  V q = hn::MulAdd(hn::Set(d, -2.55602597e-08f), z, hn::Set(d, 2.76291826e-06f));
  q = hn::MulAdd(q, z, hn::Set(d, -0.000198431124f));
  q = hn::MulAdd(q, z, hn::Set(d, 0.00833335053f));
  const V w = hn::MulAdd(z, hn::Set(d, -0.166666672f), hn::Mul(hn::Mul(z, z), q));
  const auto sign = hn::Xor(hn::ShiftLeft<31>(hn::BitCast(du, sum)), hn::BitCast(du, hn::Xor(x, a)));
  return hn::Xor(hn::MulAdd(r, w, r), hn::BitCast(d, sign));  // -0 gives -0
}

// Cosine: to multiples of pi/2, since r would lose a bit in front of odd ones alone. b + b z P(z), where b is 1 or r: each lane has its own coefficients.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V CosineF32(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V a = hn::Abs(x), magic = hn::Set(d, 12582912.0f), sum = hn::MulAdd(a, hn::Set(d, 0.636619772f), magic), n = hn::Sub(sum, magic);
  V r = hn::NegMulAdd(n, hn::Set(d, 1.57079637f), a);
  r = hn::NegMulAdd(n, hn::Set(d, -4.37113883e-08f), r);
  r = hn::NegMulAdd(n, hn::Set(d, -1.71512451e-15f), r);
  const V z = hn::Mul(r, r);
  const auto q = hn::BitCast(di, sum), one = hn::Set(di, 1);
  const auto odd = hn::RebindMask(d, hn::TestBit(q, one));
  const auto choose = [&](float of_sine, float of_cosine) HWY_ATTR { return hn::IfThenElse(odd, hn::Set(d, of_sine), hn::Set(d, of_cosine)); };
  V p = hn::MulAdd(choose(2.71827447e-06f, 2.44380908e-05f), z, choose(-0.00019839331f, -0.00138873645f));
  p = hn::MulAdd(p, z, choose(0.00833332937f, 0.0416666468f));
  p = hn::MulAdd(p, z, choose(-0.166666666f, -0.5f));
  const V b = hn::IfThenElse(odd, r, hn::Set(d, 1.0f));
  const auto sign = hn::ShiftLeft<30>(hn::And(hn::Add(q, one), hn::Set(di, 2)));
  return hn::Xor(hn::MulAdd(hn::Mul(b, z), p, b), hn::BitCast(d, sign));
}

// As many floats as one step takes.
using SinTag = std::conditional_t<kFusedMulAdd, hn::ScalableTag<float>, hn::Rebind<float, hn::ScalableTag<double>>>;

template <class DF, class V = hn::Vec<DF>>
HWY_INLINE V SinStep(DF df, V v, int quarter) {
  if constexpr (kFusedMulAdd) {
    return quarter == 0 ? SineF32(df, v) : CosineF32(df, v);
  } else {
    const hn::ScalableTag<double> d;
    return hn::DemoteTo(df, SinF64(d, hn::PromoteTo(d, v), quarter));
  }
}

// y[i] = sin(x[i]) (quarter 0) or cos(x[i]) (quarter 1), n values; x == y allowed.
inline void SinCosRange(const float* x, size_t n, int quarter, float* y) {
  const SinTag df;
  const size_t lanes = hn::Lanes(df);
  const auto limit = hn::Set(df, 524288.0f);
  for (size_t i = 0; i < n; i += lanes) {
    const size_t count = HWY_MIN(lanes, n - i);
    const auto v = count == lanes ? hn::LoadU(df, x + i) : LoadN(df, x + i, count);
    if (HWY_LIKELY(hn::AllTrue(df, hn::Le(hn::Abs(v), limit)))) {
      const auto f = SinStep(df, v, quarter);
      if (count == lanes) hn::StoreU(f, df, y + i);
      else StoreN(f, df, y + i, count);
    } else {
      for (size_t k = i; k < i + count; ++k) y[k] = quarter == 0 ? std::sin(x[k]) : std::cos(x[k]);
    }
  }
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TFLOWER_KERNELS_SIMD_TRIG_INL_H_
