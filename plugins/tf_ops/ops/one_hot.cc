// OneHot -> ONE_HOT. Indices outside [0, depth) give rows of off_value, in TFLite as in TF.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kOneHotAttrs[] = {Int("axis", -1), Type("T"), Type("TI", DType::kInt64)};
constexpr DTypeSet kIndices = kIndex | Types({DType::kUInt8, DType::kInt8});

Status LowerOneHot(const Node& node, Builder& build) {
  Value indices = node.Input(0);
  TFLOWER_TRY(const int32_t axis, NormalAxis(node.Int("axis"), indices.rank() + 1, "axis"));
  if (!Contains(kIndex, indices.dtype())) {
    TFLOWER_TRY(indices, AsInt32(build, indices));
  }
  return build.Bind(0, build.Emit(tfl::OneHot{.axis = axis}, {indices, node.Input(1), node.Input(2), node.Input(3)}));
}

constexpr OpDef kOps[] = {
    {"OneHot", {Of(kIndices, 0, TFLOWER_MAX_RANK), Of(kI32, 0, 0), Ranked(0, 0), Ranked(0, 0)}, kOneHotAttrs, LowerOneHot, "CAST ONE_HOT"},
};
}  // namespace
TFLOWER_OP_FAMILY(one_hot, kOps);
}  // namespace tflower::tf_ops
