// L2 normalisation as plain loops in double.
#include <cmath>
#include <limits>

#include "l2_normalization/l2_normalization.h"

namespace tflower::kernels {

void L2NormalizeRef(const float* x, size_t rows, size_t depth, float* y) {
  for (size_t r = 0; r < rows; ++r, x += depth, y += depth) {
    double sum = 0;
    for (size_t i = 0; i < depth; ++i) sum += static_cast<double>(x[i]) * x[i];
    if (sum > static_cast<double>(std::numeric_limits<float>::max())) sum = std::numeric_limits<double>::infinity();
    const double norm = std::sqrt(sum);
    const double divisor = norm < kSmallestL2Norm ? kSmallestL2Norm : norm;  // NaN stays
    for (size_t i = 0; i < depth; ++i) y[i] = static_cast<float>(x[i] / divisor);
  }
}

}  // namespace tflower::kernels
