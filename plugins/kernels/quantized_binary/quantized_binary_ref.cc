// The specification of quantised elementwise arithmetic: one element at a time.
#include "quantized_binary/arithmetic.h"

namespace tflower::kernels {
namespace {

int32_t Wrapped(int64_t v) { return static_cast<int32_t>(static_cast<uint64_t>(v)); }

int64_t ValueOf(const QuantizedArithmetic& q, int32_t a, int32_t b) {
  const auto left = [&] { return int64_t{Scaled(ShiftLeft(a, q.shift), q.left)}; };
  const auto right = [&] { return int64_t{Scaled(ShiftLeft(b, q.shift), q.right)}; };
  switch (q.op) {
    case QuantizedOp::kAdd: return Scaled(Wrapped(left() + right()), q.out);
    case QuantizedOp::kSub: return Scaled(Wrapped(left() - right()), q.out);
    case QuantizedOp::kMul: return Scaled(Wrapped(int64_t{a} * b), q.out);
    case QuantizedOp::kSquaredDifference: {
      const uint64_t difference = static_cast<uint64_t>(left() - right());
      return Scaled(static_cast<int32_t>(difference * difference), q.out);
    }
    case QuantizedOp::kPrelu: return a >= 0 ? Scaled(a, q.left) : Scaled(Wrapped(int64_t{a} * b), q.right);
    case QuantizedOp::kLess: return left() < right();
    case QuantizedOp::kLessEqual: return left() <= right();
    case QuantizedOp::kGreater: return left() > right();
    case QuantizedOp::kGreaterEqual: return left() >= right();
    case QuantizedOp::kEqual: return left() == right();
    case QuantizedOp::kNotEqual: return left() != right();
  }
  return 0;
}

template <class T>
void Run(const QuantizedArithmetic& q, const Piece& a, const Piece& b, size_t n, void* to) {
  for (size_t i = 0; i < n; ++i) {
    const int32_t x = static_cast<const T*>(a.data)[a.repeats ? 0 : i], w = static_cast<const T*>(b.data)[b.repeats ? 0 : i];
    const int64_t v = ValueOf(q, x - q.a_zero, w - q.b_zero);
    if (IsComparison(q.op)) static_cast<bool*>(to)[i] = v != 0;
    else static_cast<T*>(to)[i] = static_cast<T>(q.bounds.Clamp(v + q.y_zero));
  }
}

}  // namespace

void QuantizedPieceRef(const QuantizedArithmetic& q, DType type, const Piece& a, const Piece& b, size_t n, void* to) {
  VisitQuantized(type, [&]<class T>(T) { Run<T>(q, a, b, n, to); });
}

}  // namespace tflower::kernels
