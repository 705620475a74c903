// Vectors as sets: UniqueWithCounts(V2) -> UNIQUE and counts by UNSORTED_SEGMENT_SUM; ListDiff by comparing all pairs; UnravelIndex digit by
// digit; BroadcastGradientArgs from the places where a shape has ones.  Source: tf.unique_with_counts, tf.raw_ops.ListDiff,
// tf.unravel_index, tf.raw_ops.BroadcastGradientArgs.
#include "index.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kUniqueAttrs[] = {Type("T"), Type("out_idx", DType::kInt32)};
constexpr AttrDef kUniqueV2Attrs[] = {Type("T"), Type("Taxis", DType::kInt64), Type("out_idx", DType::kInt32)};
constexpr AttrDef kUnravelAttrs[] = {Type("Tidx", DType::kInt32)};
constexpr AttrDef kGradientAttrs[] = {Type("T", DType::kInt32)};

Result<std::vector<Value>> EmitUniqueWithCounts(const Node& node, Builder& build) {
  const DType type = node.Type("out_idx");
  if (!Contains(kIndex, type)) return Error(Code::kUnsupportedType, "must be int32 or int64").What("out_idx");
  const Value x = node.Input(0);
  TFLOWER_TRY(std::vector<Value> out, build.EmitAll(tfl::Unique{.idx_out_type = tfl::TensorType::INT32}, std::span<const Value>(&x, 1), 2));
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value ones, build.Emit(tfl::Fill{}, {shape, one}));
  TFLOWER_TRY(const Value kinds, ShapeOf(build, out[0]));
  TFLOWER_TRY(const Value size, ElementOf(build, kinds, 0));
  TFLOWER_TRY(const Value counts, build.Emit(tfl::UnsortedSegmentSum{}, {ones, out[1], size}));
  TFLOWER_TRY(out[1], CastTo(build, out[1], type));
  TFLOWER_TRY(const Value typed, CastTo(build, counts, type));
  return std::vector<Value>{out[0], out[1], typed};
}

Result<std::vector<Value>> LowerUniqueWithCountsV2(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int32_t> axes, AxesOperand(build, node.Input(1), 1, "input 1"));
  return EmitUniqueWithCounts(node, build);
}

// The elements of x that y does not have, and where they stand.
Result<std::vector<Value>> LowerListDiff(const Node& node, Builder& build) {
  const int64_t column[] = {-1, 1}, vector[] = {-1};
  TFLOWER_TRY(const Value x, ReshapeTo(build, node.Input(0), column));
  TFLOWER_TRY(const Value same, build.Emit(tfl::Equal{}, {x, node.Input(1)}));
  TFLOWER_TRY(const Value axis, build.Vector({1}));
  TFLOWER_TRY(const Value found, build.Emit(tfl::ReduceAny{.keep_dims = false}, {same, axis}));
  TFLOWER_TRY(const Value missing, build.Emit(tfl::LogicalNot{}, {found}));
  TFLOWER_TRY(const Value places, build.Emit(tfl::Where{}, {missing}));
  TFLOWER_TRY(const Value rest, build.Emit(tfl::GatherNd{}, {node.Input(0), places}));
  TFLOWER_TRY(const Value flat, ReshapeTo(build, places, vector));
  TFLOWER_TRY(const Value typed, CastTo(build, flat, node.Type("out_idx")));
  return std::vector<Value>{rest, typed};
}

// The last coordinate counts fastest. In int32, as stock runtimes divide no int64.
Status LowerUnravelIndex(const Node& node, Builder& build) {
  const Value dims = node.Input(1);
  if (dims.dim(0) < 1 || dims.dim(0) > TFLOWER_MAX_RANK)
    return Error(Code::kUnsupportedShape, "must have a known number of elements, 1 to " + std::to_string(TFLOWER_MAX_RANK)).What("input 1");
  std::vector<Value> coordinates(static_cast<size_t>(dims.dim(0)));
  TFLOWER_TRY(Value rest, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const Value sizes, AsInt32(build, dims));
  for (int32_t i = static_cast<int32_t>(dims.dim(0)); i-- > 0;) {
    TFLOWER_TRY(const Value size, ElementOf(build, sizes, i));
    TFLOWER_TRY(coordinates[static_cast<size_t>(i)], build.Emit(tfl::FloorMod{}, {rest, size}));
    TFLOWER_TRY(rest, build.Emit(tfl::FloorDiv{}, {rest, size}));
  }
  const int32_t front = 0;
  const tfl::Pack pack{.values_count = static_cast<int32_t>(coordinates.size()), .axis = 0};
  TFLOWER_TRY(const Value all, coordinates.size() > 1 ? build.Emit(pack, coordinates) : InsertDims(build, coordinates[0], std::span<const int32_t>(&front, 1)));
  return build.Bind(0, CastTo(build, all, node.Input(0).dtype()));
}

// ---- BroadcastGradientArgs

// The shape `s` with ones before it, as long as the longer of both.
Result<Value> Extended(Builder& build, const Value& s, const Value& other) {
  TFLOWER_TRY(const Value own, ShapeOf(build, s));
  TFLOWER_TRY(const Value others, ShapeOf(build, other));
  TFLOWER_TRY(const Value more, build.Emit(tfl::Sub{}, {others, own}));
  TFLOWER_TRY(const Value zero, build.Vector({0}));
  TFLOWER_TRY(const Value count, build.Emit(tfl::Maximum{}, {more, zero}));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value ones, build.Emit(tfl::Fill{}, {count, one}));
  return build.Emit(tfl::Concatenation{.axis = 0}, {ones, s});
}

// Which dimensions a gradient of each of two operands is summed over: those that it has once, unless both shapes are equal.
Status LowerBroadcastGradientArgs(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value first, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const Value second, AsInt32(build, node.Input(1)));
  TFLOWER_TRY(const Value left, Extended(build, first, second));
  TFLOWER_TRY(const Value right, Extended(build, second, first));
  TFLOWER_TRY(const Value differs, build.Emit(tfl::NotEqual{}, {left, right}));
  TFLOWER_TRY(const Value axis, build.Vector({0}));
  TFLOWER_TRY(const Value any_differs, build.Emit(tfl::ReduceAny{.keep_dims = true}, {differs, axis}));
  TFLOWER_TRY(const Value left_rank, ShapeOf(build, first));
  TFLOWER_TRY(const Value right_rank, ShapeOf(build, second));
  TFLOWER_TRY(const Value rank_differs, build.Emit(tfl::NotEqual{}, {left_rank, right_rank}));
  TFLOWER_TRY(const Value unequal, build.Emit(tfl::LogicalOr{}, {any_differs, rank_differs}));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  const int64_t vector[] = {-1};
  for (int i = 0; i < 2; ++i) {
    TFLOWER_TRY(const Value once, build.Emit(tfl::Equal{}, {i == 0 ? left : right, one}));
    TFLOWER_TRY(const Value summed, build.Emit(tfl::LogicalAnd{}, {once, unequal}));
    TFLOWER_TRY(const Value places, build.Emit(tfl::Where{}, {summed}));
    TFLOWER_TRY(const Value flat, ReshapeTo(build, places, vector));
    TFLOWER_CHECK(build.Bind(i, CastTo(build, flat, node.Input(0).dtype())));
  }
  return Ok();
}

// UNIQUE takes bytes, which EQUAL takes for quantised numbers.
constexpr TypeRule kCompared{.native = kF32 | kIndex | Types({DType::kInt8, DType::kUInt8, DType::kInt16}), .bits = Bits::kLow, .operands = 1, .results = 1};
constexpr TypeRule kPaired{.native = kF32 | kIndex | Types({DType::kString}), .bits = Bits::kLow, .operands = 3, .results = 1};
constexpr Operand kVector = Ranked(1, 1);
constexpr const char* kCountsEmit = "BITCAST CAST FILL GATHER SHAPE UNIQUE UNSORTED_SEGMENT_SUM";
constexpr const char* kGradientEmits = "CAST CONCATENATION EQUAL FILL LOGICAL_AND LOGICAL_OR MAXIMUM NOT_EQUAL REDUCE_ANY RESHAPE SHAPE SUB WHERE";

constexpr OpDef kOps[] = {
    {"UniqueWithCounts", {kVector}, kUniqueAttrs, Typed<EmitUniqueWithCounts, kCompared>, kCountsEmit},
    {"UniqueWithCountsV2", {kVector, Index(1, 1)}, kUniqueV2Attrs, Typed<LowerUniqueWithCountsV2, kCompared>, kCountsEmit},
    {"ListDiff", {kVector, kVector}, kUniqueAttrs, Typed<LowerListDiff, kPaired>, "BITCAST CAST EQUAL GATHER_ND LOGICAL_NOT REDUCE_ANY RESHAPE WHERE"},
    {"UnravelIndex", {Index(0, 1), Index(1, 1)}, kUnravelAttrs, LowerUnravelIndex, "CAST EXPAND_DIMS FLOOR_DIV FLOOR_MOD GATHER PACK RESHAPE"},
    {"BroadcastGradientArgs", {Index(1, 1), Index(1, 1)}, kGradientAttrs, LowerBroadcastGradientArgs, kGradientEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(sets, kOps);
}  // namespace tflower::tf_ops
