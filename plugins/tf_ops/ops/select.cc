// Selection: Select and SelectV2 -> SELECT where all shapes are equal, else SELECT_V2, which broadcasts.
#include "formula.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Status LowerSelectV2(const Node& node, Builder& build) {
  return build.Bind(0, Where(Expr(build, node.Input(0)), Expr(build, node.Input(1)), Expr(build, node.Input(2))).result());
}

constexpr OpDef kOps[] = {
    // A vector condition chooses whole rows; SELECT has that rule, too.
    {"Select", {Boolean(), Any(), Any()}, kT, Rename<tfl::Select>, "SELECT"},
    {"SelectV2", {Boolean(), Any(), Any()}, kT, LowerSelectV2, "SELECT SELECT_V2"},
};
}  // namespace
TFLOWER_OP_FAMILY(select, kOps);
}  // namespace tflower::tf_ops
