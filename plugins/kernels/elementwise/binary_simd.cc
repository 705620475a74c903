// Binary f32 operators and comparisons as vector loops over contiguous pieces.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/binary_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/binary.h"
#include "elementwise/binary_loop.h"
#include "elementwise/broadcast_walk.h"
#include "simd/compat-inl.h"

#ifndef TFLOWER_KERNELS_ELEMENTWISE_BINARY_SIMD_ONCE
#define TFLOWER_KERNELS_ELEMENTWISE_BINARY_SIMD_ONCE
namespace tflower::kernels {
// One contiguous piece; not both operands repeat, unless n is 1.
using CompareLoop = void (*)(const float* a, bool a_repeats, const float* b, bool b_repeats, size_t n, bool* out);
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

struct Add { template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const { return hn::Add(a, b); } };
struct Sub { template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const { return hn::Sub(a, b); } };
struct Mul { template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const { return hn::Mul(a, b); } };
struct Div { template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const { return hn::Div(a, b); } };
struct Maximum { template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const { return MaxKeepNaN(d, InRegister(a), b); } };
struct Minimum { template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const { return MinKeepNaN(d, InRegister(a), b); } };
struct SquaredDifference {
  template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const {
    const V difference = hn::Sub(a, b);
    return hn::Mul(difference, difference);
  }
};
struct FloorDiv { template <class D, class V> HWY_INLINE V operator()(D, V a, V b) const { return hn::Floor(hn::Div(a, b)); } };
struct Prelu {
  template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const {
    return hn::IfThenElse(hn::Ge(a, hn::Zero(d)), a, hn::Mul(a, b));
  }
};

template <class Op>
struct Clamped {
  hn::Vec<hn::ScalableTag<float>> lo, hi;
  explicit Clamped(const ClampRange<float>& range)
      : lo(hn::Set(hn::ScalableTag<float>(), range.lo)), hi(hn::Set(hn::ScalableTag<float>(), range.hi)) {}
  template <class D, class V> HWY_INLINE V operator()(D d, V a, V b) const { return ClampKeepNaN(d, Op()(d, a, b), lo, hi); }
};

// Tail policy: one masked vector.
template <bool kRepeatA, bool kRepeatB, class Op>
HWY_INLINE void Zip(const Op& op, const float* a, const float* b, size_t n, float* out) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  const auto first_a = hn::Set(d, *a), first_b = hn::Set(d, *b);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto va = kRepeatA ? first_a : hn::LoadU(d, a + i);
    const auto vb = kRepeatB ? first_b : hn::LoadU(d, b + i);
    hn::StoreU(op(d, va, vb), d, out + i);
  }
  if (i == n) return;
  const auto va = kRepeatA ? first_a : LoadN(d, a + i, n - i);
  const auto vb = kRepeatB ? first_b : LoadN(d, b + i, n - i);
  StoreN(op(d, va, vb), d, out + i, n - i);
}

template <class Op>
HWY_INLINE void ZipAny(const Op& op, const float* a, bool a_repeats, const float* b, bool b_repeats, size_t n, float* out) {
  if (a_repeats) Zip<true, false>(op, a, b, n, out);
  else if (b_repeats) Zip<false, true>(op, a, b, n, out);
  else Zip<false, false>(op, a, b, n, out);
}

template <class Op>
void ZipClamped(const float* a, bool ra, const float* b, bool rb, size_t n, const ClampRange<float>& clamp, float* out) {
  ZipAny(Clamped<Op>(clamp), a, ra, b, rb, n, out);
}
template <class Op>
void ZipPlain(const float* a, bool ra, const float* b, bool rb, size_t n, const ClampRange<float>&, float* out) {
  ZipAny(Op(), a, ra, b, rb, n, out);
}

BinaryLoop FindBinaryLoop(Binary op) {
  switch (op) {
    case Binary::kAdd: return ZipClamped<Add>;
    case Binary::kSub: return ZipClamped<Sub>;
    case Binary::kMul: return ZipClamped<Mul>;
    case Binary::kDiv: return ZipClamped<Div>;
    case Binary::kMaximum: return ZipPlain<Maximum>;
    case Binary::kMinimum: return ZipPlain<Minimum>;
    case Binary::kSquaredDifference: return ZipPlain<SquaredDifference>;
    case Binary::kPrelu: return ZipPlain<Prelu>;
    case Binary::kFloorDiv: return ZipPlain<FloorDiv>;
    default: return nullptr;
  }
}

struct Less { template <class V> HWY_INLINE auto operator()(V a, V b) const { return hn::Lt(a, b); } };
struct LessEqual { template <class V> HWY_INLINE auto operator()(V a, V b) const { return hn::Le(a, b); } };
struct Greater { template <class V> HWY_INLINE auto operator()(V a, V b) const { return hn::Gt(a, b); } };
struct GreaterEqual { template <class V> HWY_INLINE auto operator()(V a, V b) const { return hn::Ge(a, b); } };
struct Equal { template <class V> HWY_INLINE auto operator()(V a, V b) const { return hn::Eq(a, b); } };
// Not Highway's Ne, which is false for NaN on AVX2 and AVX-512 (1.0.3).
struct NotEqual { template <class V> HWY_INLINE auto operator()(V a, V b) const { return hn::Not(hn::Eq(a, b)); } };

// Lane masks become one byte each: 1 in 32 bits, then demoted (TruncateTo of Highway 1.0.3 is wrong on AVX3_DL).
template <class Op>
void CompareZip(const float* a, bool a_repeats, const float* b, bool b_repeats, size_t n, bool* out) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Rebind<uint8_t, decltype(d)> d8;
  const size_t lanes = hn::Lanes(d);
  const auto first_a = hn::Set(d, *a), first_b = hn::Set(d, *b);
  const auto one = hn::Set(di, 1);
  uint8_t* bytes = reinterpret_cast<uint8_t*>(out);
  for (size_t i = 0; i < n; i += lanes) {
    const size_t count = HWY_MIN(lanes, n - i);
    const bool full = count == lanes;
    const auto va = a_repeats ? first_a : full ? hn::LoadU(d, a + i) : LoadN(d, a + i, count);
    const auto vb = b_repeats ? first_b : full ? hn::LoadU(d, b + i) : LoadN(d, b + i, count);
    const auto bits = hn::And(hn::BitCast(di, hn::VecFromMask(d, Op()(va, vb))), one);
    const auto narrow = hn::DemoteTo(d8, bits);
    if (full) hn::StoreU(narrow, d8, bytes + i);
    else StoreN(narrow, d8, bytes + i, count);
  }
}

CompareLoop FindCompareLoop(Comparison op) {
  switch (op) {
    case Comparison::kLess: return CompareZip<Less>;
    case Comparison::kLessEqual: return CompareZip<LessEqual>;
    case Comparison::kGreater: return CompareZip<Greater>;
    case Comparison::kGreaterEqual: return CompareZip<GreaterEqual>;
    case Comparison::kEqual: return CompareZip<Equal>;
    default: return CompareZip<NotEqual>;
  }
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(FindBinaryLoop);
HWY_EXPORT(FindCompareLoop);

const float* Floats(const Piece& piece) { return static_cast<const float*>(piece.data); }
}  // namespace

Status BinaryF32(Binary op, const BroadcastPlan& plan, const float* a, const float* b, const ClampRange<float>& clamp, float* out,
                 const Parallel& parallel) {
  BinaryLoop loop = HWY_DYNAMIC_DISPATCH(FindBinaryLoop)(op);
  if (loop == nullptr) loop = BinaryMathLoop(op);
  if (loop == nullptr) return BinaryPlain<float>(op, plan, a, b, clamp, out, parallel);
  const void* bases[] = {a, b};
  const size_t bytes[] = {sizeof(float), sizeof(float)};
  Walk(plan, bases, bytes, 16384, parallel, [&](const Piece* p, int64_t begin, size_t n) {
    loop(Floats(p[0]), p[0].repeats, Floats(p[1]), p[1].repeats, n, clamp, out + begin);
  });
  return Ok();
}

template <>
void Compare<float>(Comparison op, const BroadcastPlan& plan, const float* a, const float* b, bool* out, const Parallel& parallel) {
  const CompareLoop loop = HWY_DYNAMIC_DISPATCH(FindCompareLoop)(op);
  const void* bases[] = {a, b};
  const size_t bytes[] = {sizeof(float), sizeof(float)};
  Walk(plan, bases, bytes, 16384, parallel, [&](const Piece* p, int64_t begin, size_t n) {
    loop(Floats(p[0]), p[0].repeats, Floats(p[1]), p[1].repeats, n, out + begin);
  });
}

}  // namespace tflower::kernels
#endif  // HWY_ONCE
