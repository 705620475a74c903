// CONV_3D and CONV_3D_TRANSPOSE on float32, NDHWC, optional bias. Source: TFLite Conv3DOptions.
#include "common/check.h"
#include "conv/padding.h"
#include "conv3d/conv3d_f32.h"
#include "gemm/activation.h"

namespace tflower::kernels {
namespace {

// Strides and dilations of depth, height and width.
struct Window {
  int64_t stride[3], dilation[3];
  explicit Window(const tfl::Conv3DOptions& o)
      : stride{o.stride_d, o.stride_h, o.stride_w}, dilation{o.dilation_d_factor, o.dilation_h_factor, o.dilation_w_factor} {}
};

// ---- CONV_3D: input, filter [depth, height, width, in, out], bias

Result<Conv3DShape> ForwardShape(const Op& op) {
  const Tensor x = op.Input(0), filter = op.Input(1);
  const auto options = op.Options<tfl::Conv3DOptions>();
  const Window window(options);
  Conv3DShape s;
  s.batch = x.dim(0), s.in_c = x.dim(4), s.out_c = filter.dim(4);
  for (int i = 0; i < 3; ++i) {
    const size_t k = static_cast<size_t>(i);
    TFLOWER_TRY(const ConvAxis axis, ConvAxisOf(x.dim(i + 1), filter.dim(i), window.stride[i], window.dilation[i], options.padding));
    s.axes[k] = {x.dim(i + 1), axis.out, filter.dim(i), window.stride[i], window.dilation[i], axis.pad_before};
  }
  TFLOWER_CHECK(CheckConv3DShape(s));
  return s;
}

struct Conv3D {
  Conv3DPlan plan;
  Clamp clamp;
  bool constant_filter = true;  // else it is packed in each run

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const Conv3DShape s, ForwardShape(op));
    return SetOutput(out, 0, DType::kFloat32, Shape{s.batch, s.axes[0].out, s.axes[1].out, s.axes[2].out, s.out_c});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(const Conv3DShape s, ForwardShape(op));
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::Conv3DOptions>().fused_activation_function));
    TFLOWER_TRY(plan, PlanConv3D(s, want.threads()));
    constant_filter = op.Input(1).is_constant();
    if (constant_filter) want.Packed(plan.packed_bytes);
    want.Scratch(plan.scratch_bytes + (constant_filter ? 0 : plan.packed_bytes));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    if (constant_filter) PackConv3D(plan, op.Input(1).data<float>(), packed, Parallel());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const void* filter = eval.packed();
    char* scratch = eval.scratch<char>();
    if (!constant_filter) {
      PackConv3D(plan, op.Input(1).data<float>(), scratch, eval.parallel());
      filter = scratch;
      scratch += plan.packed_bytes;
    }
    const float* const bias = op.HasInput(2) ? op.Input(2).data<float>() : nullptr;
    EvalConv3D(plan, op.Input(0).data<float>(), filter, bias, clamp, op.Output(0).mutable_data<float>(), scratch, eval.parallel());
    return Ok();
  }
};

// ---- CONV_3D_TRANSPOSE: output shape, filter [depth, height, width, out, in], input, bias

// The forward convolution from an output of `out` must give the input's size; it also says the padding.
Result<VolumeAxis> TransposedAxis(int64_t out, int64_t in, int64_t kernel, int64_t stride, int64_t dilation, tfl::Padding padding) {
  TFLOWER_TRY(const ConvAxis forward, ConvAxisOf(out, kernel, stride, dilation, padding));
  if (forward.out != in) {
    return Error(Code::kInvalidOperand, Text("an output of ", out, " needs an input of ", forward.out, " with this stride and padding, not ", in));
  }
  return VolumeAxis{in, out, kernel, stride, dilation, forward.pad_before};
}

// `out` is the contents of operand 0: [batch, depth, height, width, channels].
Result<Conv3DShape> TransposedShape(const Op& op, const Shape& out) {
  const Tensor filter = op.Input(1), x = op.Input(2);
  const auto options = op.Options<tfl::Conv3DOptions>();
  const Window window(options);
  for (int i = 0; i < 5; ++i) {
    if (out[i] < 0 || out[i] > INT32_MAX) return OperandError(Code::kInvalidOperand, 0, "output_shape", TextOf(out) + " is not in [0, 2^31)");
  }
  if (out[0] != x.dim(0) || out[4] != filter.dim(3)) {
    return OperandError(Code::kInvalidOperand, 0, "output_shape", Text(out, " must have batch ", x.dim(0), " and ", filter.dim(3), " channels"));
  }
  Conv3DShape s;
  s.batch = x.dim(0), s.in_c = x.dim(4), s.out_c = filter.dim(3);
  for (int i = 0; i < 3; ++i) {
    TFLOWER_TRY(s.axes[static_cast<size_t>(i)],
                ForInput(0, "output_shape", TransposedAxis(out[i + 1], x.dim(i + 1), filter.dim(i), window.stride[i], window.dilation[i], options.padding)));
  }
  TFLOWER_CHECK(CheckConv3DShape(s));
  return s;
}

struct Conv3DTranspose {
  Conv3DPlan plan;  // for the largest output when the shape is not known yet
  Clamp clamp;
  int threads = 1;
  bool constant_filter = true;
  bool known_shape = true;

  static Status Infer(const Op& op, OpTypes& out) {
    if (!Known(op.Input(0))) return out.Unknown(0, DType::kFloat32, 5);
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY([[maybe_unused]] const Conv3DShape s, TransposedShape(op, dims));
    return SetOutput(out, 0, DType::kFloat32, dims);
  }
  // The largest output that TransposedAxis accepts for the input.
  static Shape LargestOutput(const Op& op) {
    const Tensor filter = op.Input(1), x = op.Input(2);
    const auto options = op.Options<tfl::Conv3DOptions>();
    const Window window(options);
    Shape dims{x.dim(0)};
    for (int i = 0; i < 3; ++i) {
      const int64_t in = x.dim(i + 1), stride = window.stride[i];
      dims.push_back(options.padding == tfl::Padding::SAME ? in * stride : (in - 1) * stride + (filter.dim(i) - 1) * window.dilation[i] + stride);
    }
    dims.push_back(filter.dim(3));
    return dims;
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::Conv3DOptions>().fused_activation_function));
    threads = want.threads();
    constant_filter = op.Input(1).is_constant();
    known_shape = Known(op.Input(0));
    TFLOWER_TRY(const Conv3DShape s, TransposedShape(op, known_shape ? IntsOf(op.Input(0)) : LargestOutput(op)));
    TFLOWER_TRY(plan, PlanTransposeConv3D(s, threads));
    if (constant_filter) want.Packed(plan.packed_bytes);
    want.Scratch(plan.scratch_bytes + (constant_filter ? 0 : plan.packed_bytes));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    if (constant_filter) PackTransposeConv3D(plan, op.Input(1).data<float>(), packed, Parallel());
    return Ok();
  }
  // The plan for the shape that is known now; its memory was asked for in Prepare.
  Result<Conv3DPlan> PlanNow(const Op& op, const EvalContext& eval) const {
    if (known_shape) return plan;
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY(const Conv3DShape s, TransposedShape(op, dims));
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, dims));
    return PlanTransposeConv3D(s, threads);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    TFLOWER_TRY(const Conv3DPlan now, PlanNow(op, eval));
    if (op.Output(0).num_elements() == 0) return Ok();  // the other dimensions may be any number
    const void* filter = eval.packed();
    char* scratch = eval.scratch<char>();
    if (!constant_filter) {
      PackTransposeConv3D(now, op.Input(1).data<float>(), scratch, eval.parallel());
      filter = scratch;
      scratch += now.packed_bytes;
    }
    const float* const bias = op.HasInput(3) ? op.Input(3).data<float>() : nullptr;
    EvalTransposeConv3D(now, op.Input(2).data<float>(), filter, bias, clamp, op.Output(0).mutable_data<float>(), scratch, eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Conv3D>(tfl::Builtin::CONV_3D, {.inputs = {kF32, kF32, kF32}, .outputs = {kF32}}),
    Kernel<Conv3DTranspose>(tfl::Builtin::CONV_3D_TRANSPOSE, {.inputs = {kI32, kF32, kF32, kF32}, .outputs = {kF32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(conv3d, kRows);
}  // namespace tflower::kernels
