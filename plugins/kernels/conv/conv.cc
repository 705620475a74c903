// CONV_2D on float32: NHWC input, OHWI filter, optional bias. Source: TFLite Conv2DOptions.
#include "common/check.h"
#include "conv/conv2d.h"
#include "conv/padding.h"
#include "gemm/activation.h"
#include "gemm/residual.h"

namespace tflower::kernels {
namespace {

// The filter's depth is in_c / groups.
Result<Conv2DShape> ShapeOf(const Op& op) {
  const Tensor x = op.Input(0), filter = op.Input(1);
  const auto options = op.Options<tfl::Conv2DOptions>();
  TFLOWER_TRY(const ConvAxis y_axis, ConvAxisOf(x.dim(1), filter.dim(1), options.stride_h, options.dilation_h_factor, options.padding));
  TFLOWER_TRY(const ConvAxis x_axis, ConvAxisOf(x.dim(2), filter.dim(2), options.stride_w, options.dilation_w_factor, options.padding));
  if (filter.dim(3) == 0 || x.dim(3) % filter.dim(3) != 0) {
    return OperandError(Code::kUnsupportedShape, 1, "filter", "its depth " + std::to_string(filter.dim(3)) + " does not divide the input's " + std::to_string(x.dim(3)) + " channels");
  }
  Conv2DShape s;
  s.batch = x.dim(0), s.in_h = x.dim(1), s.in_w = x.dim(2), s.in_c = x.dim(3);
  s.out_h = y_axis.out, s.out_w = x_axis.out, s.out_c = filter.dim(0);
  s.kernel_h = filter.dim(1), s.kernel_w = filter.dim(2);
  s.stride_h = options.stride_h, s.stride_w = options.stride_w;
  s.dilation_h = options.dilation_h_factor, s.dilation_w = options.dilation_w_factor;
  s.pad_top = y_axis.pad_before, s.pad_left = x_axis.pad_before;
  s.groups = std::max<int64_t>(1, x.dim(3) / filter.dim(3));
  return s;
}

// A filter that changes between runs is packed in each of them, and Winograd's transform would cost more than it saves.
struct Conv2D {
  Conv2DPlan plan;
  Clamp clamp;
  Residual residual;
  bool constant_filter = true;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 2, 3));
    TFLOWER_CHECK(CheckRank(op, 0, "input", 4, 4));
    TFLOWER_CHECK(CheckRank(op, 1, "filter", 4, 4));
    TFLOWER_TRY(const Conv2DShape s, ShapeOf(op));
    if (op.HasInput(2)) TFLOWER_CHECK(CheckVector(op, 2, "bias", s.out_c));
    return SetOutput(out, 0, DType::kFloat32, Shape{s.batch, s.out_h, s.out_w, s.out_c});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(const Conv2DShape s, ShapeOf(op));
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
    Kernel<Conv2D>(tfl::Builtin::CONV_2D, {.inputs = {kF32, kF32, kF32}, .outputs = {kF32}, .versions = {1, 8}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(conv, kRows);
}  // namespace tflower::kernels
