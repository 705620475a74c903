// Float fully connected layer on the packed matrix product, or on dot products for a few rows with changing weights.
#include "fully_connected/fully_connected.h"

#include "gemm/dot.h"
#include "gemm/sizes.h"

namespace tflower::kernels {
namespace {

GemmProblem ProblemOf(const FullyConnectedShape& s, const float* x, const Epilogue& tail, float* y) {
  GemmProblem g;
  g.rows = static_cast<size_t>(s.batch);
  g.columns = static_cast<size_t>(s.out);
  g.depth = static_cast<size_t>(s.in);
  g.a = x;
  g.a_stride = g.depth;
  g.bias = tail.bias;
  g.residual = tail.residual;
  g.c = y;
  g.c_stride = g.columns;
  g.clamp = tail.clamp;
  return g;
}

}  // namespace

Result<FullyConnectedPlan> PlanFullyConnected(const FullyConnectedShape& shape, bool constant_weights) {
  TFLOWER_CHECK(CheckElements("input", {shape.batch, shape.in}));
  TFLOWER_CHECK(CheckElements("weights", {shape.out, shape.in}));
  TFLOWER_CHECK(CheckElements("output", {shape.batch, shape.out}));
  FullyConnectedPlan plan;
  plan.shape = shape;
  plan.constant_weights = constant_weights;
  const size_t packed = GemmPackedBytes(static_cast<size_t>(shape.in), static_cast<size_t>(shape.out));
  if (constant_weights) plan.packed_bytes = packed;
  else if (static_cast<size_t>(shape.batch) > kMaxDotRows) plan.scratch_bytes = packed;
  return plan;
}

void PackFullyConnected(const FullyConnectedPlan& plan, const float* weights, void* packed, const Parallel& parallel) {
  const size_t in = static_cast<size_t>(plan.shape.in), out = static_cast<size_t>(plan.shape.out);
  GemmPackB(weights, 1, in, in, out, static_cast<float*>(packed), parallel);
}

void EvalFullyConnected(const FullyConnectedPlan& plan, const float* x, const void* weights, const Epilogue& tail, float* y,
                        void* scratch, const Parallel& parallel) {
  GemmProblem g = ProblemOf(plan.shape, x, tail, y);
  g.b = static_cast<const float*>(weights);
  if (!plan.constant_weights) {
    if (g.rows <= kMaxDotRows) return DotProducts(g, g.depth, parallel);
    PackFullyConnected(plan, g.b, scratch, parallel);
    g.b = static_cast<const float*>(scratch);
  }
  Gemm(g, parallel);
}

}  // namespace tflower::kernels
