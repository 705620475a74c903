// POW and FLOOR_MOD of f32 values. FLOOR_MOD, and POW where targets do not fuse or values are unusual, are computed in f64.
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

// As many floats as one step takes; df: whole vectors where targets fuse.
struct Pow {
  using Tag = std::conditional_t<kFusedMulAdd, hn::ScalableTag<float>, D32>;
  static HWY_INLINE hn::Vec<Tag> Apply(Tag df, hn::Vec<Tag> a, hn::Vec<Tag> b) {
    if constexpr (kFusedMulAdd) {
      hn::Vec<Tag> power;
      if (HWY_LIKELY(PowByPairs(df, a, b, power))) return power;
      return InHalves(df, a, b);
    } else {
      return PowF32(D64(), df, a, b);
    }
  }
  static HWY_NOINLINE hn::Vec<Tag> InHalves(Tag df, hn::Vec<Tag> a, hn::Vec<Tag> b) {
    HWY_ALIGN float x[HWY_MAX_BYTES / sizeof(float)], y[HWY_MAX_BYTES / sizeof(float)];
    hn::Store(a, df, x);
    hn::Store(b, df, y);
    const D32 half;
    for (size_t i = 0; i < hn::Lanes(df); i += hn::Lanes(half)) hn::Store(PowF32(D64(), half, hn::Load(half, x + i), hn::Load(half, y + i)), half, x + i);
    return hn::Load(df, x);
  }
};

// a - trunc(a / b) b is exact in f64 for quotients below 2^28; others, and what is not finite, go to the C library.
struct FloorMod {
  using Tag = D32;
  static HWY_INLINE V32 Apply(D32 df, V32 a, V32 b) {
    const D64 d;
    const auto wide_a = hn::PromoteTo(d, a), wide_b = hn::PromoteTo(d, b);
    const auto quotient = hn::Trunc(hn::Div(wide_a, wide_b));
    const auto small = hn::And(hn::Lt(hn::Abs(quotient), hn::Set(d, 0x1p28)), hn::Lt(hn::Abs(wide_b), hn::Set(d, 0x1p200)));
    if (HWY_UNLIKELY(!hn::AllTrue(d, small))) return Scalar(df, a, b);
    const V32 r = hn::CopySign(hn::DemoteTo(df, hn::NegMulAdd(quotient, wide_b, wide_a)), a);
    const V32 zero = hn::Zero(df);
    const auto other_sign = hn::Lt(hn::Mul(hn::CopySign(hn::Set(df, 1.0f), r), hn::CopySign(hn::Set(df, 1.0f), b)), zero);
    return hn::IfThenElse(hn::And(other_sign, hn::Not(hn::Eq(r, zero))), hn::Add(r, b), r);
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
  const typename Op::Tag df;
  using V = hn::Vec<typename Op::Tag>;
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
