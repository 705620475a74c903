// Softmax -> SOFTMAX, LogSoftmax -> LOG_SOFTMAX, over the last dimension.
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Result<Value> LowerSoftmax(const Node& node, Builder& build) { return build.Emit(tfl::Softmax{.beta = 1.0f}, {node.Input(0)}); }

Result<Value> LowerLogSoftmax(const Node& node, Builder& build) { return build.Emit(tfl::LogSoftmax{}, {node.Input(0)}); }

constexpr OpDef kOps[] = {
    {"Softmax", {Of(kFloats, 1, TFLOWER_MAX_RANK)}, kT, InFloat32<LowerSoftmax>, "CAST SOFTMAX"},
    {"LogSoftmax", {Of(kFloats, 1, TFLOWER_MAX_RANK)}, kT, InFloat32<LowerLogSoftmax>, "CAST LOG_SOFTMAX"},
};
}  // namespace
TFLOWER_OP_FAMILY(softmax, kOps);
}  // namespace tflower::tf_ops
