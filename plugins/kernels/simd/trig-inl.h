// Vector sin and cos of f32 values, computed in f64: at most 1 ulp over all floats (math_test.cc sweeps them).
//
// Include inside a HWY_TARGET_INCLUDE file. The argument is reduced to |r| <= pi/4 with pi/2 in two f64 terms; the first has
// 33 bits, so n times it is exact below 2^20 and no bits are lost near multiples of pi. Larger arguments go to the C library.
#if defined(TFLOWER_KERNELS_SIMD_TRIG_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_TRIG_INL_H_
#undef TFLOWER_KERNELS_SIMD_TRIG_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_TRIG_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstddef>

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

// y[i] = sin(x[i]) (quarter 0) or cos(x[i]) (quarter 1), n values; x == y allowed.
inline void SinCosRange(const float* x, size_t n, int quarter, float* y) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> df;
  const size_t lanes = hn::Lanes(d);
  const auto limit = hn::Set(df, 524288.0f);
  for (size_t i = 0; i < n; i += lanes) {
    const size_t count = HWY_MIN(lanes, n - i);
    const auto v = count == lanes ? hn::LoadU(df, x + i) : LoadN(df, x + i, count);
    if (HWY_LIKELY(hn::AllTrue(df, hn::Le(hn::Abs(v), limit)))) {
      const auto f = hn::DemoteTo(df, SinF64(d, hn::PromoteTo(d, v), quarter));
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
