// FULLY_CONNECTED on float32: weights [out, in], optional bias. Source: TFLite FullyConnectedOptions.
#include "common/on_half.h"
#include "fully_connected/fully_connected_shape.h"
#include "gemm/activation.h"
#include "gemm/residual.h"

namespace tflower::kernels {
namespace {

struct FullyConnected {
  FullyConnectedPlan plan;
  Clamp clamp;
  Residual residual;

  static Status Infer(const Op& op, OpTypes& out) { return InferFullyConnected(op, out); }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(const FullyConnectedShape s, FullyConnectedShapeOf(op));
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::FullyConnectedOptions>().fused_activation_function));
    TFLOWER_TRY(plan, PlanFullyConnected(s, op.Input(1).is_constant()));
    want.Packed(plan.packed_bytes);
    want.Scratch(plan.scratch_bytes);
    return Ok();
  }
  bool Fuse(const Op& op, const Op& next, int operand) { return plan.constant_weights && residual.Take(op, next, operand, clamp); }
  Status Pack(const Op& op, void* packed) const {
    PackFullyConnected(plan, op.Input(1).data<float>(), packed, Parallel());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const void* const weights = plan.constant_weights ? eval.packed() : op.Input(1).raw();
    const Epilogue tail = residual.EpilogueOf(op, 2, clamp);
    EvalFullyConnected(plan, op.Input(0).data<float>(), weights, tail, op.Output(0).mutable_data<float>(), eval.scratch(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<FullyConnected>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kF32, kF32, kF32}, .outputs = {kF32}}),
    Kernel<OnHalf<FullyConnected>>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kF16, kF16, kF16 | kF32}, .outputs = {kF16}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(fully_connected, kRows);
}  // namespace tflower::kernels
