// Shapes as values, and ops that check or widen a shape. SHAPE is always emitted: the host folds what is known and follows what is not.
#include "by_numbers.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kShapeAttrs[] = {Type("T"), Type("out_type", DType::kInt32)};
constexpr AttrDef kShapeNAttrs[] = {Int("N"), Type("T"), Type("out_type", DType::kInt32)};
constexpr AttrDef kEnsureAttrs[] = {ShapeAttr("shape"), Type("T")};
constexpr AttrDef kBroadcastToAttrs[] = {Type("T"), Type("Tidx", DType::kInt32)};
constexpr AttrDef kBroadcastArgsAttrs[] = {Type("T", DType::kInt32)};

Result<tfl::Shape> ShapeOp(const Node& node) {
  const DType type = node.Type("out_type");
  if (!Contains(kIndex, type)) return Error(Code::kUnsupportedType, "must be int32 or int64").What("out_type");
  return tfl::Shape{.out_type = ToTfl(type)};
}

Status LowerShape(const Node& node, Builder& build) {
  TFLOWER_TRY(const tfl::Shape op, ShapeOp(node));
  for (int i = 0; i < node.num_inputs(); ++i) TFLOWER_CHECK(build.Bind(i, build.Emit(op, {node.Input(i)})));
  return Ok();
}

Status LowerSize(const Node& node, Builder& build) {
  TFLOWER_TRY(const tfl::Shape op, ShapeOp(node));
  TFLOWER_TRY(const Value shape, build.Emit(op, {node.Input(0)}));
  TFLOWER_TRY(const Value axis, build.Vector({0}));
  return build.Bind(0, build.Emit(tfl::ReduceProd{}, {shape, axis}));
}

Status LowerRank(const Node& node, Builder& build) { return build.Bind(0, build.Emit(tfl::Rank{}, {node.Input(0)})); }

Status LowerEnsureShape(const Node& node, Builder& build) {
  const tflower_attr& shape = node.Attr("shape");
  const Value x = node.Input(0);
  if (shape.count == UINT32_MAX) return build.Bind(0, x);
  if (shape.count != static_cast<uint32_t>(x.rank()))
    return Error(Code::kInvalidGraph, "rank " + std::to_string(shape.count) + " is asked for, the input has rank " + std::to_string(x.rank()))
        .What("shape");
  for (int i = 0; i < x.rank(); ++i) {
    const int64_t want = shape.ints[i];
    if (want < 0 || want == x.dim(i)) continue;
    const std::string dim = "dimension " + std::to_string(i) + " must be " + std::to_string(want);
    if (x.dim(i) >= 0) return Error(Code::kInvalidGraph, dim + ", but is " + std::to_string(x.dim(i))).What("shape");
    build.Report(dim + "; the converted model does not check this at run time");
  }
  return build.Bind(0, x);
}

Result<Value> LowerBroadcastTo(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value shape, AsInt32(build, node.Input(1)));
  TFLOWER_TRY(const Value y, build.Emit(tfl::BroadcastTo{}, {x, shape}));
  return y.SameShape(x) ? x : y;
}

constexpr OpDef kOps[] = {
    {"Shape", {Any()}, kShapeAttrs, LowerShape, "SHAPE"},
    {"ShapeN", {Variadic()}, kShapeNAttrs, LowerShape, "SHAPE"},
    {"Size", {Any()}, kShapeAttrs, LowerSize, "REDUCE_PROD SHAPE"},
    {"Rank", {Any()}, kT, LowerRank, "RANK"},
    {"EnsureShape", {Any()}, kEnsureAttrs, LowerEnsureShape, ""},
    {"BroadcastTo", {Any(), Index(1, 1)}, kBroadcastToAttrs, ByNumbers<LowerBroadcastTo>, "BROADCAST_TO CAST GATHER RANGE REDUCE_PROD RESHAPE SHAPE"},
    {"BroadcastArgs", {Index(1, 1), Index(1, 1)}, kBroadcastArgsAttrs, Rename<tfl::BroadcastArgs>, "BROADCAST_ARGS"},
};
}  // namespace
TFLOWER_OP_FAMILY(shape, kOps);
}  // namespace tflower::tf_ops
