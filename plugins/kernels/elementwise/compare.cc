// Comparisons of integers, booleans and double, and logical and / or, in plain loops that compilers make vectors of, compiled once per SIMD target.
#include <type_traits>

#include "elementwise/binary.h"
#include "elementwise/broadcast_walk.h"
#include "simd/independent.h"
#include "tflower/dtype.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/compare.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

template <class T> struct Less { bool operator()(T a, T b) const { return a < b; } };
template <class T> struct LessEqual { bool operator()(T a, T b) const { return a <= b; } };
template <class T> struct Equal { bool operator()(T a, T b) const { return a == b; } };
template <class T> struct NotEqual { bool operator()(T a, T b) const { return a != b; } };
// Booleans are bytes here.
struct And { bool operator()(uint8_t a, uint8_t b) const { return (a & b) != 0; } };
struct Or { bool operator()(uint8_t a, uint8_t b) const { return (a | b) != 0; } };

template <bool kRepeatA, bool kRepeatB, class T, class Op>
void Zip(const Op op, const T* a, const T* b, uint8_t* out, size_t n) {
  const T first_a = *a, first_b = *b;
  TFLOWER_INDEPENDENT
  for (size_t i = 0; i < n; ++i) out[i] = op(kRepeatA ? first_a : a[i], kRepeatB ? first_b : b[i]);
}

template <class T, class Op>
void Loop(const Op op, const Piece& pa, const Piece& pb, bool* out, size_t n) {
  const T* const a = static_cast<const T*>(pa.data);
  const T* const b = static_cast<const T*>(pb.data);
  auto* const to = reinterpret_cast<uint8_t*>(out);
  if (pa.repeats) Zip<true, false>(op, a, b, to, n);
  else if (pb.repeats) Zip<false, true>(op, a, b, to, n);
  else Zip<false, false>(op, a, b, to, n);
}

// swap: op(b, a), which turns less into greater.
template <class T, class Op>
void Run(const Op op, bool swap, const BroadcastPlan& plan, const T* a, const T* b, bool* out, const Parallel& parallel) {
  const void* bases[] = {a, b};
  const size_t bytes[] = {sizeof(T), sizeof(T)};
  Walk(plan, bases, bytes, 16384, parallel, [&](const Piece* p, int64_t begin, size_t n) {
    Loop<T>(op, p[swap ? 1 : 0], p[swap ? 0 : 1], out + begin, n);
  });
}

template <class T>
void CompareOn(Comparison op, const BroadcastPlan& plan, const T* a, const T* b, bool* out, const Parallel& parallel) {
  switch (op) {
    case Comparison::kLess: return Run(Less<T>(), false, plan, a, b, out, parallel);
    case Comparison::kLessEqual: return Run(LessEqual<T>(), false, plan, a, b, out, parallel);
    case Comparison::kGreater: return Run(Less<T>(), true, plan, a, b, out, parallel);
    case Comparison::kGreaterEqual: return Run(LessEqual<T>(), true, plan, a, b, out, parallel);
    case Comparison::kEqual: return Run(Equal<T>(), false, plan, a, b, out, parallel);
    case Comparison::kNotEqual: return Run(NotEqual<T>(), false, plan, a, b, out, parallel);
  }
}

void CompareTyped(DType type, Comparison op, const BroadcastPlan& plan, const void* a, const void* b, bool* out, const Parallel& parallel) {
  VisitNumeric(type == DType::kBool ? DType::kUInt8 : type, [&]<class T>(T) {
    if constexpr (!std::is_same_v<T, float> && !std::is_same_v<T, bool>) CompareOn(op, plan, static_cast<const T*>(a), static_cast<const T*>(b), out, parallel);
  });
}

void Logical(Logic op, const BroadcastPlan& plan, const uint8_t* a, const uint8_t* b, bool* out, const Parallel& parallel) {
  if (op == Logic::kAnd) Run(And(), false, plan, a, b, out, parallel);
  else Run(Or(), false, plan, a, b, out, parallel);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(CompareTyped);
HWY_EXPORT(Logical);
}  // namespace

template <class T>
void Compare(Comparison op, const BroadcastPlan& plan, const T* a, const T* b, bool* out, const Parallel& parallel) {
  HWY_DYNAMIC_DISPATCH(CompareTyped)(DTypeOf<T>::value, op, plan, a, b, out, parallel);
}

template void Compare<double>(Comparison, const BroadcastPlan&, const double*, const double*, bool*, const Parallel&);
template void Compare<int8_t>(Comparison, const BroadcastPlan&, const int8_t*, const int8_t*, bool*, const Parallel&);
template void Compare<int16_t>(Comparison, const BroadcastPlan&, const int16_t*, const int16_t*, bool*, const Parallel&);
template void Compare<int32_t>(Comparison, const BroadcastPlan&, const int32_t*, const int32_t*, bool*, const Parallel&);
template void Compare<int64_t>(Comparison, const BroadcastPlan&, const int64_t*, const int64_t*, bool*, const Parallel&);
template void Compare<uint8_t>(Comparison, const BroadcastPlan&, const uint8_t*, const uint8_t*, bool*, const Parallel&);
template void Compare<uint16_t>(Comparison, const BroadcastPlan&, const uint16_t*, const uint16_t*, bool*, const Parallel&);
template void Compare<uint32_t>(Comparison, const BroadcastPlan&, const uint32_t*, const uint32_t*, bool*, const Parallel&);
template void Compare<uint64_t>(Comparison, const BroadcastPlan&, const uint64_t*, const uint64_t*, bool*, const Parallel&);
template void Compare<bool>(Comparison, const BroadcastPlan&, const bool*, const bool*, bool*, const Parallel&);

void LogicalBinary(Logic op, const BroadcastPlan& plan, const bool* a, const bool* b, bool* out, const Parallel& parallel) {
  HWY_DYNAMIC_DISPATCH(Logical)(op, plan, reinterpret_cast<const uint8_t*>(a), reinterpret_cast<const uint8_t*>(b), out, parallel);
}

}  // namespace tflower::kernels
#endif
