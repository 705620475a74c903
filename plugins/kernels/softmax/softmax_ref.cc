// Softmax and log-softmax as plain loops in double.
#include <algorithm>
#include <cmath>

#include "softmax/softmax.h"

namespace tflower::kernels {
namespace {

double ExpSum(const float* x, size_t depth, double beta, double max) {
  double sum = 0;
  for (size_t i = 0; i < depth; ++i) sum += std::exp(beta * (x[i] - max));
  return sum;
}

}  // namespace

void SoftmaxRef(const float* x, size_t rows, size_t depth, float beta, float* y) {
  for (size_t r = 0; r < rows && depth != 0; ++r, x += depth, y += depth) {
    const double max = *std::max_element(x, x + depth);
    const double sum = ExpSum(x, depth, beta, max);
    for (size_t i = 0; i < depth; ++i) y[i] = static_cast<float>(std::exp(beta * (x[i] - max)) / sum);
  }
}

void LogSoftmaxRef(const float* x, size_t rows, size_t depth, float* y) {
  for (size_t r = 0; r < rows && depth != 0; ++r, x += depth, y += depth) {
    const double max = *std::max_element(x, x + depth);
    const double log_sum = std::log(ExpSum(x, depth, 1, max));
    for (size_t i = 0; i < depth; ++i) y[i] = static_cast<float>(x[i] - max - log_sum);
  }
}

}  // namespace tflower::kernels
