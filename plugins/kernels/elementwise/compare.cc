// Comparisons of integers, booleans and double, and logical and / or, in plain loops.
#include "elementwise/binary.h"
#include "elementwise/broadcast_walk.h"

namespace tflower::kernels {
namespace {

template <class T> struct Less { bool operator()(T a, T b) const { return a < b; } };
template <class T> struct LessEqual { bool operator()(T a, T b) const { return a <= b; } };
template <class T> struct Equal { bool operator()(T a, T b) const { return a == b; } };
template <class T> struct NotEqual { bool operator()(T a, T b) const { return a != b; } };
struct And { bool operator()(bool a, bool b) const { return a && b; } };
struct Or { bool operator()(bool a, bool b) const { return a || b; } };

template <class T, class Op>
void Loop(const Op op, const Piece& pa, const Piece& pb, bool* out, size_t n) {
  const T* a = static_cast<const T*>(pa.data);
  const T* b = static_cast<const T*>(pb.data);
  if (pa.repeats || pb.repeats) {
    const size_t step_a = pa.repeats ? 0 : 1, step_b = pb.repeats ? 0 : 1;
    for (size_t i = 0; i < n; ++i) out[i] = op(a[i * step_a], b[i * step_b]);
  } else {
    for (size_t i = 0; i < n; ++i) out[i] = op(a[i], b[i]);
  }
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

}  // namespace

template <class T>
void Compare(Comparison op, const BroadcastPlan& plan, const T* a, const T* b, bool* out, const Parallel& parallel) {
  switch (op) {
    case Comparison::kLess: return Run(Less<T>(), false, plan, a, b, out, parallel);
    case Comparison::kLessEqual: return Run(LessEqual<T>(), false, plan, a, b, out, parallel);
    case Comparison::kGreater: return Run(Less<T>(), true, plan, a, b, out, parallel);
    case Comparison::kGreaterEqual: return Run(LessEqual<T>(), true, plan, a, b, out, parallel);
    case Comparison::kEqual: return Run(Equal<T>(), false, plan, a, b, out, parallel);
    case Comparison::kNotEqual: return Run(NotEqual<T>(), false, plan, a, b, out, parallel);
  }
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
  if (op == Logic::kAnd) Run(And(), false, plan, a, b, out, parallel);
  else Run(Or(), false, plan, a, b, out, parallel);
}

}  // namespace tflower::kernels
