// The specification of SOFTMAX of int16, and its tables.
#include <algorithm>
#include <bit>
#include <cmath>

#include "quantized_softmax/words.h"

namespace tflower::kernels {

void SoftmaxOfWords::Fill(double scale, double beta) {
  factor = MultiplierOf(scale * beta / (10.0 / 65535.0));
  Table16 values;
  FillTable<double>(10.0 / 65535.0, INT16_MAX, 2.0 / 65535.0, 0, [](double v) { return std::exp(v); }, values);
  exponential.Set(values);
  FillTable<double>(1.0 / 65535.0, INT16_MIN, 2.0 / 65535.0, 0, [](double v) { return 1.0 / (1.0 + v); }, values);
  reciprocal.Set(values);
}

SoftmaxOfWords::Inverse SoftmaxOfWords::InverseOf(int64_t total) const {
  const auto sum = static_cast<uint32_t>(std::min<int64_t>(total, INT32_MAX));
  const int headroom = std::countl_zero(sum);                                                   // >= 1
  const int64_t fraction = ((static_cast<int64_t>(sum) << (headroom - 1)) + (1 << 13)) >> 14;  // sum as 1.x, in 16 bits
  const int64_t at = std::clamp<int64_t>(fraction - (1 << 15) - (1 << 16), INT16_MIN, INT16_MAX);
  return {LookUp(reciprocal, static_cast<int16_t>(at)), 31 - headroom};
}

void SoftmaxOfWordsRef(const SoftmaxOfWords& q, const int16_t* x, int64_t rows, int64_t depth, int16_t* y) {
  for (int64_t row = 0; row < rows; ++row, x += depth, y += depth) {
    const int32_t most = *std::max_element(x, x + depth);
    // [-65535, 0] stands for [-10, 0].
    const auto exponential = [&](int64_t i) {
      const int64_t centred = int64_t{Scaled(int32_t{x[i]} - most, q.factor)} + INT16_MAX;
      return LookUp(q.exponential, static_cast<int16_t>(std::clamp<int64_t>(centred, INT16_MIN, INT16_MAX)));
    };
    int64_t total = 0;
    for (int64_t i = 0; i < depth; ++i) total += exponential(i);
    const SoftmaxOfWords::Inverse inverse = q.InverseOf(total);
    const int64_t half = int64_t{1} << (inverse.shift - 1);
    for (int64_t i = 0; i < depth; ++i) {
      const int64_t v = (int64_t{exponential(i)} * inverse.value + half) >> inverse.shift;
      y[i] = static_cast<int16_t>(std::clamp<int64_t>(v, 0, INT16_MAX));
    }
  }
}

}  // namespace tflower::kernels
