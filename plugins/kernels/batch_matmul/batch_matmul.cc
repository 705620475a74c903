// BATCH_MATMUL on float32. Source: TFLite BatchMatMulOptions.
#include "batch_matmul/batch_matmul.h"

#include "common/check.h"

namespace tflower::kernels {
namespace {

Result<BatchMatMulPlan> PlanOf(const Op& op, int threads) {
  const auto options = op.Options<tfl::BatchMatMulOptions>();
  return PlanBatchMatMul(op.Input(0).dims(), op.Input(1).dims(), options.adj_x, options.adj_y, op.Input(1).is_constant(), threads);
}

struct BatchMatMul {
  BatchMatMulPlan plan;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 2, 2));
    TFLOWER_TRY([[maybe_unused]] const BatchMatMulPlan checked, PlanOf(op, 1));
    const auto options = op.Options<tfl::BatchMatMulOptions>();
    const Tensor x = op.Input(0), w = op.Input(1);
    TFLOWER_TRY(Shape dims, BroadcastShapes(x.dims().first(static_cast<size_t>(x.rank()) - 2), w.dims().first(static_cast<size_t>(w.rank()) - 2)));
    dims.push_back(x.dim(options.adj_x ? -1 : -2));
    dims.push_back(w.dim(options.adj_y ? -2 : -1));
    return SetOutput(out, 0, DType::kFloat32, dims);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(plan, PlanOf(op, want.threads()));
    want.Packed(plan.packed_bytes);
    want.Scratch(plan.scratch_bytes);
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    PackBatchMatMul(plan, op.Input(1).data<float>(), packed, Parallel());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const void* const w = plan.constant_w ? eval.packed() : op.Input(1).raw();
    EvalBatchMatMul(plan, op.Input(0).data<float>(), w, op.Output(0).mutable_data<float>(), eval.scratch(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<BatchMatMul>(tfl::Builtin::BATCH_MATMUL, {.inputs = {kF32, kF32}, .outputs = {kF32}, .versions = {1, 4}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(batch_matmul, kRows);
}  // namespace tflower::kernels
