// The loops of BinaryPlain; most of them compilers make vectors of. Include inside a HWY_TARGET_INCLUDE file.
#if defined(TFLOWER_KERNELS_ELEMENTWISE_BINARY_PLAIN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_ELEMENTWISE_BINARY_PLAIN_INL_H_
#undef TFLOWER_KERNELS_ELEMENTWISE_BINARY_PLAIN_INL_H_
#else
#define TFLOWER_KERNELS_ELEMENTWISE_BINARY_PLAIN_INL_H_
#endif

#include <hwy/highway.h>

#include <atomic>
#include <type_traits>

#include "elementwise/binary.h"
#include "elementwise/binary_ops.h"
#include "elementwise/broadcast_walk.h"
#include "simd/compat-inl.h"
#include "simd/independent.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace plain {

template <class T> struct Add { ClampRange<T> clamp; T operator()(T a, T b, bool&) const { return scalar::Clamp(scalar::Add(a, b), clamp); } };
template <class T> struct Sub { ClampRange<T> clamp; T operator()(T a, T b, bool&) const { return scalar::Clamp(scalar::Sub(a, b), clamp); } };
template <class T> struct Mul { ClampRange<T> clamp; T operator()(T a, T b, bool&) const { return scalar::Clamp(scalar::Mul(a, b), clamp); } };
template <class T> struct Div { ClampRange<T> clamp; T operator()(T a, T b, bool& bad) const { return scalar::Clamp(scalar::Div(a, b, bad), clamp); } };
template <class T> struct Maximum { T operator()(T a, T b, bool&) const { return scalar::Maximum(a, b); } };
template <class T> struct Minimum { T operator()(T a, T b, bool&) const { return scalar::Minimum(a, b); } };
template <class T> struct SquaredDifference { T operator()(T a, T b, bool&) const { return scalar::SquaredDifference(a, b); } };
template <class T> struct Prelu { T operator()(T a, T b, bool&) const { return a >= 0 ? a : a * b; } };
template <class T> struct Pow { T operator()(T a, T b, bool& bad) const { return scalar::Pow(a, b, bad); } };
template <class T> struct FloorDiv { T operator()(T a, T b, bool& bad) const { return scalar::FloorDiv(a, b, bad); } };
template <class T> struct FloorMod { T operator()(T a, T b, bool& bad) const { return scalar::FloorMod(a, b, bad); } };
template <class T> struct Atan2 { T operator()(T a, T b, bool&) const { return std::atan2(a, b); } };
template <class T> struct BitwiseXor { T operator()(T a, T b, bool&) const { return static_cast<T>(a ^ b); } };
template <class T> struct RightShift { T operator()(T a, T b, bool&) const { return scalar::RightShift(a, b); } };

// Vectors of int32 quotients by way of double, in which they lie farther from an integer than the rounding moves them, if they are none. Products are exact there.
// kResult: Div, FloorDiv or FloorMod. Tail policy: one masked vector.
template <Binary kResult, bool kRepeatA, bool kRepeatB>
bool Divide(const int32_t* a, const int32_t* b, const ClampRange<int32_t>& clamp, int32_t* out, size_t n) {
  const hn::ScalableTag<double> wide;
  const hn::Rebind<int32_t, decltype(wide)> d;
  const size_t lanes = hn::Lanes(d);
  const auto zero = hn::Zero(d), one = hn::Set(d, 1);
  [[maybe_unused]] const auto lo = hn::Set(d, clamp.lo), hi = hn::Set(d, clamp.hi);
  const auto first_a = hn::Set(d, *a), first_b = hn::Set(d, *b);
  auto zeros = zero;
  for (size_t i = 0; i < n; i += lanes) {
    const size_t count = HWY_MIN(lanes, n - i);
    const bool whole = count == lanes;
    const auto x = kRepeatA ? first_a : whole ? hn::LoadU(d, a + i) : LoadN(d, a + i, count);
    const auto w = kRepeatB ? first_b : whole ? hn::LoadU(d, b + i) : hn::IfThenElse(hn::FirstN(d, count), LoadN(d, b + i, count), one);
    const auto is_zero = hn::VecFromMask(d, hn::Eq(w, zero));
    zeros = hn::Or(zeros, is_zero);
    const auto divisor = hn::Sub(w, is_zero);
    const auto dividend = hn::PromoteTo(wide, x), by = hn::PromoteTo(wide, divisor), exact = hn::Div(dividend, by);
    auto result = zero;
    if constexpr (kResult == Binary::kFloorMod) {
      result = hn::DemoteTo(d, hn::NegMulAdd(hn::Floor(exact), by, dividend));
    } else {
      const auto quotient = hn::DemoteTo(d, kResult == Binary::kFloorDiv ? hn::Floor(exact) : exact);
      result = hn::IfThenElse(hn::Eq(divisor, hn::Set(d, -1)), hn::Neg(x), quotient);  // the lowest number wraps
      if constexpr (kResult == Binary::kDiv) result = hn::Min(hn::Max(result, lo), hi);
    }
    if (whole) hn::StoreU(result, d, out + i);
    else StoreN(result, d, out + i, count);
  }
  return !hn::AllTrue(d, hn::Eq(zeros, zero));
}

template <bool kRepeatA, bool kRepeatB, class T, class Op>
bool Zip(const Op op, const T* a, const T* b, T* out, size_t n) {
  if constexpr (std::is_same_v<Op, Div<int32_t>>) return Divide<Binary::kDiv, kRepeatA, kRepeatB>(a, b, op.clamp, out, n);
  if constexpr (std::is_same_v<Op, FloorDiv<int32_t>>) return Divide<Binary::kFloorDiv, kRepeatA, kRepeatB>(a, b, {}, out, n);
  if constexpr (std::is_same_v<Op, FloorMod<int32_t>>) return Divide<Binary::kFloorMod, kRepeatA, kRepeatB>(a, b, {}, out, n);
  const T first_a = *a, first_b = *b;
  bool bad = false;
  TFLOWER_INDEPENDENT
  for (size_t i = 0; i < n; ++i) out[i] = op(kRepeatA ? first_a : a[i], kRepeatB ? first_b : b[i], bad);
  return bad;
}

template <class T, class Op>
bool Loop(const Op op, const Piece& pa, const Piece& pb, T* out, size_t n) {
  const T* const a = static_cast<const T*>(pa.data);
  const T* const b = static_cast<const T*>(pb.data);
  if (pa.repeats) return Zip<true, false>(op, a, b, out, n);
  return pb.repeats ? Zip<false, true>(op, a, b, out, n) : Zip<false, false>(op, a, b, out, n);
}

template <class T, class Op>
Status Run(const Op op, const BroadcastPlan& plan, const T* a, const T* b, T* out, const Parallel& parallel) {
  const void* bases[] = {a, b};
  const size_t bytes[] = {sizeof(T), sizeof(T)};
  std::atomic<bool> bad = false;
  Walk(plan, bases, bytes, 8192, parallel, [&](const Piece* pieces, int64_t begin, size_t n) {
    if (Loop<T>(op, pieces[0], pieces[1], out + begin, n)) bad.store(true, std::memory_order_relaxed);
  });
  constexpr bool kPower = std::is_same_v<Op, Pow<T>>;
  if (bad.load()) return Error(Code::kInvalidOperand, kPower ? "negative integer exponent" : "integer division by zero").What("input 1");
  return Ok();
}

}  // namespace plain

template <class T>
Status BinaryOn(Binary op, const BroadcastPlan& plan, const T* a, const T* b, const ClampRange<T>& clamp, T* out,
                   const Parallel& parallel) {
  switch (op) {
    case Binary::kAdd: return plain::Run(plain::Add<T>{clamp}, plan, a, b, out, parallel);
    case Binary::kSub: return plain::Run(plain::Sub<T>{clamp}, plan, a, b, out, parallel);
    case Binary::kMul: return plain::Run(plain::Mul<T>{clamp}, plan, a, b, out, parallel);
    case Binary::kDiv: return plain::Run(plain::Div<T>{clamp}, plan, a, b, out, parallel);
    case Binary::kMaximum: return plain::Run(plain::Maximum<T>(), plan, a, b, out, parallel);
    case Binary::kMinimum: return plain::Run(plain::Minimum<T>(), plan, a, b, out, parallel);
    case Binary::kSquaredDifference: return plain::Run(plain::SquaredDifference<T>(), plan, a, b, out, parallel);
    case Binary::kPow: return plain::Run(plain::Pow<T>(), plan, a, b, out, parallel);
    case Binary::kFloorDiv: return plain::Run(plain::FloorDiv<T>(), plan, a, b, out, parallel);
    case Binary::kFloorMod: return plain::Run(plain::FloorMod<T>(), plan, a, b, out, parallel);
    default: break;
  }
  if constexpr (scalar::kIsFloat<T>) {
    if (op == Binary::kPrelu) return plain::Run(plain::Prelu<T>(), plan, a, b, out, parallel);
    if (op == Binary::kAtan2) return plain::Run(plain::Atan2<T>(), plan, a, b, out, parallel);
  } else {
    if (op == Binary::kBitwiseXor) return plain::Run(plain::BitwiseXor<T>(), plan, a, b, out, parallel);
    if (op == Binary::kRightShift) return plain::Run(plain::RightShift<T>(), plan, a, b, out, parallel);
  }
  return Error(Code::kInternal, "the operator has no form for this type");
}

// Of the types in Ts. a, b, clamp (a ClampRange<T>) and out are of `type`.
template <class... Ts>
Status BinaryTyped(DType type, Binary op, const BroadcastPlan& plan, const void* a, const void* b, const void* clamp, void* out, const Parallel& parallel) {
  Status status = Error(Code::kInternal, "the operator has no form for this type");
  VisitNumeric(type, [&]<class T>(T) {
    if constexpr ((std::is_same_v<T, Ts> || ...)) {
      status = BinaryOn<T>(op, plan, static_cast<const T*>(a), static_cast<const T*>(b), *static_cast<const ClampRange<T>*>(clamp), static_cast<T*>(out), parallel);
    }
  });
  return status;
}

}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#endif  // TFLOWER_KERNELS_ELEMENTWISE_BINARY_PLAIN_INL_H_
