// Unary f32 operators built on exp, log, erf, sin: compute bound.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/unary_math_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/map-inl.h"
#include "elementwise/unary_range.h"
#include "simd/math-inl.h"
#include "simd/trig-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

struct Exp { template <class D, class V> HWY_INLINE V operator()(D d, V v) const { return ExpF32(d, v); } };
struct Log { template <class D, class V> HWY_INLINE V operator()(D d, V v) const { return LogF32(d, v); } };
struct Tanh { template <class D, class V> HWY_INLINE V operator()(D d, V v) const { return TanhF32(d, v); } };
struct Logistic { template <class D, class V> HWY_INLINE V operator()(D d, V v) const { return LogisticF32(d, v); } };
struct Erf { template <class D, class V> HWY_INLINE V operator()(D d, V v) const { return ErfF32(d, v); } };
struct Elu {
  template <class D, class V> HWY_INLINE V operator()(D d, V v) const {
    return hn::IfThenElse(hn::Lt(v, hn::Zero(d)), Expm1F32(d, v), v);
  }
};
// By pieces where all of a vector's values are near 0, as nearly all are; else `general`.
template <class D, class V, class General>
HWY_INLINE V Gelu(D d, V v, const float* pieces, General general) {
  if constexpr (kPiecewise<D>) {
    if (HWY_LIKELY(hn::AllTrue(d, hn::Lt(hn::Abs(v), hn::Set(d, kDistributionEnd))))) return TimesDistribution(d, pieces, v);
  }
  return general();
}
struct GeluErf {
  template <class D, class V> HWY_INLINE V operator()(D d, V v) const {
    return Gelu(d, v, kNormalPieces, [&]() HWY_ATTR { return TimesNormalF32(d, v); });
  }
};
// (1 + tanh u) / 2 is the logistic function of 2u, which does not cancel for negative u.
struct GeluTanh {
  template <class D, class V> HWY_INLINE V operator()(D d, V v) const {
    return Gelu(d, v, kGeluTanhPieces, [&]() HWY_ATTR {
      const V cubic = hn::MulAdd(hn::Mul(v, v), hn::Set(d, 2 * 0.79788456f * 0.044715f), hn::Set(d, 2 * 0.79788456f));
      return hn::Mul(v, LogisticF32(d, hn::Mul(v, cubic)));
    });
  }
};

void UnaryMathRange(Unary op, const float* x, size_t n, float* y) {
  switch (op) {
    case Unary::kExp: return MapF32(Exp(), x, n, y);
    case Unary::kLog: return MapF32(Log(), x, n, y);
    case Unary::kSin: return SinCosRange(x, n, 0, y);
    case Unary::kCos: return SinCosRange(x, n, 1, y);
    case Unary::kTanh: return MapF32(Tanh(), x, n, y);
    case Unary::kLogistic: return MapF32(Logistic(), x, n, y);
    case Unary::kErf: return MapF32(Erf(), x, n, y);
    case Unary::kElu: return MapF32(Elu(), x, n, y);
    case Unary::kGeluErf: return MapF32(GeluErf(), x, n, y);
    case Unary::kGeluTanh: return MapF32(GeluTanh(), x, n, y);
    default: return;
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
HWY_EXPORT(UnaryMathRange);

void UnaryMath(Unary op, const float* x, size_t n, float, float* y) {
  HWY_DYNAMIC_DISPATCH(UnaryMathRange)(op, x, n, y);
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
