// TRANSPOSE_CONV on float32: operands are the output's shape, the OHWI filter, the NHWC input and an optional bias.
// Source: TFLite TransposeConvOptions; tf.nn.conv2d_transpose.
#include "transpose_conv/transpose_conv.h"

#include "common/check.h"
#include "conv/padding.h"
#include "gemm/activation.h"

namespace tflower::kernels {
namespace {

// The forward convolution from an output of `out` must give the input's size; it also says the padding.
Result<ConvAxis> AxisOf(int64_t out, int64_t kernel, int64_t stride, int64_t in, tfl::Padding padding) {
  TFLOWER_TRY(const ConvAxis forward, ConvAxisOf(out, kernel, stride, 1, padding));
  if (forward.out != in) {
    return Error(Code::kInvalidOperand, "an output of " + std::to_string(out) + " needs an input of " + std::to_string(forward.out) + " with this stride and padding, not " + std::to_string(in));
  }
  return ConvAxis{out, forward.pad_before};
}

// The largest output that AxisOf accepts for an input.
int64_t LargestOut(int64_t in, int64_t kernel, int64_t stride, tfl::Padding padding) {
  if (padding == tfl::Padding::SAME) return in * stride;
  return (in - 1) * stride + kernel + stride - 1;
}

// `out` is the contents of operand 0: [batch, height, width, channels].
Result<TransposeConvShape> ShapeOf(const Op& op, const Shape& out) {
  const Tensor filter = op.Input(1), x = op.Input(2);
  const auto options = op.Options<tfl::TransposeConvOptions>();
  TFLOWER_TRY(const ConvAxis y_axis, ForInput(0, "output_shape", AxisOf(out[1], filter.dim(1), options.stride_h, x.dim(1), options.padding)));
  TFLOWER_TRY(const ConvAxis x_axis, ForInput(0, "output_shape", AxisOf(out[2], filter.dim(2), options.stride_w, x.dim(2), options.padding)));
  if (out[0] != x.dim(0) || out[3] != filter.dim(0)) {
    return OperandError(Code::kInvalidOperand, 0, "output_shape", TextOf(out) + " must have batch " + std::to_string(x.dim(0)) + " and " + std::to_string(filter.dim(0)) + " channels");
  }
  TransposeConvShape s;
  s.batch = x.dim(0), s.in_h = x.dim(1), s.in_w = x.dim(2), s.in_c = x.dim(3);
  s.out_h = out[1], s.out_w = out[2], s.out_c = out[3];
  s.kernel_h = filter.dim(1), s.kernel_w = filter.dim(2);
  s.stride_h = options.stride_h, s.stride_w = options.stride_w;
  s.pad_top = y_axis.pad_before, s.pad_left = x_axis.pad_before;
  return s;
}

// Options and operands that do not depend on the output's shape.
Status CheckOperands(const Op& op) {
  TFLOWER_CHECK(CheckArity(op, 3, 4));
  TFLOWER_CHECK(CheckVector(op, 0, "output_shape", 4));
  TFLOWER_CHECK(CheckRank(op, 1, "filter", 4, 4));
  TFLOWER_CHECK(CheckRank(op, 2, "input", 4, 4));
  if (op.Input(1).dim(3) != op.Input(2).dim(3)) {
    return OperandError(Code::kUnsupportedShape, 1, "filter", "its depth " + std::to_string(op.Input(1).dim(3)) + " must be the input's " + std::to_string(op.Input(2).dim(3)));
  }
  if (op.HasInput(3)) return CheckVector(op, 3, "bias", op.Input(1).dim(0));
  return Ok();
}

struct TransposeConv {
  TransposeConvPlan plan;  // for the largest output when the shape is not known yet
  Clamp clamp;
  int threads = 1;
  bool constant_filter = true;
  bool known_shape = true;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckOperands(op));
    if (!Known(op.Input(0))) return out.Unknown(0, DType::kFloat32, 4);
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY([[maybe_unused]] const TransposeConvShape s, ShapeOf(op, dims));
    return SetOutput(out, 0, DType::kFloat32, dims);
  }
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
    TFLOWER_TRY(const TransposeConvShape s, ShapeOf(op, dims));
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
    TFLOWER_TRY(const TransposeConvShape s, ShapeOf(op, dims));
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, dims));
    return PlanTransposeConv(s, threads);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    TFLOWER_TRY(const TransposeConvPlan now, PlanNow(op, eval));
    const void* filter = eval.packed();
    char* scratch = eval.scratch<char>();
    if (!constant_filter) {
      PackTransposeConv(now, op.Input(1).data<float>(), scratch, eval.parallel());
      filter = scratch;
      scratch += now.packed_bytes;
    }
    const float* const bias = op.HasInput(3) ? op.Input(3).data<float>() : nullptr;
    EvalTransposeConv(now, op.Input(2).data<float>(), filter, bias, clamp, op.Output(0).mutable_data<float>(), scratch, eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<TransposeConv>(tfl::Builtin::TRANSPOSE_CONV, {.inputs = {kI32, kF32, kF32, kF32}, .outputs = {kF32}, .versions = {1, 5}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(transpose_conv, kRows);
}  // namespace tflower::kernels
