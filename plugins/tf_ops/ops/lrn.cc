// LRN -> LOCAL_RESPONSE_NORMALIZATION.  Source: tf.nn.local_response_normalization.
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Int("depth_radius", 5), Float("bias", 1), Float("alpha", 1), Float("beta", 0.5), Type("T", DType::kFloat32)};

Result<Value> LowerLrn(const Node& node, Builder& build) {
  const int64_t radius = node.Int("depth_radius");
  if (radius < 0 || radius > INT32_MAX) return Error(Code::kInvalidGraph, std::to_string(radius) + " is out of range").What("depth_radius");
  return build.Emit(tfl::LocalResponseNormalization{.radius = static_cast<int32_t>(radius), .bias = node.Float("bias"),
                                                             .alpha = node.Float("alpha"), .beta = node.Float("beta")}, {node.Input(0)});
}

constexpr OpDef kOps[] = {
    {"LRN", {Float(4)}, kAttrs, InFloat32<LowerLrn>, "CAST LOCAL_RESPONSE_NORMALIZATION"},
};
}  // namespace
TFLOWER_OP_FAMILY(lrn, kOps);
}  // namespace tflower::tf_ops
