// Unary f32 operators of a few instructions each: memory bound, one loop per operator.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/unary_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/map-inl.h"
#include "elementwise/unary.h"
#include "elementwise/unary_range.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

struct Abs { template <class D, class V> HWY_INLINE V operator()(D, V v) const { return hn::Abs(v); } };
struct Neg { template <class D, class V> HWY_INLINE V operator()(D, V v) const { return hn::Neg(v); } };
struct Square { template <class D, class V> HWY_INLINE V operator()(D, V v) const { return hn::Mul(v, v); } };
struct Sqrt { template <class D, class V> HWY_INLINE V operator()(D, V v) const { return hn::Sqrt(v); } };
struct Floor { template <class D, class V> HWY_INLINE V operator()(D, V v) const { return hn::Floor(v); } };
struct Ceil { template <class D, class V> HWY_INLINE V operator()(D, V v) const { return hn::Ceil(v); } };
struct Round { template <class D, class V> HWY_INLINE V operator()(D, V v) const { return hn::Round(v); } };
struct Rsqrt {
  template <class D, class V> HWY_INLINE V operator()(D d, V v) const { return hn::Div(hn::Set(d, 1.0f), hn::Sqrt(v)); }
};
struct Sign {
  template <class D, class V> HWY_INLINE V operator()(D d, V v) const {
    const V one = hn::CopySignToAbs(hn::Set(d, 1.0f), v);
    return hn::IfThenElse(hn::Gt(hn::Abs(v), hn::Zero(d)), one, v);  // zeros and NaN give themselves
  }
};
struct Clamp {
  float lo, hi;
  template <class D, class V> HWY_INLINE V operator()(D d, V v) const {
    return ClampKeepNaN(d, v, hn::Set(d, lo), hn::Set(d, hi));
  }
};
struct LeakyRelu {
  float alpha;
  template <class D, class V> HWY_INLINE V operator()(D d, V v) const {
    return hn::IfThenElse(hn::Gt(v, hn::Zero(d)), v, hn::Mul(v, hn::Set(d, alpha)));
  }
};
struct HardSwish {
  template <class D, class V> HWY_INLINE V operator()(D d, V v) const {
    const V gate = ClampKeepNaN(d, hn::Add(v, hn::Set(d, 3.0f)), hn::Zero(d), hn::Set(d, 6.0f));
    return hn::Mul(v, hn::Mul(gate, hn::Set(d, 1.0f / 6)));  // 6 * (1.0f / 6) rounds to 1: above 3 x stays x
  }
};

void UnaryCheapRange(Unary op, const float* x, size_t n, float alpha, float* y) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  switch (op) {
    case Unary::kAbs: return MapF32(Abs(), x, n, y);
    case Unary::kNeg: return MapF32(Neg(), x, n, y);
    case Unary::kSquare: return MapF32(Square(), x, n, y);
    case Unary::kSqrt: return MapF32(Sqrt(), x, n, y);
    case Unary::kRsqrt: return MapF32(Rsqrt(), x, n, y);
    case Unary::kSign: return MapF32(Sign(), x, n, y);
    case Unary::kFloor: return MapF32(Floor(), x, n, y);
    case Unary::kCeil: return MapF32(Ceil(), x, n, y);
    case Unary::kRound: return MapF32(Round(), x, n, y);
    case Unary::kRelu: return MapF32(Clamp{0.0f, kInf}, x, n, y);
    case Unary::kRelu6: return MapF32(Clamp{0.0f, 6.0f}, x, n, y);
    case Unary::kReluN1To1: return MapF32(Clamp{-1.0f, 1.0f}, x, n, y);
    case Unary::kRelu0To1: return MapF32(Clamp{0.0f, 1.0f}, x, n, y);
    case Unary::kLeakyRelu: return MapF32(LeakyRelu{alpha}, x, n, y);
    case Unary::kHardSwish: return MapF32(HardSwish(), x, n, y);
    default: return;
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
HWY_EXPORT(UnaryCheapRange);

void UnaryCheap(Unary op, const float* x, size_t n, float alpha, float* y) {
  HWY_DYNAMIC_DISPATCH(UnaryCheapRange)(op, x, n, alpha, y);
}

void UnaryF32(Unary op, const float* x, size_t n, float alpha, float* y, const Parallel& parallel) {
  const bool costly = op >= Unary::kExp;
  const int64_t grain = costly ? 4096 : 16384;  // about 2 us each: 2 values/ns, or 64 KiB read
  parallel.For(static_cast<int64_t>(n), grain, [&](int64_t begin, int64_t end) {
    const size_t count = static_cast<size_t>(end - begin);
    (costly ? UnaryMath : UnaryCheap)(op, x + begin, count, alpha, y + begin);
  });
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
