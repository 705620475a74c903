// Convolution2DTransposeBias, a custom operator of segmentation models that XNNPACK runs: a transposed convolution whose output has the one size
// that follows from the input's. Source: TfLiteTransposeConvParams (padding, stride_width, stride_height).
#include "common/raw_options.h"
#include "transpose_conv/transpose_conv.h"
#include "transpose_conv/transpose_conv_shape.h"

namespace tflower::kernels {
namespace {

// Operands: input NHWC, filter OHWI, bias [out channels].
struct TransposeConvBias {
  TransposeConvPlan plan;
  bool constant_filter = true;

  static Result<ConvAxis> Axis(int64_t in, int64_t kernel, int64_t stride, tfl::Padding padding) {
    if (stride < 1 || stride > INT32_MAX) return OptionError("stride", Text(stride, " must be positive"));
    const int64_t out = padding == tfl::Padding::SAME ? in * stride : in == 0 ? 0 : (in - 1) * stride + kernel;
    if (out == 0) return ConvAxis{};
    return TransposeConvAxisOf(out, kernel, stride, in, padding);
  }
  static Result<TransposeConvShape> ShapeOf(const Op& op) {
    const Tensor x = op.Input(0), filter = op.Input(1);
    TFLOWER_TRY(const auto options, RawOptions<3>(op));
    TFLOWER_TRY(const tfl::Padding padding, RawPadding(options[0]));
    TFLOWER_TRY(const ConvAxis rows, Axis(x.dim(1), filter.dim(1), options[2], padding));
    TFLOWER_TRY(const ConvAxis columns, Axis(x.dim(2), filter.dim(2), options[1], padding));
    TransposeConvShape s;
    s.batch = x.dim(0), s.in_h = x.dim(1), s.in_w = x.dim(2), s.in_c = x.dim(3);
    s.out_h = rows.out, s.out_w = columns.out, s.out_c = filter.dim(0);
    s.kernel_h = filter.dim(1), s.kernel_w = filter.dim(2);
    s.stride_h = options[2], s.stride_w = options[1];
    s.pad_top = rows.pad_before, s.pad_left = columns.pad_before;
    return s;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 2, 3));
    TFLOWER_CHECK(CheckRank(op, 0, "input", 4, 4));
    TFLOWER_CHECK(CheckRank(op, 1, "filter", 4, 4));
    const Tensor x = op.Input(0), filter = op.Input(1);
    if (filter.dim(3) != x.dim(3) || filter.num_elements() == 0)
      return OperandError(Code::kUnsupportedShape, 1, "filter", Text("shape ", filter.dims(), " must have elements, and the input's ", x.dim(3), " channels"));
    if (op.HasInput(2) && op.Input(2).num_elements() != filter.dim(0))
      return OperandError(Code::kUnsupportedShape, 2, "bias", Text("shape ", op.Input(2).dims(), " must have ", filter.dim(0), " elements"));
    TFLOWER_TRY(const TransposeConvShape s, ShapeOf(op));
    return SetOutput(out, 0, DType::kFloat32, Shape{s.batch, s.out_h, s.out_w, s.out_c});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    constant_filter = op.Input(1).is_constant();
    TFLOWER_TRY(const TransposeConvShape s, ShapeOf(op));
    TFLOWER_TRY(plan, PlanTransposeConv(s, want.threads()));
    if (constant_filter) want.Packed(plan.packed_bytes);
    want.Scratch(plan.scratch_bytes + (constant_filter ? 0 : plan.packed_bytes));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    if (constant_filter && plan.packed_bytes != 0) PackTransposeConv(plan, op.Input(1).data<float>(), packed, Parallel());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const void* const packed = constant_filter ? eval.packed() : nullptr;
    const float* const bias = op.HasInput(2) ? op.Input(2).data<float>() : nullptr;
    EvalTransposeConvOf(plan, op.Input(0).data<float>(), op.Input(1).data<float>(), packed, bias, Clamp{}, op.Output(0).mutable_data<float>(), eval.scratch<char>(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<TransposeConvBias>(tfl::Builtin::CUSTOM, {.inputs = {kF32, kF32, kF32}, .outputs = {kF32}, .custom_code = "Convolution2DTransposeBias"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(transpose_conv_bias, kRows);
}  // namespace tflower::kernels
