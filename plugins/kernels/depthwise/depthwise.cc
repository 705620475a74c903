// DEPTHWISE_CONV_2D on float32: NHWC input, filter [1, KH, KW, C * multiplier], optional bias. Source: TFLite DepthwiseConv2DOptions.
#include "common/on_half.h"
#include "depthwise/depthwise.h"

#include "depthwise/depthwise_shape.h"
#include "gemm/activation.h"

namespace tflower::kernels {
namespace {

// Constant weights and bias are packed once; others in every call, into scratch.
struct DepthwiseConv2D {
  DepthwiseShape shape;
  Clamp clamp;
  bool constant = false;
  size_t packed_bytes = 0;

  static Status Infer(const Op& op, OpTypes& out) { return InferDepthwise(op, out); }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::DepthwiseConv2DOptions>().fused_activation_function));
    TFLOWER_TRY(shape, DepthwiseShapeOf(op));
    constant = op.Input(1).is_constant() && (!op.HasInput(2) || op.Input(2).is_constant());
    packed_bytes = (DepthwisePackedBytes(shape) + 63) / 64 * 64;
    if (constant) want.Packed(packed_bytes);
    want.Scratch(DepthwiseScratchBytes(shape) + (constant ? 0 : packed_bytes));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    if (constant) PackInto(op, packed);
    return Ok();
  }
  void PackInto(const Op& op, void* packed) const {
    PackDepthwiseF32(shape, op.Input(1).data<float>(), op.HasInput(2) ? op.Input(2).data<float>() : nullptr, packed);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const void* weights = eval.packed();
    char* scratch = eval.scratch<char>();
    if (!constant) {
      PackInto(op, scratch);
      weights = scratch;
      scratch += packed_bytes;
    }
    DepthwiseF32(shape, op.Input(0).data<float>(), weights, clamp.lo, clamp.hi, scratch, op.Output(0).mutable_data<float>(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<DepthwiseConv2D>(tfl::Builtin::DEPTHWISE_CONV_2D, {.inputs = {kF32, kF32, kF32}, .outputs = {kF32}}),
    Kernel<OnHalf<DepthwiseConv2D>>(tfl::Builtin::DEPTHWISE_CONV_2D, {.inputs = {kF16, kF16, kF16 | kF32}, .outputs = {kF16}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(depthwise, kRows);
}  // namespace tflower::kernels
