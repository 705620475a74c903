// Pooling: AvgPool -> AVERAGE_POOL_2D, MaxPool -> MAX_POOL_2D. Padding never counts: not in the average, not in the maximum.
// NHWC [batch, height, width, channels]; NCHW is transposed on the way in, and rules cancel the pairs.  Source: tf.nn.avg_pool2d, schema Pool2DOptions.
#include "window.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kPoolAttrs[] = {
    Ints("ksize"), Ints("strides"), String("padding", OneOf("SAME", "VALID")), String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Type("T"),
};
constexpr AttrDef kMaxPoolAttrs[] = {
    Ints("ksize"), Ints("strides"), String("padding", OneOf("SAME", "VALID")), IntsOrEmpty("explicit_paddings", MustBeEmpty),
    String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Type("T", DType::kFloat32),
};

template <class TflPool>
Status LowerPool(const Node& node, Builder& build) {
  TFLOWER_TRY(const HW size, WindowAttr(node, "ksize"));
  TFLOWER_TRY(const HW stride, WindowAttr(node, "strides"));
  const tfl::Padding padding = node.String("padding") == "SAME" ? tfl::Padding::SAME : tfl::Padding::VALID;
  TFLOWER_TRY(const Value x, ToNhwc(node, build, node.Input(0)));
  TFLOWER_TRY(const Value y, build.Emit(TflPool{.padding = padding, .stride_w = stride.w, .stride_h = stride.h, .filter_width = size.w, .filter_height = size.h}, {x}));
  return build.Bind(0, FromNhwc(node, build, y));
}

constexpr OpDef kOps[] = {
    {"AvgPool", {Float(4)}, kPoolAttrs, LowerPool<tfl::AveragePool2D>, "AVERAGE_POOL_2D"},
    {"MaxPool", {Float(4)}, kMaxPoolAttrs, LowerPool<tfl::MaxPool2D>, "MAX_POOL_2D"},
};
}  // namespace
TFLOWER_OP_FAMILY(pool, kOps);
}  // namespace tflower::tf_ops
