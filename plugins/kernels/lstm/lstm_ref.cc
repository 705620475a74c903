// The specification of the float LSTM: one step and one row of the batch after the other, sums in double.
#include <algorithm>
#include <cmath>
#include <vector>

#include "lstm/lstm.h"
#include "recurrent/reference.h"

namespace tflower::kernels {
namespace {

using reference::Activate, reference::Dot, reference::Sigmoid;

double Clipped(double x, float clip) { return clip > 0 ? std::min(std::max(x, -static_cast<double>(clip)), static_cast<double>(clip)) : x; }

class Reference {
 public:
  Reference(const LstmShape& s, const LstmOptions& o, const LstmWeights& w) : s_(s), o_(o), w_(w) {}

  // One row of one step; y: where h goes as well.
  void Step(const float* x, const float* aux, float* h, float* c, float* y) const {
    const std::vector<double> forget = Gate(kForgetGate, x, aux, h, c), cell = Gate(kCellGate, x, aux, h, c);
    const std::vector<double> input = s_.cifg ? forget : Gate(kInputGate, x, aux, h, c);
    for (size_t u = 0; u < cell.size(); ++u) {
      const double in = s_.cifg ? 1 - Sigmoid(forget[u]) : Sigmoid(input[u]);
      c[u] = static_cast<float>(Clipped(Sigmoid(forget[u]) * static_cast<double>(c[u]) + in * Activate(o_.activation, cell[u]), o_.cell_clip));
    }
    const std::vector<double> output = Gate(kOutputGate, x, aux, h, c);
    std::vector<float> hidden(cell.size());
    for (size_t u = 0; u < cell.size(); ++u) hidden[u] = static_cast<float>(Sigmoid(output[u]) * Activate(o_.activation, static_cast<double>(c[u])));
    for (int64_t i = 0; i < s_.outputs; ++i) h[i] = y[i] = s_.projection ? Projected(hidden.data(), i) : hidden[static_cast<size_t>(i)];
  }

 private:
  std::vector<double> Gate(int gate, const float* x, const float* aux, const float* h, const float* c) const {
    const size_t g = static_cast<size_t>(gate);
    std::vector<double> z(static_cast<size_t>(s_.cells));
    for (int64_t u = 0; u < s_.cells; ++u) {
      double sum = Dot(w_.input[g] + u * s_.inputs, x, s_.inputs);
      if (s_.aux != 0) sum += Dot(w_.aux[g] + u * s_.aux, aux, s_.aux);
      sum += s_.diagonal ? static_cast<double>(w_.recurrent[g][u]) * h[u] : Dot(w_.recurrent[g] + u * s_.outputs, h, s_.outputs);
      if (w_.peephole[g] != nullptr) sum += static_cast<double>(w_.peephole[g][u]) * c[u];
      z[static_cast<size_t>(u)] = sum;
    }
    if (s_.norm) Normalize(z, w_.norm[g]);
    for (size_t u = 0; u < z.size(); ++u) z[u] += static_cast<double>(w_.bias[g][u]);
    return z;
  }

  static void Normalize(std::vector<double>& z, const float* coefficients) {
    double mean = 0, variance = 0;
    for (const double v : z) mean += v / static_cast<double>(z.size());
    for (const double v : z) variance += (v - mean) * (v - mean) / static_cast<double>(z.size());
    for (size_t u = 0; u < z.size(); ++u) z[u] = (z[u] - mean) / std::sqrt(variance + 1e-8) * static_cast<double>(coefficients[u]);
  }

  float Projected(const float* hidden, int64_t i) const {
    const double sum = Dot(w_.projection + i * s_.cells, hidden, s_.cells) + static_cast<double>(w_.projection_bias != nullptr ? w_.projection_bias[i] : 0);
    return static_cast<float>(Clipped(sum, o_.proj_clip));
  }

  const LstmShape& s_;
  const LstmOptions& o_;
  const LstmWeights& w_;
};

}  // namespace

void LstmRef(const LstmShape& s, const LstmOptions& options, const LstmWeights& weights, const LstmRun& run) {
  const Reference reference(s, options, weights);
  for (int64_t step = 0; step < s.time; ++step) {
    const int64_t t = run.backwards ? s.time - 1 - step : step;
    for (int64_t b = 0; b < s.batch; ++b) {
      const int64_t row = s.time_major ? t * s.batch + b : b * s.time + t;
      reference.Step(run.x + row * s.inputs, run.aux == nullptr ? nullptr : run.aux + row * s.aux, run.h + b * s.outputs, run.c + b * s.cells, run.y + row * run.y_stride);
    }
  }
}

}  // namespace tflower::kernels
