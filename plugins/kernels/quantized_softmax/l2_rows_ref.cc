// The specification of quantised L2_NORMALIZATION.
#include <algorithm>

#include "common/inverse_root.h"
#include "quantized_softmax/l2_rows.h"

namespace tflower::kernels {
namespace {

template <class T>
void Run(const QuantizedL2& q, const T* x, int64_t rows, int64_t depth, T* y) {
  const IntBounds bounds = BoundsOf(q.type);
  for (int64_t row = 0; row < rows; ++row, x += depth, y += depth) {
    int64_t squares = 0;
    for (int64_t i = 0; i < depth; ++i) squares += int64_t{x[i] - q.x_zero} * (x[i] - q.x_zero);
    const Multiplier factor = q.FactorOf(squares);
    for (int64_t i = 0; i < depth; ++i) y[i] = static_cast<T>(bounds.Clamp(int64_t{Scaled(ShiftLeft(x[i] - q.x_zero, q.BitsBefore()), factor)} + q.y_zero));
  }
}

}  // namespace

Multiplier QuantizedL2::FactorOf(int64_t squares) const {
  Multiplier root = InverseRootOf(static_cast<int32_t>(std::min<int64_t>(squares, INT32_MAX)));
  root.shift += 7 - BitsBefore();
  return root;
}

void QuantizedL2Ref(const QuantizedL2& q, const void* x, int64_t rows, int64_t depth, void* y) {
  VisitBytes(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), rows, depth, static_cast<T*>(y)); });
}

}  // namespace tflower::kernels
