// The specification of the float RNN: one step and one row of the batch after the other, sums in double.
#include <algorithm>

#include "recurrent/reference.h"
#include "rnn/rnn.h"

namespace tflower::kernels {
using reference::Activate, reference::Dot;

void RnnRef(const RnnShape& s, tfl::ActivationFunctionType activation, const RnnWeights& w, const SequenceRun& run) {
  for (int64_t step = 0; step < s.time; ++step) {
    const int64_t t = run.backwards ? s.time - 1 - step : step;
    for (int64_t b = 0; b < s.batch; ++b) {
      const int64_t row = s.time_major ? t * s.batch + b : b * s.time + t;
      float* const h = run.h + b * s.units;
      float* const y = run.y + row * run.y_stride;
      for (int64_t u = 0; u < s.units; ++u) {
        double z = Dot(w.input + u * s.inputs, run.x + row * s.inputs, s.inputs) + static_cast<double>(w.bias[u]);
        if (s.aux != 0) z += Dot(w.aux + u * s.aux, run.aux + row * s.aux, s.aux);
        y[u] = static_cast<float>(Activate(activation, z + Dot(w.recurrent + u * s.units, h, s.units)));
      }
      std::copy_n(y, s.units, h);
    }
  }
}

}  // namespace tflower::kernels
