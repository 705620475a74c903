// DEPTHWISE_CONV_2D on float32: NHWC input, filter [1, KH, KW, C * multiplier], optional bias. Source: TFLite DepthwiseConv2DOptions.
#include "depthwise/depthwise.h"

#include "common/check.h"
#include "conv/padding.h"
#include "gemm/activation.h"

namespace tflower::kernels {
namespace {

// The multiplier is what the shapes say; the option of that name is redundant and files leave it wrong.
Result<DepthwiseShape> ShapeOf(const Op& op) {
  const Tensor x = op.Input(0), filter = op.Input(1);
  const auto o = op.Options<tfl::DepthwiseConv2DOptions>();
  if (filter.dim(0) != 1) return OperandError(Code::kUnsupportedShape, 1, "filter", "shape " + TextOf(filter.dims()) + " must begin with 1");
  if (x.dim(3) == 0 || filter.dim(3) == 0 || filter.dim(3) % x.dim(3) != 0) {
    return OperandError(Code::kUnsupportedShape, 1, "filter", "its " + std::to_string(filter.dim(3)) + " channels are no multiple of the input's " + std::to_string(x.dim(3)));
  }
  TFLOWER_TRY(const ConvAxis h, ConvAxisOf(x.dim(1), filter.dim(1), o.stride_h, o.dilation_h_factor, o.padding));
  TFLOWER_TRY(const ConvAxis w, ConvAxisOf(x.dim(2), filter.dim(2), o.stride_w, o.dilation_w_factor, o.padding));
  DepthwiseShape s;
  s.batch = x.dim(0), s.in_h = x.dim(1), s.in_w = x.dim(2), s.in_channels = x.dim(3);
  s.multiplier = filter.dim(3) / x.dim(3);
  s.out_h = h.out, s.out_w = w.out;
  s.filter_h = filter.dim(1), s.filter_w = filter.dim(2);
  s.stride_h = o.stride_h, s.stride_w = o.stride_w;
  s.dilation_h = o.dilation_h_factor, s.dilation_w = o.dilation_w_factor;
  s.pad_top = h.pad_before, s.pad_left = w.pad_before;
  return s;
}

// Constant weights and bias are packed once; others in every call, into scratch.
struct DepthwiseConv2D {
  DepthwiseShape shape;
  Clamp clamp;
  bool constant = false;
  size_t packed_bytes = 0;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 2, 3));
    TFLOWER_CHECK(CheckRank(op, 0, "input", 4, 4));
    TFLOWER_CHECK(CheckRank(op, 1, "filter", 4, 4));
    TFLOWER_TRY(const DepthwiseShape s, ShapeOf(op));
    if (op.HasInput(2)) TFLOWER_CHECK(CheckVector(op, 2, "bias", s.out_channels()));
    // The scratch of a multiplier, one image with repeated channels, is checked as the output is: a large stride hides it there.
    TFLOWER_TRY([[maybe_unused]] const int64_t repeated, CountElements(Shape{s.in_h, s.in_w, s.out_channels()}, DType::kFloat32));
    return SetOutput(out, 0, DType::kFloat32, Shape{s.batch, s.out_h, s.out_w, s.out_channels()});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::DepthwiseConv2DOptions>().fused_activation_function));
    TFLOWER_TRY(shape, ShapeOf(op));
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
    Kernel<DepthwiseConv2D>(tfl::Builtin::DEPTHWISE_CONV_2D, {.inputs = {kF32, kF32, kF32}, .outputs = {kF32}, .versions = {1, 7}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(depthwise, kRows);
}  // namespace tflower::kernels
