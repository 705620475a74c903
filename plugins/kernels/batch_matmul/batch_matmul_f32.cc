// Float batched matrix product on the packed product, or on products that read w in place for a few rows.
#include <algorithm>
#include <string>

#include "batch_matmul/batch_matmul.h"
#include "common/copy.h"
#include "gemm/dot.h"
#include "gemm/gemm.h"
#include "gemm/sizes.h"

namespace tflower::kernels {
namespace {

// Dimension i from the right of the batch part; 1 beyond it.
int64_t BatchDim(std::span<const int64_t> dims, size_t i) { return i + 2 < dims.size() ? dims[dims.size() - 3 - i] : 1; }

Status CheckRanks(std::span<const int64_t> x, std::span<const int64_t> w) {
  for (const auto& dims : {x, w}) {
    if (dims.size() < 2 || dims.size() > kMaxBatchAxes + 2) {
      return Error(Code::kUnsupportedShape, "shape " + TextOf(dims) + " must have rank 2 to 16");
    }
    TFLOWER_CHECK(CheckElements("input", dims));
  }
  return Ok();
}

// Fills the axes, innermost first, then turns them round. Steps are in matrices.
Status BroadcastBatches(std::span<const int64_t> x, std::span<const int64_t> w, BatchMatMulPlan& plan) {
  plan.num_axes = static_cast<int>(std::max(x.size(), w.size())) - 2;
  int64_t x_matrices = 1;
  plan.w_matrices = 1;
  for (int i = 0; i < plan.num_axes; ++i) {
    const int64_t xd = BatchDim(x, static_cast<size_t>(i)), wd = BatchDim(w, static_cast<size_t>(i));
    if (xd != wd && xd != 1 && wd != 1) {
      return Error(Code::kUnsupportedShape, "batch dimensions of " + TextOf(x) + " and " + TextOf(w) + " do not broadcast");
    }
    plan.axes[static_cast<size_t>(i)] = {xd == 1 ? wd : xd, xd == 1 ? 0 : x_matrices, wd == 1 ? 0 : plan.w_matrices};
    x_matrices *= xd;
    plan.w_matrices *= wd;
  }
  std::reverse(plan.axes.begin(), plan.axes.begin() + plan.num_axes);
  return Ok();
}

Status CheckResult(const BatchMatMulPlan& plan) {
  std::array<int64_t, kMaxBatchAxes + 2> dims = {plan.m, plan.n};
  for (int i = 0; i < plan.num_axes; ++i) dims[static_cast<size_t>(i) + 2] = plan.axes[static_cast<size_t>(i)].size;
  return CheckElements("output", std::span(dims.data(), static_cast<size_t>(plan.num_axes) + 2));
}

// One w for all of x is a single product with more rows.
void JoinRows(BatchMatMulPlan& plan) {
  if (plan.adj_x || plan.w_matrices != 1) return;
  for (int i = 0; i < plan.num_axes; ++i) {
    if (plan.axes[static_cast<size_t>(i)].size != 1 && plan.axes[static_cast<size_t>(i)].x_step == 0) return;
  }
  for (int i = 0; i < plan.num_axes; ++i) plan.m *= plan.axes[static_cast<size_t>(i)].size;
  plan.num_axes = 0;
}

bool ReadsInPlace(const BatchMatMulPlan& p) { return !p.constant_w && p.m <= static_cast<int64_t>(kMaxDotRows); }

// Many products: each thread does whole ones. Few: all threads work on each.
bool SplitsBatches(const BatchMatMulPlan& p) {
  return p.threads > 1 && (p.batches % p.threads == 0 || p.batches >= 4 * p.threads) && p.batches > 0;
}

size_t PackedFloats(const BatchMatMulPlan& p) {
  return GemmPackedBytes(static_cast<size_t>(p.k), static_cast<size_t>(p.n)) / sizeof(float);
}

size_t TransposedFloats(const BatchMatMulPlan& p) { return p.adj_x ? static_cast<size_t>(p.m * p.k + 15) / 16 * 16 : 0; }

// What one thread needs for one product.
size_t WorkFloats(const BatchMatMulPlan& p) {
  return TransposedFloats(p) + (p.constant_w || ReadsInPlace(p) ? 0 : PackedFloats(p));
}

void PackOne(const BatchMatMulPlan& p, const float* w, float* packed, const Parallel& parallel) {
  const size_t k = static_cast<size_t>(p.k), n = static_cast<size_t>(p.n);
  GemmPackB(w, p.adj_y ? 1 : n, p.adj_y ? k : 1, k, n, packed, parallel);
}

// x^T, [k, m] -> [m, k].
void TransposeX(const BatchMatMulPlan& p, const float* x, float* out, const Parallel& parallel) {
  StridedCopy copy{.element_bytes = sizeof(float)};
  copy.Add(p.m, p.k * int64_t{sizeof(float)}, sizeof(float));
  copy.Add(p.k, sizeof(float), p.m * int64_t{sizeof(float)});
  copy.Run(x, out, parallel);
}

struct Operands {
  const float* x;
  const float* w;
  float* y;
};

// Products [begin, end) of the batch on the threads of `parallel`, with `work` as their memory.
void RunBatches(const BatchMatMulPlan& p, const Operands& operands, int64_t begin, int64_t end, float* work,
                const Parallel& parallel) {
  float* const packed = work + TransposedFloats(p);
  const size_t packed_floats = PackedFloats(p);
  int64_t packed_w = -1;
  for (int64_t b = begin; b < end; ++b) {
    const BatchPlace place = PlaceOfBatch(p, b);
    const float* const w = operands.w + place.w * p.k * p.n;
    GemmProblem g;
    g.rows = static_cast<size_t>(p.m), g.columns = static_cast<size_t>(p.n), g.depth = static_cast<size_t>(p.k);
    g.a = operands.x + place.x * p.m * p.k;
    g.a_stride = g.depth;
    g.c = operands.y + b * p.m * p.n;
    g.c_stride = g.columns;
    if (p.adj_x) {
      TransposeX(p, g.a, work, parallel);
      g.a = work;
    }
    if (ReadsInPlace(p)) {
      g.b = w;
      p.adj_y ? DotProducts(g, g.depth, parallel) : RowProducts(g, g.columns, parallel);
      continue;
    }
    if (p.constant_w) {
      g.b = operands.w + static_cast<size_t>(place.w) * packed_floats;
    } else {
      if (packed_w != place.w) PackOne(p, w, packed, parallel);
      packed_w = place.w;
      g.b = packed;
    }
    Gemm(g, parallel);
  }
}

}  // namespace

BatchPlace PlaceOfBatch(const BatchMatMulPlan& plan, int64_t batch) {
  BatchPlace place;
  for (int i = plan.num_axes - 1; i >= 0; --i) {
    const BatchAxis& axis = plan.axes[static_cast<size_t>(i)];
    const int64_t at = batch % axis.size;
    batch /= axis.size;
    place.x += at * axis.x_step;
    place.w += at * axis.w_step;
  }
  return place;
}

Result<BatchMatMulPlan> PlanBatchMatMul(std::span<const int64_t> x_dims, std::span<const int64_t> w_dims, bool adj_x,
                                        bool adj_y, bool constant_w, int threads) {
  TFLOWER_CHECK(CheckRanks(x_dims, w_dims));
  BatchMatMulPlan plan;
  plan.adj_x = adj_x;
  plan.adj_y = adj_y;
  plan.constant_w = constant_w;
  plan.threads = std::max(threads, 1);
  const int64_t *const x = &x_dims[x_dims.size() - 2], *const w = &w_dims[w_dims.size() - 2];
  plan.m = x[adj_x ? 1 : 0];
  plan.k = x[adj_x ? 0 : 1];
  plan.n = w[adj_y ? 0 : 1];
  if (w[adj_y ? 1 : 0] != plan.k) {
    return Error(Code::kUnsupportedShape, "inner dimensions of " + TextOf(x_dims) + (adj_x ? " (transposed)" : "") + " and " +
                                              TextOf(w_dims) + (adj_y ? " (transposed)" : "") + " differ");
  }
  TFLOWER_CHECK(BroadcastBatches(x_dims, w_dims, plan));
  TFLOWER_CHECK(CheckResult(plan));
  JoinRows(plan);
  for (int i = 0; i < plan.num_axes; ++i) plan.batches *= plan.axes[static_cast<size_t>(i)].size;
  if (constant_w) plan.packed_bytes = static_cast<size_t>(plan.w_matrices) * PackedFloats(plan) * sizeof(float);
  const size_t pieces = SplitsBatches(plan) ? static_cast<size_t>(std::min<int64_t>(plan.threads, plan.batches)) : 1;
  plan.scratch_bytes = pieces * WorkFloats(plan) * sizeof(float);
  return plan;
}

void PackBatchMatMul(const BatchMatMulPlan& plan, const float* w, void* packed, const Parallel& parallel) {
  for (int64_t i = 0; i < plan.w_matrices; ++i) {
    PackOne(plan, w + i * plan.k * plan.n, static_cast<float*>(packed) + static_cast<size_t>(i) * PackedFloats(plan), parallel);
  }
}

void EvalBatchMatMul(const BatchMatMulPlan& plan, const float* x, const void* w, float* y, void* scratch,
                     const Parallel& parallel) {
  const Operands operands{x, static_cast<const float*>(w), y};
  float* const work = static_cast<float*>(scratch);
  if (!SplitsBatches(plan)) return RunBatches(plan, operands, 0, plan.batches, work, parallel);
  const int64_t pieces = std::min<int64_t>(plan.threads, plan.batches);
  parallel.For(pieces, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      RunBatches(plan, operands, plan.batches * i / pieces, plan.batches * (i + 1) / pieces,
                 work + static_cast<size_t>(i) * WorkFloats(plan), Parallel());
    }
  });
}

}  // namespace tflower::kernels
