// Cumsum -> CUMSUM.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kCumsumAttrs[] = {Bool("exclusive", false), Bool("reverse", false), Type("T"), Type("Tidx", DType::kInt32)};

Status LowerCumsum(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, node.Input(1), x.rank(), "input 1"));
  TFLOWER_TRY(const Value operand, build.Scalar<int32_t>(axis));
  return build.Bind(0, build.Emit(tfl::Cumsum{.exclusive = node.Bool("exclusive"), .reverse = node.Bool("reverse")}, {x, operand}));
}

constexpr OpDef kOps[] = {
    {"Cumsum", {Ranked(1, TFLOWER_MAX_RANK), Index(0, 0)}, kCumsumAttrs, LowerCumsum, "CUMSUM"},
};
}  // namespace
TFLOWER_OP_FAMILY(cumulative, kOps);
}  // namespace tflower::tf_ops
