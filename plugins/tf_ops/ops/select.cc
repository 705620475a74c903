// Selection: Select and SelectV2 -> SELECT where all shapes are equal, else SELECT_V2, which broadcasts.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Status LowerSelectV2(const Node& node, Builder& build) {
  const Value c = node.Input(0), x = node.Input(1), y = node.Input(2);
  if (c.SameShape(x) && x.SameShape(y)) return build.Replace(node, tfl::Select{}, {c, x, y});
  return build.Replace(node, tfl::SelectV2{}, {c, x, y});
}

constexpr OpDef kOps[] = {
    // A vector condition chooses whole rows; SELECT has that rule, too.
    {"Select", {Boolean(), Any(), Any()}, kT, Rename<tfl::Select>, "SELECT"},
    {"SelectV2", {Boolean(), Any(), Any()}, kT, LowerSelectV2, "SELECT SELECT_V2"},
};
}  // namespace
TFLOWER_OP_FAMILY(select, kOps);
}  // namespace tflower::tf_ops
