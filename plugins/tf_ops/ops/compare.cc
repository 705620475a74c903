// Comparisons with broadcasting: Less -> LESS, ..., NotEqual -> NOT_EQUAL.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
// incompatible_shape_error, false from Python's == and !=: what happens where shapes do not broadcast, which is refused here in any case.
constexpr AttrDef kEqualAttrs[] = {Type("T"), NoEffect("incompatible_shape_error")};
constexpr AttrDef kNearAttrs[] = {Type("T"), Float("tolerance", 1e-5)};

Status LowerApproximateEqual(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value difference, build.Emit(tfl::Sub{}, {node.Input(0), node.Input(1)}));
  TFLOWER_TRY(const Value distance, build.Emit(tfl::Abs{}, {difference}));
  TFLOWER_TRY(const Value tolerance, build.Scalar(node.Float("tolerance")));
  return build.Bind(0, build.Emit(tfl::Less{}, {distance, tolerance}));
}

constexpr OpDef kOps[] = {
    {"Less", {Any(), Any()}, kT, Rename<tfl::Less>, "LESS"},
    {"LessEqual", {Any(), Any()}, kT, Rename<tfl::LessEqual>, "LESS_EQUAL"},
    {"Greater", {Any(), Any()}, kT, Rename<tfl::Greater>, "GREATER"},
    {"GreaterEqual", {Any(), Any()}, kT, Rename<tfl::GreaterEqual>, "GREATER_EQUAL"},
    {"Equal", {Any(), Any()}, kEqualAttrs, Rename<tfl::Equal>, "EQUAL"},
    {"ApproximateEqual", {Of(kF32, 0, TFLOWER_MAX_RANK), Of(kF32, 0, TFLOWER_MAX_RANK)}, kNearAttrs, LowerApproximateEqual, "ABS LESS SUB"},
    {"NotEqual", {Any(), Any()}, kEqualAttrs, Rename<tfl::NotEqual>, "NOT_EQUAL"},
};
}  // namespace
TFLOWER_OP_FAMILY(compare, kOps);
}  // namespace tflower::tf_ops
