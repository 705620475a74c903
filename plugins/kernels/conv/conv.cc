// CONV_2D on float32: NHWC input, OHWI filter, optional bias. Source: TFLite Conv2DOptions.
#include "common/on_half.h"
#include "conv/conv2d.h"
#include "conv/conv_shape.h"
#include "gemm/activation.h"
#include "gemm/residual.h"

namespace tflower::kernels {
namespace {

// A filter that changes between runs is packed in each of them, and Winograd's transform would cost more than it saves.
struct Conv2D {
  Conv2DPlan plan;
  Clamp clamp;
  Residual residual;
  bool constant_filter = true;

  static Status Infer(const Op& op, OpTypes& out) { return InferConv2D(op, out); }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(const Conv2DShape s, Conv2DShapeOf(op));
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::Conv2DOptions>().fused_activation_function));
    constant_filter = op.Input(1).is_constant();
    TFLOWER_TRY(plan, PlanConv2D(s, {.threads = want.threads(), .allow_winograd = constant_filter}));
    if (constant_filter) want.Packed(plan.packed_bytes, static_cast<uint64_t>(plan.algorithm));
    want.Scratch(plan.scratch_bytes + (constant_filter ? 0 : plan.packed_bytes));
    return Ok();
  }
  bool Fuse(const Op& op, const Op& next, int operand) { return residual.Take(op, next, operand, clamp); }
  Status Pack(const Op& op, void* packed) const {
    if (constant_filter) PackConv2D(plan, op.Input(1).data<float>(), packed, Parallel());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const void* filter = eval.packed();
    char* scratch = eval.scratch<char>();
    if (!constant_filter) {
      PackConv2D(plan, op.Input(1).data<float>(), scratch, eval.parallel());
      filter = scratch;
      scratch += plan.packed_bytes;
    }
    const Epilogue tail = residual.EpilogueOf(op, 2, clamp);
    EvalConv2D(plan, op.Input(0).data<float>(), filter, tail, op.Output(0).mutable_data<float>(), scratch, eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Conv2D>(tfl::Builtin::CONV_2D, {.inputs = {kF32, kF32, kF32}, .outputs = {kF32}}),
    Kernel<OnHalf<Conv2D>>(tfl::Builtin::CONV_2D, {.inputs = {kF16, kF16, kF16 | kF32}, .outputs = {kF16}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(conv, kRows);
}  // namespace tflower::kernels
