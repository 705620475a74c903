// Float fully connected layer: y[b, o] = clamp(bias[o] + residual[b, o] + sum over i of x[b, i] * w[o, i], lo, hi).
//
// x is [batch, in] and y is [batch, out], contiguous; the weights are [out, in] as in TFLite's FULLY_CONNECTED. Constant weights
// are packed once; weights that change between runs are read in place or packed into scratch memory, whichever is faster.
// A residual needs constant weights. Eval never allocates and cannot fail. Accuracy: |error| / max |y| <= 2e-6 against FullyConnectedRef.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>
#include <tflower/status.h>

#include "gemm/gemm.h"

namespace tflower::kernels {

struct FullyConnectedShape {
  int64_t batch = 1;
  int64_t in = 0;
  int64_t out = 0;
};

struct FullyConnectedPlan {
  FullyConnectedShape shape;
  bool constant_weights = true;
  size_t packed_bytes = 0;   // for PackFullyConnected; 0 when the weights are not constant
  size_t scratch_bytes = 0;  // for EvalFullyConnected
};

// Errors: kUnsupportedShape (negative or too large).
Result<FullyConnectedPlan> PlanFullyConnected(const FullyConnectedShape& shape, bool constant_weights);

// Constant weights only. packed: plan.packed_bytes, 64-byte aligned; it depends on `in` and `out` only.
void PackFullyConnected(const FullyConnectedPlan& plan, const float* weights, void* packed, const Parallel& parallel);

// weights: the packed ones when they are constant, else [out, in] in place.
// scratch: plan.scratch_bytes, 64-byte aligned, contents ignored and destroyed.
void EvalFullyConnected(const FullyConnectedPlan& plan, const float* x, const void* weights, const Epilogue& tail, float* y,
                        void* scratch, const Parallel& parallel);

// The specification: plain loops, sums in double.
void FullyConnectedRef(const FullyConnectedShape& shape, const float* x, const float* weights, const Epilogue& tail, float* y);

}  // namespace tflower::kernels
