// LOCAL_RESPONSE_NORMALIZATION on float32: each element divided by a power of the energy of its neighbours along the last dimension.
//   y[r, c] = x[r, c] / (bias + alpha * sum of x[r, k]^2 over |k - c| <= radius)^beta
// Sources: TFLite LocalResponseNormalizationOptions; tf.nn.local_response_normalization.
#include <cmath>

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {
namespace {

// sum^-beta for each element. The usual exponents need no pow.
void Powers(const float* sums, int64_t n, float beta, float* y) {
  if (beta == 0.5f) {
    for (int64_t i = 0; i < n; ++i) y[i] = 1.0f / std::sqrt(sums[i]);
  } else if (beta == 0.75f) {
    for (int64_t i = 0; i < n; ++i) y[i] = 1.0f / (std::sqrt(sums[i]) * std::sqrt(std::sqrt(sums[i])));
  } else if (beta == 1.0f) {
    for (int64_t i = 0; i < n; ++i) y[i] = 1.0f / sums[i];
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] = std::pow(sums[i], -beta);
  }
}

struct LocalResponseNorm {
  tfl::LocalResponseNormalizationOptions options;
  int64_t depth = 0;
  int64_t radius = 0;  // cut to the depth
  int64_t pieces = 1;

  static Status Infer(const Op& op, OpTypes& out) { return out.SameAs(0, op.Input(0)); }
  // Scratch of a piece: squares with `radius` zeros on both sides, and sums.
  int64_t PieceFloats() const { return (2 * depth + 2 * radius + 15) / 16 * 16; }
  Status Prepare(const Op& op, PrepareContext& want) {
    options = op.Options<tfl::LocalResponseNormalizationOptions>();
    depth = op.Input(0).dim(-1);
    radius = std::min<int64_t>(options.radius, depth);
    pieces = std::max(1, want.threads());
    want.Scratch(static_cast<uint64_t>(pieces * PieceFloats()) * sizeof(float));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const float* const x = op.Input(0).data<float>();
    float* const y = op.Output(0).mutable_data<float>();
    const int64_t rows = op.Input(0).num_elements() / depth;
    const int64_t used = std::clamp<int64_t>(rows * depth * (2 * radius + 8) / kParallelBytes, 1, pieces);
    eval.parallel().For(used, 1, [&](int64_t begin, int64_t end) {
      for (int64_t piece = begin; piece < end; ++piece) {
        float* const squares = eval.scratch<float>() + piece * PieceFloats();
        std::fill(squares, squares + depth + 2 * radius, 0.0f);
        for (int64_t r = rows * piece / used; r < rows * (piece + 1) / used; ++r) Row(x + r * depth, squares, y + r * depth);
      }
    });
    return Ok();
  }

 private:
  // Sums are made anew for each element: a running sum would keep the rounding error of a large neighbour that has left the window.
  void Row(const float* x, float* squares, float* y) const {
    float* const sums = squares + depth + 2 * radius;
    for (int64_t c = 0; c < depth; ++c) squares[radius + c] = x[c] * x[c];
    std::fill(sums, sums + depth, 0.0f);
    for (int64_t k = 0; k <= 2 * radius; ++k) {
      for (int64_t c = 0; c < depth; ++c) sums[c] += squares[c + k];
    }
    for (int64_t c = 0; c < depth; ++c) sums[c] = options.bias + options.alpha * sums[c];
    Powers(sums, depth, options.beta, sums);
    for (int64_t c = 0; c < depth; ++c) y[c] = x[c] * sums[c];
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<LocalResponseNorm>(tfl::Builtin::LOCAL_RESPONSE_NORMALIZATION, {.inputs = {kF32}, .outputs = {kF32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(lrn, kRows);
}  // namespace tflower::kernels
