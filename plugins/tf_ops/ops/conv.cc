// Convolutions: Conv2D -> CONV_2D, DepthwiseConv2dNative -> DEPTHWISE_CONV_2D.
// TF filters are HWIO; TFLite wants OHWI (convolution) and 1HW(I*M) (depthwise). NCHW is transposed on the way in and out, and rules cancel
// the pairs. EXPLICIT padding becomes a PAD, which rules fold away where SAME says the same.  Source: tf.nn.conv2d, schema Conv2DOptions.
#include <vector>

#include "working.h"
#include "window.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kConvAttrs[] = {
    Ints("strides"), String("padding", OneOf("SAME", "VALID", "EXPLICIT")), IntsOrEmpty("explicit_paddings"),
    String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Ints("dilations", kAnyValue, kOnes4), NoEffect("use_cudnn_on_gpu"), Type("T"),
};

// CONV_2D and DEPTHWISE_CONV_2D want a bias operand; rules replace these zeros by the bias that follows.
Result<Value> ZeroBias(Builder& build, int64_t channels) {
  const std::vector<float> zeros(static_cast<size_t>(channels), 0.0f);
  return build.Constant<float>(std::span<const int64_t>(&channels, 1), zeros);
}

Status CheckChannels(const Value& x, const Value& filter) {
  if (x.dim(3) < 0) return Error(Code::kUnsupportedShape, "the number of channels must be known").What("input 0").Hint("give the shape with --input-shape");
  if (!filter.is_static()) return Error(Code::kUnsupportedShape, "the filter's shape must be known").What("input 1");
  return Ok();
}

Result<Value> LowerConv2D(const Node& node, Builder& build) {
  TFLOWER_TRY(const HW stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const HW dilation, WindowAttr(node, "dilations"));
  TFLOWER_TRY(const Padding padding, PaddingAttr(node));
  TFLOWER_TRY(Value x, ToNhwc(node, build, node.Input(0)));
  const Value filter = node.Input(1);
  TFLOWER_CHECK(CheckChannels(x, filter));
  if (filter.dim(2) == 0 || x.dim(3) % filter.dim(2) != 0)
    return Error(Code::kInvalidGraph, std::to_string(x.dim(3)) + " input channels do not divide into groups of " + std::to_string(filter.dim(2))).What("input 1");
  TFLOWER_TRY(x, PadExplicit(build, x, padding));
  TFLOWER_TRY(const Value perm, build.Vector({3, 0, 1, 2}));
  TFLOWER_TRY(const Value ohwi, build.Emit(tfl::Transpose{}, {filter, perm}));
  TFLOWER_TRY(const Value bias, ZeroBias(build, filter.dim(3)));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Conv2D{.padding = padding.kind, .stride_w = stride.w, .stride_h = stride.h,
                                                   .dilation_w_factor = dilation.w, .dilation_h_factor = dilation.h}, {x, ohwi, bias}));
  return FromNhwc(node, build, y);
}

Result<Value> LowerDepthwise(const Node& node, Builder& build) {
  TFLOWER_TRY(const HW stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const HW dilation, WindowAttr(node, "dilations"));
  TFLOWER_TRY(const Padding padding, PaddingAttr(node));
  TFLOWER_TRY(Value x, ToNhwc(node, build, node.Input(0)));
  const Value filter = node.Input(1);
  TFLOWER_CHECK(CheckChannels(x, filter));
  if (x.dim(3) != filter.dim(2))
    return Error(Code::kInvalidGraph, "has " + std::to_string(filter.dim(2)) + " channels, the input has " + std::to_string(x.dim(3))).What("input 1");
  TFLOWER_TRY(x, PadExplicit(build, x, padding));
  const int64_t channels = filter.dim(2) * filter.dim(3);
  TFLOWER_TRY(const Value shape, build.Vector({1, static_cast<int32_t>(filter.dim(0)), static_cast<int32_t>(filter.dim(1)), static_cast<int32_t>(channels)}));
  TFLOWER_TRY(const Value weights, build.Emit(tfl::Reshape{}, {filter, shape}));
  TFLOWER_TRY(const Value bias, ZeroBias(build, channels));
  TFLOWER_TRY(const Value y, build.Emit(tfl::DepthwiseConv2D{.padding = padding.kind, .stride_w = stride.w, .stride_h = stride.h,
                                                            .depth_multiplier = static_cast<int32_t>(filter.dim(3)),
                                                            .dilation_w_factor = dilation.w, .dilation_h_factor = dilation.h}, {x, weights, bias}));
  return FromNhwc(node, build, y);
}

constexpr OpDef kOps[] = {
    {"Conv2D", {Float(4), Float(4)}, kConvAttrs, InFloat32<LowerConv2D>, "CAST CONV_2D PAD TRANSPOSE"},
    {"DepthwiseConv2dNative", {Float(4), Float(4)}, kConvAttrs, InFloat32<LowerDepthwise>, "CAST DEPTHWISE_CONV_2D PAD RESHAPE TRANSPOSE"},
};
}  // namespace
TFLOWER_OP_FAMILY(conv, kOps);
}  // namespace tflower::tf_ops
