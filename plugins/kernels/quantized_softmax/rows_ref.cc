// The specification of quantised SOFTMAX and LOG_SOFTMAX: one value at a time.
#include <algorithm>
#include <cmath>

#include "quantized_softmax/rows.h"

namespace tflower::kernels {
namespace {

template <class T>
void Run(const QuantizedSoftmax& q, const T* x, int64_t rows, int64_t depth, T* y) {
  const IntBounds bounds = BoundsOf(q.type);
  for (int64_t row = 0; row < rows; ++row, x += depth, y += depth) {
    const int32_t most = *std::max_element(x, x + depth);
    float sum = 0;
    for (int64_t i = 0; i < depth; ++i) sum += q.exponentials[most - x[i]];
    const float inverse = 1 / (sum * q.y.scale), least = (q.x.scale * static_cast<float>(most) + std::log(sum)) / q.y.scale;
    for (int64_t i = 0; i < depth; ++i) {
      const float v = q.log ? std::rint(q.scaled[255 - static_cast<uint8_t>(x[i])] - least) : q.exponentials[most - x[i]] * inverse;
      y[i] = static_cast<T>(bounds.Clamp(RoundedInt(v) + q.y.zero));
    }
  }
}

}  // namespace

void QuantizedSoftmax::Fill(float beta) {
  for (int d = 0; d < 256; ++d) exponentials[d] = std::exp(-x.scale * beta * static_cast<float>(d));
  const float ratio = x.scale / y.scale;
  for (int b = 0; b < 256; ++b) scaled[255 - b] = ratio * static_cast<float>(type == DType::kInt8 ? int{static_cast<int8_t>(b)} : b);
}

void QuantizedSoftmaxRef(const QuantizedSoftmax& q, const void* x, int64_t rows, int64_t depth, void* y) {
  VisitBytes(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), rows, depth, static_cast<T*>(y)); });
}

}  // namespace tflower::kernels
