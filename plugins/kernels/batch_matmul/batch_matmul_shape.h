// The shapes of a BATCH_MATMUL operator, for float and quantised operands alike. Source: TFLite BatchMatMulOptions.
#pragma once

#include "batch_matmul/batch_matmul.h"
#include "common/check.h"

namespace tflower::kernels {

inline Result<BatchMatMulPlan> BatchMatMulPlanOf(const Op& op, int threads) {
  const auto options = op.Options<tfl::BatchMatMulOptions>();
  return PlanBatchMatMul(op.Input(0).dims(), op.Input(1).dims(), options.adj_x, options.adj_y, op.Input(1).is_constant(), threads);
}

inline Status InferBatchMatMul(const Op& op, OpTypes& out, DType result) {
  TFLOWER_TRY([[maybe_unused]] const BatchMatMulPlan checked, BatchMatMulPlanOf(op, 1));
  const auto options = op.Options<tfl::BatchMatMulOptions>();
  const Tensor x = op.Input(0), w = op.Input(1);
  TFLOWER_TRY(Shape dims, BroadcastShapes(x.dims().first(static_cast<size_t>(x.rank()) - 2), w.dims().first(static_cast<size_t>(w.rank()) - 2)));
  dims.push_back(x.dim(options.adj_x ? -1 : -2));
  dims.push_back(w.dim(options.adj_y ? -2 : -1));
  return SetOutput(out, 0, result, dims);
}
// The result has the input's type.
inline Status InferBatchMatMul(const Op& op, OpTypes& out) { return InferBatchMatMul(op, out, op.Input(0).dtype()); }

}  // namespace tflower::kernels
