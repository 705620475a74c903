// POW and FLOOR_MOD of f32 values; in f64 where targets do not fuse or values are unusual.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/binary_math_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <type_traits>

#include "elementwise/binary_loop.h"
#include "elementwise/binary_ops.h"
#include "simd/compat-inl.h"
#include "simd/pow-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using D64 = hn::ScalableTag<double>;
using D32 = hn::Rebind<float, D64>;
using V32 = hn::Vec<D32>;

// As many floats as one step takes: whole vectors where targets fuse.
using Step = std::conditional_t<kFusedMulAdd, hn::ScalableTag<float>, D32>;
using VStep = hn::Vec<Step>;

// f(D32, a, b) for each part of a step that f64 vectors take.
template <class F>
HWY_NOINLINE VStep InHalves(Step df, VStep a, VStep b, F f) {
  HWY_ALIGN float x[HWY_MAX_BYTES / sizeof(float)], y[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(a, df, x);
  hn::Store(b, df, y);
  const D32 half;
  for (size_t i = 0; i < hn::Lanes(df); i += hn::Lanes(half)) hn::Store(f(half, hn::Load(half, x + i), hn::Load(half, y + i)), half, x + i);
  return hn::Load(df, x);
}

struct Pow {
  static HWY_INLINE VStep Apply(Step df, VStep a, VStep b) {
    if constexpr (kFusedMulAdd) {
      VStep power;
      if (HWY_LIKELY(PowByPairs(df, a, b, power))) return power;
    }
    return InHalves(df, a, b, [](D32 half, V32 x, V32 y) HWY_ATTR { return PowF32(D64(), half, x, y); });
  }
};

// a - trunc(a / b) b, and b added where the remainder has another sign than b.
struct FloorMod {
  // With one rounding it is exact for quotients below 2^22, which are rounded up to the next integer at most: then the remainder is one b too small, and has the
  // sign that brings b back, or that a floored one has.
  static HWY_INLINE VStep Apply(Step df, VStep a, VStep b) {
    if constexpr (kFusedMulAdd) {
      const auto quotient = hn::Trunc(hn::Div(a, b));
      const auto small = hn::And(hn::Lt(hn::Abs(quotient), hn::Set(df, 0x1p22f)), hn::Lt(hn::Abs(b), hn::Inf(df)));
      if (HWY_LIKELY(hn::AllTrue(df, small))) return WithSignOf(df, hn::NegMulAdd(quotient, b, a), a, b);
    }
    return InHalves(df, a, b, [](D32 half, V32 x, V32 y) HWY_ATTR { return Wide(half, x, y); });
  }
  // A remainder of 0 has a's sign.
  template <class D, class V>
  static HWY_INLINE V WithSignOf(D df, V r, V a, V b) {
    const V zero = hn::Zero(df), one = hn::Set(df, 1.0f);
    const auto is_zero = hn::Eq(r, zero), other_sign = hn::Lt(hn::Mul(hn::CopySign(one, r), hn::CopySign(one, b)), zero);
    return hn::IfThenElse(is_zero, hn::CopySign(zero, a), hn::IfThenElse(other_sign, hn::Add(r, b), r));
  }
  // In f64 it is exact for quotients below 2^28; others, and what is not finite, go to the C library.
  static HWY_INLINE V32 Wide(D32 df, V32 a, V32 b) {
    const D64 d;
    const auto wide_a = hn::PromoteTo(d, a), wide_b = hn::PromoteTo(d, b);
    const auto quotient = hn::Trunc(hn::Div(wide_a, wide_b));
    const auto small = hn::And(hn::Lt(hn::Abs(quotient), hn::Set(d, 0x1p28)), hn::Lt(hn::Abs(wide_b), hn::Set(d, 0x1p200)));
    if (HWY_UNLIKELY(!hn::AllTrue(d, small))) return Scalar(df, a, b);
    return WithSignOf(df, hn::DemoteTo(df, hn::NegMulAdd(quotient, wide_b, wide_a)), a, b);
  }
  static HWY_NOINLINE V32 Scalar(D32 df, V32 a, V32 b) {
    HWY_ALIGN float x[HWY_MAX_BYTES / sizeof(double)], y[HWY_MAX_BYTES / sizeof(double)];
    hn::Store(a, df, x);
    hn::Store(b, df, y);
    bool bad = false;
    for (size_t i = 0; i < hn::Lanes(df); ++i) x[i] = scalar::FloorMod(x[i], y[i], bad);
    return hn::Load(df, x);
  }
};

// Tail policy: one masked vector.
template <class Op>
void ZipWide(const float* a, bool ra, const float* b, bool rb, size_t n, const ClampRange<float>&, float* out) {
  const Step df;
  using V = VStep;
  const size_t lanes = hn::Lanes(df);
  const V first_a = hn::Set(df, *a), first_b = hn::Set(df, *b);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(Op::Apply(df, ra ? first_a : hn::LoadU(df, a + i), rb ? first_b : hn::LoadU(df, b + i)), df, out + i);
  }
  if (i == n) return;
  const size_t rest = n - i;
  // Lanes behind the end read 1: a division by 0 would take the slow way.
  const auto used = hn::FirstN(df, rest);
  const V one = hn::Set(df, 1.0f);
  const V va = ra ? first_a : hn::IfThenElse(used, LoadN(df, a + i, rest), one);
  const V vb = rb ? first_b : hn::IfThenElse(used, LoadN(df, b + i, rest), one);
  StoreN(Op::Apply(df, va, vb), df, out + i, rest);
}

BinaryLoop FindMathLoop(Binary op) {
  switch (op) {
    case Binary::kPow: return ZipWide<Pow>;
    case Binary::kFloorMod: return ZipWide<FloorMod>;
    default: return nullptr;
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(FindMathLoop);
}  // namespace

BinaryLoop BinaryMathLoop(Binary op) { return HWY_DYNAMIC_DISPATCH(FindMathLoop)(op); }

}  // namespace tflower::kernels
#endif  // HWY_ONCE
