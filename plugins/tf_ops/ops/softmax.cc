// Softmax -> SOFTMAX, LogSoftmax -> LOG_SOFTMAX, over the last dimension.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Status LowerSoftmax(const Node& node, Builder& build) { return build.Replace(node, tfl::Softmax{.beta = 1.0f}, {node.Input(0)}); }

constexpr OpDef kOps[] = {
    {"Softmax", {Of(kFloats, 1, TFLOWER_MAX_RANK)}, kT, LowerSoftmax, "SOFTMAX"},
    {"LogSoftmax", {Of(kFloats, 1, TFLOWER_MAX_RANK)}, kT, Rename<tfl::LogSoftmax>, "LOG_SOFTMAX"},
};
}  // namespace
TFLOWER_OP_FAMILY(softmax, kOps);
}  // namespace tflower::tf_ops
