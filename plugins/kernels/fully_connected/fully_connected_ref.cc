// The specification of the float fully connected layer: plain loops with double sums.
#include "fully_connected/fully_connected.h"

namespace tflower::kernels {

void FullyConnectedRef(const FullyConnectedShape& s, const float* x, const float* weights, const Epilogue& tail, float* y) {
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t o = 0; o < s.out; ++o) {
      double sum = tail.bias != nullptr ? tail.bias[o] : 0.0;
      if (tail.residual != nullptr) sum += tail.residual[b * s.out + o];
      for (int64_t i = 0; i < s.in; ++i) sum += static_cast<double>(x[b * s.in + i]) * weights[o * s.in + i];
      float v = static_cast<float>(sum);
      if (v < tail.clamp.lo) v = tail.clamp.lo;  // written so that NaN passes
      if (v > tail.clamp.hi) v = tail.clamp.hi;
      y[b * s.out + o] = v;
    }
  }
}

}  // namespace tflower::kernels
