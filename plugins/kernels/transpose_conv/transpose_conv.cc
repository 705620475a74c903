// TRANSPOSE_CONV on float32: operands are the output's shape, the OHWI filter, the NHWC input and an optional bias.
// Source: TFLite TransposeConvOptions; tf.nn.conv2d_transpose.
#include "transpose_conv/transpose_conv.h"

#include "gemm/activation.h"
#include "transpose_conv/transpose_conv_shape.h"

namespace tflower::kernels {
namespace {

struct TransposeConv {
  TransposeConvPlan plan;  // for the largest output when the shape is not known yet
  Clamp clamp;
  int threads = 1;
  bool constant_filter = true;
  bool known_shape = true;

  static Status Infer(const Op& op, OpTypes& out) { return InferTransposeConv(op, out); }
  Status Prepare(const Op& op, PrepareContext& want) {
    const Tensor filter = op.Input(1), x = op.Input(2);
    const auto options = op.Options<tfl::TransposeConvOptions>();
    TFLOWER_TRY(clamp, ClampOf(options.fused_activation_function));
    threads = want.threads();
    constant_filter = filter.is_constant();
    known_shape = Known(op.Input(0));
    const Shape dims = known_shape ? IntsOf(op.Input(0))
                                   : Shape{x.dim(0), LargestOut(x.dim(1), filter.dim(1), options.stride_h, options.padding),
                                           LargestOut(x.dim(2), filter.dim(2), options.stride_w, options.padding), filter.dim(0)};
    TFLOWER_TRY(const TransposeConvShape s, TransposeConvShapeOf(op, dims));
    TFLOWER_TRY(plan, PlanTransposeConv(s, threads));
    if (constant_filter) want.Packed(plan.packed_bytes);
    want.Scratch(plan.scratch_bytes + (constant_filter ? 0 : plan.packed_bytes));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    if (constant_filter) PackTransposeConv(plan, op.Input(1).data<float>(), packed, Parallel());
    return Ok();
  }
  // The plan for the shape that is known now; its memory was asked for in Prepare.
  Result<TransposeConvPlan> PlanNow(const Op& op, const EvalContext& eval) const {
    if (known_shape) return plan;
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY(const TransposeConvShape s, TransposeConvShapeOf(op, dims));
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, dims));
    return PlanTransposeConv(s, threads);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    TFLOWER_TRY(const TransposeConvPlan now, PlanNow(op, eval));
    const void* const packed = constant_filter ? eval.packed() : nullptr;
    const float* const bias = op.HasInput(3) ? op.Input(3).data<float>() : nullptr;
    EvalTransposeConvOf(now, op.Input(2).data<float>(), op.Input(1).data<float>(), packed, bias, clamp, op.Output(0).mutable_data<float>(), eval.scratch<char>(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<TransposeConv>(tfl::Builtin::TRANSPOSE_CONV, {.inputs = {kI32, kF32, kF32, kF32}, .outputs = {kF32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(transpose_conv, kRows);
}  // namespace tflower::kernels
