// Tile -> TILE. One copy of everything leaves nothing.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kTileAttrs[] = {Type("T"), Type("Tmultiples", DType::kInt32)};

Status LowerTile(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (node.Input(1).dim(0) >= 0 && node.Input(1).dim(0) != x.rank())
    return Error(Code::kInvalidGraph, "must have one entry for each of the input's " + std::to_string(x.rank()) + " dimensions").What("input 1");
  if (HoldsOnly(build, node.Input(1), 1)) return build.Bind(0, x);
  TFLOWER_TRY(const Value multiples, AsInt32(build, node.Input(1)));
  return build.Bind(0, build.Emit(tfl::Tile{}, {x, multiples}));
}

constexpr OpDef kOps[] = {
    {"Tile", {Any(), Index(1, 1)}, kTileAttrs, LowerTile, "CAST TILE"},
};
}  // namespace
TFLOWER_OP_FAMILY(tile, kOps);
}  // namespace tflower::tf_ops
