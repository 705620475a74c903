// The specification of the float matrix product: plain loops with double sums.
#include "gemm/gemm.h"

namespace tflower::kernels {
namespace {

const float* TapOf(const GemmProblem& p, size_t m, size_t t) {
  return p.a_taps != nullptr ? p.a_taps[m * p.taps + t] : p.a + m * p.a_stride;
}

}  // namespace

void GemmRef(const GemmProblem& p, const float* b, size_t k_stride, size_t n_stride) {
  for (size_t m = 0; m < p.rows; ++m) {
    float* const c = p.c_rows != nullptr ? p.c_rows[m] : p.c + m * p.c_stride;
    for (size_t n = 0; n < p.columns; ++n) {
      double sum = p.bias != nullptr ? p.bias[n] : 0.0;
      if (p.residual != nullptr) sum += p.residual[c - p.c + static_cast<ptrdiff_t>(n)];
      for (size_t t = 0; t < p.taps; ++t) {
        const float* const a = TapOf(p, m, t);
        for (size_t k = 0; k < p.depth; ++k) {
          sum += static_cast<double>(a[k]) * b[(t * p.depth + k) * k_stride + n * n_stride];
        }
      }
      float y = static_cast<float>(sum);
      if (y < p.clamp.lo) y = p.clamp.lo;  // written so that NaN passes
      if (y > p.clamp.hi) y = p.clamp.hi;
      c[n] = y;
    }
  }
}

}  // namespace tflower::kernels
