// The specification of the float batched matrix product: plain loops with double sums.
#include "batch_matmul/batch_matmul.h"

namespace tflower::kernels {

void BatchMatMulRef(const BatchMatMulPlan& p, const float* x, const float* w, float* y) {
  for (int64_t b = 0; b < p.batches; ++b) {
    const BatchPlace place = PlaceOfBatch(p, b);
    const float* const xb = x + place.x * p.m * p.k;
    const float* const wb = w + place.w * p.k * p.n;
    for (int64_t i = 0; i < p.m; ++i) {
      for (int64_t j = 0; j < p.n; ++j) {
        double sum = 0.0;
        for (int64_t k = 0; k < p.k; ++k) {
          const double xv = p.adj_x ? xb[k * p.m + i] : xb[i * p.k + k];
          sum += xv * (p.adj_y ? wb[j * p.k + k] : wb[k * p.n + j]);
        }
        *y++ = static_cast<float>(sum);
      }
    }
  }
}

}  // namespace tflower::kernels
