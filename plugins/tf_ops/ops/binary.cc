// Elementwise ops of two operands with broadcasting, one operator each: AddV2 -> ADD, ...; BiasAdd in both data formats.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kBiasAttrs[] = {Type("T"), String("data_format", OneOf("NHWC", "NCHW"), "NHWC")};

// The bias belongs to the last dimension, or in NCHW to the second: there it gets trailing dimensions of 1 to broadcast over.
Status LowerBiasAdd(const Node& node, Builder& build) {
  Value bias = node.Input(1);
  const int rank = node.Input(0).rank();
  if (node.String("data_format") == "NCHW" && rank > 2) {
    std::vector<int32_t> dims(static_cast<size_t>(rank) - 1, 1);
    dims[0] = static_cast<int32_t>(bias.dim(0));
    TFLOWER_TRY(const Value shape, build.Vector(std::span<const int32_t>(dims)));
    TFLOWER_TRY(bias, build.Emit(tfl::Reshape{}, {bias, shape}));
  }
  return build.Bind(0, build.Emit(tfl::Add{}, {node.Input(0), bias}));
}

// ATAN2 in stock runtimes does not broadcast: operands come in the result's shape.
Status LowerAtan2(const Node& node, Builder& build) {
  const Value y = node.Input(0), x = node.Input(1);
  if (y.SameShape(x)) return build.Replace(node, tfl::Atan2{}, {y, x});
  TFLOWER_TRY(const Value y_shape, ShapeOf(build, y));
  TFLOWER_TRY(const Value x_shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value shape, build.Emit(tfl::BroadcastArgs{}, {y_shape, x_shape}));
  TFLOWER_TRY(const Value wide_y, build.Emit(tfl::BroadcastTo{}, {y, shape}));
  TFLOWER_TRY(const Value wide_x, build.Emit(tfl::BroadcastTo{}, {x, shape}));
  return build.Bind(0, build.Emit(tfl::Atan2{}, {wide_y.SameShape(y) ? y : wide_y, wide_x.SameShape(x) ? x : wide_x}));
}

constexpr OpDef kOps[] = {
    {"Add", {Any(), Any()}, kT, Rename<tfl::Add>, "ADD"},
    {"AddV2", {Any(), Any()}, kT, Rename<tfl::Add>, "ADD"},
    {"BiasAdd", {Any(), Ranked(1, 1)}, kBiasAttrs, LowerBiasAdd, "ADD"},
    {"Sub", {Any(), Any()}, kT, Rename<tfl::Sub>, "SUB"},
    {"Mul", {Any(), Any()}, kT, Rename<tfl::Mul>, "MUL"},
    {"RealDiv", {Float(), Float()}, kT, Rename<tfl::Div>, "DIV"},
    {"Maximum", {Any(), Any()}, kT, Rename<tfl::Maximum>, "MAXIMUM"},
    {"Minimum", {Any(), Any()}, kT, Rename<tfl::Minimum>, "MINIMUM"},
    {"Pow", {Any(), Any()}, kT, Rename<tfl::Pow>, "POW"},
    {"SquaredDifference", {Any(), Any()}, kT, Rename<tfl::SquaredDifference>, "SQUARED_DIFFERENCE"},
    {"Atan2", {Float(), Float()}, kT, LowerAtan2, "ATAN2 BROADCAST_ARGS BROADCAST_TO SHAPE"},
    {"FloorDiv", {Any(), Any()}, kT, Rename<tfl::FloorDiv>, "FLOOR_DIV"},
    {"FloorMod", {Any(), Any()}, kT, Rename<tfl::FloorMod>, "FLOOR_MOD"},
};
}  // namespace
TFLOWER_OP_FAMILY(binary, kOps);
}  // namespace tflower::tf_ops
