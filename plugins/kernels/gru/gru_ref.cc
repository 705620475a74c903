// The specification of the GRU: one step and one row of the batch after the other, sums in double.
#include <algorithm>
#include <vector>

#include "gru/gru.h"
#include "recurrent/reference.h"

namespace tflower::kernels {
namespace {
using reference::Activate, reference::Dot, reference::Sigmoid;

void Step(const GruShape& s, const GruOptions& o, const GruWeights& w, const float* x, float* h, float* y) {
  const auto size = static_cast<size_t>(s.units);
  std::vector<double> update(size), reset(size);
  std::vector<float> old(size);
  const auto of_input = [&](int64_t row) { return Dot(w.input + row * s.inputs, x, s.inputs) + static_cast<double>(w.bias[row]); };
  const auto of_state = [&](int64_t row, const float* state) { return Dot(w.recurrent + row * s.units, state, s.units); };
  for (int64_t u = 0; u < s.units; ++u) {
    const auto i = static_cast<size_t>(u);
    update[i] = Sigmoid(of_input(u) + of_state(u, h));
    reset[i] = Sigmoid(of_input(s.units + u) + of_state(s.units + u, h));
    old[i] = static_cast<float>(reset[i] * static_cast<double>(h[u]));
  }
  for (int64_t u = 0; u < s.units; ++u) {
    const auto i = static_cast<size_t>(u);
    const int64_t row = 2 * s.units + u;
    const double recurrent = o.reset_after ? reset[i] * (of_state(row, h) + static_cast<double>(w.after[u])) : of_state(row, old.data());
    const double g = Activate(o.activation, of_input(row) + recurrent);
    y[u] = static_cast<float>(update[i] * static_cast<double>(h[u]) + (1 - update[i]) * g);
  }
  std::copy_n(y, s.units, h);
}

}  // namespace

void GruRef(const GruShape& s, const GruOptions& options, const GruWeights& weights, const SequenceRun& run) {
  for (int64_t step = 0; step < s.time; ++step) {
    const int64_t t = run.backwards ? s.time - 1 - step : step;
    for (int64_t b = 0; b < s.batch; ++b) {
      const int64_t row = s.time_major ? t * s.batch + b : b * s.time + t;
      Step(s, options, weights, run.x + row * s.inputs, run.h + b * s.units, run.y + row * run.y_stride);
    }
  }
}

}  // namespace tflower::kernels
