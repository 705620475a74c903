// Pooling: AvgPool -> AVERAGE_POOL_2D, MaxPool -> MAX_POOL_2D. Padding never counts: not in the average, not in the maximum. EXPLICIT padding
// of a maximum becomes a PADV2 of -infinity.
// NHWC [batch, height, width, channels]; NCHW is transposed on the way in, and rules cancel the pairs.  Source: tf.nn.avg_pool2d, schema Pool2DOptions.
#include <limits>

#include "window.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kPoolAttrs[] = {
    Ints("ksize"), Ints("strides"), String("padding", OneOf("SAME", "VALID")), String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Type("T"),
};
constexpr AttrDef kMaxPoolAttrs[] = {
    Ints("ksize"), Ints("strides"), String("padding", OneOf("SAME", "VALID", "EXPLICIT")), IntsOrEmpty("explicit_paddings"),
    String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Type("T", DType::kFloat32),
};

template <class TflPool>
Status EmitPool(const Node& node, Builder& build, const Value& x, tfl::Padding padding) {
  TFLOWER_TRY(const HW size, WindowAttr(node, "ksize"));
  TFLOWER_TRY(const HW stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const Value y, build.Emit(TflPool{.padding = padding, .stride_w = stride.w, .stride_h = stride.h, .filter_width = size.w, .filter_height = size.h}, {x}));
  return build.Bind(0, FromNhwc(node, build, y));
}

template <class TflPool>
Status LowerPool(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value x, ToNhwc(node, build, node.Input(0)));
  return EmitPool<TflPool>(node, build, x, node.String("padding") == "SAME" ? tfl::Padding::SAME : tfl::Padding::VALID);
}

Status LowerMaxPool(const Node& node, Builder& build) {
  if (node.String("padding") != "EXPLICIT") return LowerPool<tfl::MaxPool2D>(node, build);
  TFLOWER_TRY(const Padding p, PaddingAttr(node));
  TFLOWER_TRY(const Value x, ToNhwc(node, build, node.Input(0)));
  const int32_t paddings[] = {0, 0, p.top, p.bottom, p.left, p.right, 0, 0};
  const int64_t dims[] = {4, 2};
  TFLOWER_TRY(const Value operand, build.Constant<int32_t>(dims, paddings));
  TFLOWER_TRY(const Value nothing, build.Scalar(-std::numeric_limits<float>::infinity()));
  TFLOWER_TRY(const Value padded, build.Emit(tfl::PadV2{}, {x, operand, nothing}));
  return EmitPool<tfl::MaxPool2D>(node, build, padded, tfl::Padding::VALID);
}

constexpr OpDef kOps[] = {
    {"AvgPool", {Float(4)}, kPoolAttrs, LowerPool<tfl::AveragePool2D>, "AVERAGE_POOL_2D"},
    {"MaxPool", {Float(4)}, kMaxPoolAttrs, LowerMaxPool, "MAX_POOL_2D PADV2"},
};
}  // namespace
TFLOWER_OP_FAMILY(pool, kOps);
}  // namespace tflower::tf_ops
