// Resizing of NHWC images to a constant size: ResizeBilinear -> RESIZE_BILINEAR, ResizeNearestNeighbor -> RESIZE_NEAREST_NEIGHBOR.
// Source: tf.raw_ops.ResizeBilinear, schema ResizeBilinearOptions. TF's bilinear result is always float.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Type("T"), Bool("align_corners", false), Bool("half_pixel_centers", false)};

template <class TflOp>
Status LowerResize(const Node& node, Builder& build) {
  Value x = node.Input(0);
  if (TflOp::kCode == tfl::Builtin::RESIZE_BILINEAR && x.dtype() != DType::kFloat32) {
    TFLOWER_TRY(x, build.Emit(tfl::Cast{.in_data_type = static_cast<tfl::TensorType>(x.dtype()), .out_data_type = tfl::TensorType::FLOAT32}, {x}));
  }
  return build.Replace(node, TflOp{.align_corners = node.Bool("align_corners"), .half_pixel_centers = node.Bool("half_pixel_centers")}, {x, node.Input(1)});
}

constexpr Operand kSize = Of(kI32, 1, 1);

constexpr OpDef kOps[] = {
    {"ResizeBilinear", {Ranked(4, 4), kSize}, kAttrs, LowerResize<tfl::ResizeBilinear>, "RESIZE_BILINEAR CAST"},
    {"ResizeNearestNeighbor", {Ranked(4, 4), kSize}, kAttrs, LowerResize<tfl::ResizeNearestNeighbor>, "RESIZE_NEAREST_NEIGHBOR"},
};
}  // namespace
TFLOWER_OP_FAMILY(resize, kOps);
}  // namespace tflower::tf_ops
