// BATCH_MATMUL on float32. Source: TFLite BatchMatMulOptions.
#include "batch_matmul/batch_matmul_shape.h"
#include "common/on_half.h"

namespace tflower::kernels {
namespace {

struct BatchMatMul {
  BatchMatMulPlan plan;

  static Status Infer(const Op& op, OpTypes& out) { return InferBatchMatMul(op, out); }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(plan, BatchMatMulPlanOf(op, want.threads()));
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
    Kernel<BatchMatMul>(tfl::Builtin::BATCH_MATMUL, {.inputs = {kF32, kF32}, .outputs = {kF32}}),
    Kernel<OnHalf<BatchMatMul>>(tfl::Builtin::BATCH_MATMUL, {.inputs = {kF16, kF16}, .outputs = {kF16}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(batch_matmul, kRows);
}  // namespace tflower::kernels
