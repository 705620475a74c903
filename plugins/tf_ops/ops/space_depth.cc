// SpaceToDepth, DepthToSpace -> the operators of the same name. NCHW goes through transposes; the order within a block is the same there.
#include "index.h"
#include "window.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Type("T"), Int("block_size"), String("data_format", OneOf("NHWC", "NCHW"), "NHWC")};

template <class TflOp>
Status LowerBlocks(const Node& node, Builder& build) {
  const int64_t block = node.Int("block_size");
  if (block < 1 || block > INT32_MAX) return Error(Code::kInvalidGraph, std::to_string(block) + " is not possible").What("block_size");
  if (block == 1) return build.Bind(0, node.Input(0));
  TFLOWER_TRY(const Value x, ToNhwc(node, build, node.Input(0)));
  TFLOWER_TRY(const Value y, build.Emit(TflOp{.block_size = static_cast<int32_t>(block)}, {x}));
  return build.Bind(0, FromNhwc(node, build, y));
}

constexpr OpDef kOps[] = {
    {"SpaceToDepth", {Ranked(4, 4)}, kAttrs, LowerBlocks<tfl::SpaceToDepth>, "SPACE_TO_DEPTH TRANSPOSE"},
    {"DepthToSpace", {Ranked(4, 4)}, kAttrs, LowerBlocks<tfl::DepthToSpace>, "DEPTH_TO_SPACE TRANSPOSE"},
};
}  // namespace
TFLOWER_OP_FAMILY(space_depth, kOps);
}  // namespace tflower::tf_ops
