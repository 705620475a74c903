// Definition of BinaryPlain, for the files that instantiate it.
#pragma once

#include <atomic>
#include <type_traits>

#include "elementwise/binary.h"
#include "elementwise/binary_ops.h"
#include "elementwise/broadcast_walk.h"

namespace tflower::kernels {
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

// Two loops: contiguous operands (vectorised by the compiler) and one operand that repeats.
template <class T, class Op>
bool Loop(const Op op, const Piece& pa, const Piece& pb, T* out, size_t n) {
  const T* a = static_cast<const T*>(pa.data);
  const T* b = static_cast<const T*>(pb.data);
  bool bad = false;
  if (pa.repeats || pb.repeats) {
    const size_t step_a = pa.repeats ? 0 : 1, step_b = pb.repeats ? 0 : 1;
    for (size_t i = 0; i < n; ++i) out[i] = op(a[i * step_a], b[i * step_b], bad);
  } else {
    for (size_t i = 0; i < n; ++i) out[i] = op(a[i], b[i], bad);
  }
  return bad;
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
Status BinaryPlain(Binary op, const BroadcastPlan& plan, const T* a, const T* b, const ClampRange<T>& clamp, T* out,
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

}  // namespace tflower::kernels
