// Reductions as plain loops in double: what the vector kernels are compared with.
#include <cmath>
#include <limits>

#include "reduce/reduce.h"
#include "reduce/reduce_walk.h"

namespace tflower::kernels {
namespace {

double Start(Reduction op) {
  switch (op) {
    case Reduction::kProd: return 1;
    case Reduction::kMax: return -std::numeric_limits<double>::infinity();
    case Reduction::kMin: return std::numeric_limits<double>::infinity();
    default: return 0;
  }
}

double Combine(Reduction op, double a, double b) {
  switch (op) {
    case Reduction::kProd: return a * b;
    case Reduction::kMax: return std::isnan(a) || a > b ? a : b;
    case Reduction::kMin: return std::isnan(a) || a < b ? a : b;
    default: return a + b;
  }
}

}  // namespace

void ReduceF32Ref(Reduction op, const ReducePlan& plan, const float* x, float* out) {
  const ReduceWalk walk(plan);
  const int64_t inner = walk.inner();
  const int64_t per_base = plan.inner_reduced ? 1 : inner;
  for (int64_t o = 0; o < plan.outputs; ++o) {
    double value = Start(op);
    const int64_t column = o % per_base;
    for (int64_t i = 0; i < walk.runs(); ++i) {
      const ReduceWalk::Run run = walk.RunAt(walk.Base(o / per_base), i);
      for (int64_t r = 0; r < run.rows; ++r) {
        const float* row = x + run.offset + r * run.stride;
        if (!plan.inner_reduced) value = Combine(op, value, row[column]);
        else for (int64_t k = 0; k < inner; ++k) value = Combine(op, value, row[k]);
      }
    }
    out[o] = static_cast<float>(op == Reduction::kMean ? value / static_cast<double>(plan.count) : value);
  }
}

}  // namespace tflower::kernels
