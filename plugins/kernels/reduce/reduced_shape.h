// Axes and result of a reduction, for every type. Source: TFLite ReducerOptions.keep_dims.
#pragma once

#include <array>
#include <bitset>

#include "common/check.h"
#include "reduce/reduce.h"

namespace tflower::kernels {

// Axes from the end of the shape count back from its rank; each counts once.
inline Result<std::bitset<kMaxReduceRank>> AxesOf(const Op& op) {
  const int rank = op.Input(0).rank();
  std::bitset<kMaxReduceRank> axes;
  for (int64_t i = 0, n = op.Input(1).num_elements(); i < n; ++i) {
    const int64_t a = IntAt(op.Input(1), i);
    if (a < -rank || a >= rank) return OperandError(Code::kInvalidOperand, 1, "axes", std::to_string(a) + " is outside of rank " + std::to_string(rank));
    axes.set(static_cast<size_t>(a < 0 ? a + rank : a));
  }
  return axes;
}

inline Shape ReducedShape(const Tensor& x, const std::bitset<kMaxReduceRank>& axes, bool keep_dims) {
  Shape dims;
  for (int i = 0; i < x.rank(); ++i) {
    if (!axes.test(static_cast<size_t>(i))) dims.push_back(x.dim(i));
    else if (keep_dims) dims.push_back(1);
  }
  return dims;
}

inline Status InferReduced(const Op& op, OpTypes& out) {
  const Tensor x = op.Input(0);
  const bool keep_dims = op.Options<tfl::ReducerOptions>().keep_dims;
  if (!Known(op.Input(1))) {  // as many dimensions disappear as there are axes, which must differ
    const int64_t axes = op.Input(1).num_elements();
    if (axes > x.rank()) return OperandError(Code::kUnsupportedShape, 1, "axes", Text(axes, " axes for an input of rank ", x.rank()));
    return out.Unknown(0, x.dtype(), x.rank() - (keep_dims ? 0 : static_cast<int>(axes)));
  }
  TFLOWER_TRY(const auto axes, AxesOf(op));
  return SetOutput(out, 0, x.dtype(), ReducedShape(x, axes, keep_dims));
}

// In Eval: makes the output and plans the loops.
inline Result<ReducePlan> PlanReduced(const Op& op, const EvalContext& eval) {
  const Tensor x = op.Input(0);
  TFLOWER_TRY(const auto set, AxesOf(op));
  TFLOWER_CHECK(EnsureOutput(op, eval, 0, ReducedShape(x, set, op.Options<tfl::ReducerOptions>().keep_dims)));
  std::array<int32_t, kMaxReduceRank> axes;
  size_t n = 0;
  for (int i = 0; i < x.rank(); ++i) if (set.test(static_cast<size_t>(i))) axes[n++] = i;
  return PlanReduce(x.dims(), std::span<const int32_t>(axes.data(), n));
}

}  // namespace tflower::kernels
