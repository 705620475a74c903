// Softmax -> SOFTMAX, LogSoftmax -> LOG_SOFTMAX, over the last dimension.
#include "float32.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Status LowerSoftmax(const Node& node, Builder& build) { return build.Replace(node, tfl::Softmax{.beta = 1.0f}, {node.Input(0)}); }

constexpr OpDef kOps[] = {
    {"Softmax", {Of(kFloats, 1, TFLOWER_MAX_RANK)}, kT, InFloat32<LowerSoftmax>, "CAST SOFTMAX"},
    {"LogSoftmax", {Of(kFloats, 1, TFLOWER_MAX_RANK)}, kT, InFloat32<Rename<tfl::LogSoftmax>>, "CAST LOG_SOFTMAX"},
};
}  // namespace
TFLOWER_OP_FAMILY(softmax, kOps);
}  // namespace tflower::tf_ops
