// Float batched matrix product: y[b] = op(x[b]) * op(w[b]), op being the identity or the transposition, batches broadcast.
//
// x is [..., m, k] ([..., k, m] with adj_x), w is [..., k, n] ([..., n, k] with adj_y), y is [..., m, n]; all row-major. The batch
// dimensions broadcast as in NumPy. A constant w is packed once; else each w is packed into scratch memory when enough rows
// use it, or read in place. Eval never allocates and cannot fail. Accuracy: |error| / max |y| <= 2e-6 against BatchMatMulRef.
// Sources: tf.linalg.matmul, TFLite BatchMatMulOptions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <tflower/parallel.h>
#include <tflower/status.h>

namespace tflower::kernels {

inline constexpr int kMaxBatchAxes = 14;  // the format's ranks end at 16

// One axis of the result's batch, and how many matrices of x and w a step along it skips (0: broadcast).
struct BatchAxis {
  int64_t size = 1;
  int64_t x_step = 0;
  int64_t w_step = 0;
};

struct BatchMatMulPlan {
  int64_t m = 0, k = 0, n = 0;
  bool adj_x = false, adj_y = false;
  std::array<BatchAxis, kMaxBatchAxes> axes;  // outermost first
  int num_axes = 0;
  int64_t batches = 1;     // of the result
  int64_t w_matrices = 1;  // in w
  bool constant_w = false;
  int threads = 1;
  size_t packed_bytes = 0;   // for PackBatchMatMul; 0 when w is not constant
  size_t scratch_bytes = 0;  // for EvalBatchMatMul
};

// x_dims and w_dims: the shapes, rank 2 to 16. Errors: kUnsupportedShape (rank, inner sizes that differ, batches that do not
// broadcast, too large).
Result<BatchMatMulPlan> PlanBatchMatMul(std::span<const int64_t> x_dims, std::span<const int64_t> w_dims, bool adj_x,
                                        bool adj_y, bool constant_w, int threads);

// Constant w only. packed: plan.packed_bytes, 64-byte aligned; it depends on w's shape and adj_y only.
void PackBatchMatMul(const BatchMatMulPlan& plan, const float* w, void* packed, const Parallel& parallel);

// w: the packed one when it is constant, else in place. scratch: plan.scratch_bytes, 64-byte aligned, contents ignored and
// destroyed.
void EvalBatchMatMul(const BatchMatMulPlan& plan, const float* x, const void* w, float* y, void* scratch,
                     const Parallel& parallel);

// The specification: plain loops, sums in double.
void BatchMatMulRef(const BatchMatMulPlan& plan, const float* x, const float* w, float* y);

// Which matrices of x and w make matrix `batch` of the result.
struct BatchPlace {
  int64_t x = 0;
  int64_t w = 0;
};
BatchPlace PlaceOfBatch(const BatchMatMulPlan& plan, int64_t batch);

}  // namespace tflower::kernels
