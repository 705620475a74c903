// TensorFlow Addons' layers as the custom operators that MediaPipe's kernels run.  Source: what TFLite's converter writes for them.
#include <array>

#include "call.h"

namespace tflower::composites {
namespace {

Status LowerDenseImageWarp(const Node& call, Builder& build) {
  TFLOWER_CHECK(CheckArity(call, 2, 1));
  for (int i = 0; i < 2; ++i)
    if (call.Input(i).is_resource() || call.Input(i).rank() != 4 || call.Input(i).dtype() != DType::kFloat32) return Declined("takes an image and a flow, float32 of rank 4");
  return ReplaceByCustom(call, build, "DenseImageWarp", {});
}

constexpr AttrDef kUnpoolingAttrs[] = {Ints("pool_size"), Ints("strides"), String("padding", OneOf("SAME", "VALID"))};

// The kernel's options are TFLite's C struct TfLitePoolParams as it lies in memory: ten int32.
Status LowerMaxUnpooling(const Node& call, Builder& build) {
  TFLOWER_CHECK(CheckArity(call, 2, 1));
  const std::span<const int64_t> pool = call.Ints("pool_size"), strides = call.Ints("strides");
  for (const auto list : {pool, strides})
    if (list.size() != 2 || list[0] < 1 || list[1] < 1 || list[0] > INT32_MAX || list[1] > INT32_MAX) return Declined("pool_size and strides must be two positive sizes");
  const int32_t padding = call.String("padding") == "SAME" ? 1 : 2;
  const std::array<int32_t, 10> params = {padding, static_cast<int32_t>(strides[1]), static_cast<int32_t>(strides[0]), static_cast<int32_t>(pool[1]), static_cast<int32_t>(pool[0])};
  return ReplaceByCustom(call, build, "MaxUnpooling2D", std::as_bytes(std::span(params)));
}

constexpr RuleDef kRules[] = {
    Composite("addons:DenseImageWarp", LowerDenseImageWarp, "DenseImageWarp"),
    Composite("addons:MaxUnpooling2D", LowerMaxUnpooling, "MaxUnpooling2D", kUnpoolingAttrs),
};

}  // namespace
TFLOWER_RULE_FAMILY(addons, kRules);
}  // namespace tflower::composites
