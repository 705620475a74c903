// Resizing of NHWC images to a constant size: ResizeBilinear -> RESIZE_BILINEAR, ResizeNearestNeighbor -> RESIZE_NEAREST_NEIGHBOR.
// Source: tf.raw_ops.ResizeBilinear, schema ResizeBilinearOptions. TF's bilinear result is always float.
// Nearest neighbours of types that stock runtimes do not resize are gathered by rows and by columns.
#include <algorithm>
#include <cmath>

#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Type("T"), Bool("align_corners", false), Bool("half_pixel_centers", false)};

// The element of `in` that is nearest to each of `out`.
std::vector<int32_t> NearestOf(int64_t in, int64_t out, bool align_corners, bool half_pixel) {
  const float scale = align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1) : static_cast<float>(in) / static_cast<float>(out);
  std::vector<int32_t> nearest;
  for (int64_t i = 0; i < out; ++i) {
    const float at = (static_cast<float>(i) + (half_pixel ? 0.5f : 0.0f)) * scale;
    const int64_t place = static_cast<int64_t>(align_corners ? std::round(at) : std::floor(at));
    nearest.push_back(static_cast<int32_t>(std::clamp<int64_t>(place, 0, in - 1)));
  }
  return nearest;
}

Result<Value> GatherNearest(const Node& node, Builder& build) {
  constexpr int64_t kMaxSide = 1 << 20;  // indices are in the file
  Value y = node.Input(0);
  TFLOWER_TRY(const std::vector<int64_t> size, build.Ints(node.Input(1), "input 1 (size)"));
  if (size.size() != 2 || size[0] < 1 || size[1] < 1 || std::max(size[0], size[1]) > kMaxSide) return Error(Code::kInvalidGraph, "must be two positive numbers up to 1048576").What("input 1 (size)");
  for (int axis : {1, 2}) {
    if (y.dim(axis) < 1) return Error(Code::kUnsupportedShape, "height and width must be known").What("input 0").Hint("give the shape with --input-shape");
    TFLOWER_TRY(const Value places, build.Vector(std::span<const int32_t>(NearestOf(y.dim(axis), size[static_cast<size_t>(axis) - 1], node.Bool("align_corners"), node.Bool("half_pixel_centers")))));
    TFLOWER_TRY(y, build.Emit(tfl::Gather{.axis = axis}, {y, places}));
  }
  return y;
}

Status LowerBilinear(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value x, CastTo(build, node.Input(0), DType::kFloat32));
  return build.Replace(node, tfl::ResizeBilinear{.align_corners = node.Bool("align_corners"), .half_pixel_centers = node.Bool("half_pixel_centers")}, {x, node.Input(1)});
}

Result<Value> LowerNearest(const Node& node, Builder& build) {
  if (!Contains(Types({DType::kFloat32, DType::kUInt8, DType::kInt8, DType::kInt16}), node.Input(0).dtype())) return GatherNearest(node, build);
  return build.Emit(tfl::ResizeNearestNeighbor{.align_corners = node.Bool("align_corners"), .half_pixel_centers = node.Bool("half_pixel_centers")}, {node.Input(0), node.Input(1)});
}

constexpr Operand kSize = Of(kI32, 1, 1);

constexpr OpDef kOps[] = {
    {"ResizeBilinear", {Ranked(4, 4), kSize}, kAttrs, LowerBilinear, "CAST RESIZE_BILINEAR"},
    {"ResizeNearestNeighbor", {Ranked(4, 4), kSize}, kAttrs, InFloat32<LowerNearest>, "CAST GATHER RESIZE_NEAREST_NEIGHBOR"},
};
}  // namespace
TFLOWER_OP_FAMILY(resize, kOps);
}  // namespace tflower::tf_ops
