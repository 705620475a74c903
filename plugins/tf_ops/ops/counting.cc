// Counts of integers and ranks of classes: Bincount, DenseBincount -> UNSORTED_SEGMENT_SUM; InTopK by comparing with the target's score.
// Source: tf.math.bincount, tf.math.in_top_k.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kBincountAttrs[] = {Type("T")};
constexpr AttrDef kDenseAttrs[] = {Type("Tidx"), Type("T"), Bool("binary_output", false)};
constexpr AttrDef kInTopKAttrs[] = {Int("k"), Type("T", DType::kInt32)};
constexpr AttrDef kInTopKV2Attrs[] = {Type("T", DType::kInt32)};

// Numbers not below `size` count nowhere: their segment is -1, which is left out.
Result<Value> Segments(Builder& build, const Value& values, const Value& size) {
  TFLOWER_TRY(const Value none, build.Scalar<int32_t>(-1));
  TFLOWER_TRY(const Value fits, build.Emit(tfl::Less{}, {values, size}));
  return build.Emit(tfl::SelectV2{}, {fits, values, none});
}

// For each number below `size`, the sum of the weights of its places; without weights each counts 1.
Status LowerBincount(const Node& node, Builder& build) {
  const Value weights = node.Input(2);
  if (node.op() == "DenseBincount" && node.Bool("binary_output"))
    return Error(Code::kUnsupportedAttribute, "must be false: only counts are supported").What("binary_output");
  TFLOWER_TRY(const Value values, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const Value size, AsInt32(build, node.Input(1)));
  TFLOWER_TRY(const Value segments, Segments(build, values, size));
  if (weights.num_elements() != 0) return build.Bind(0, build.Emit(tfl::UnsortedSegmentSum{}, {weights, segments, size}));
  TFLOWER_TRY(const Value one, build.ScalarOf(weights.dtype(), 1));
  TFLOWER_TRY(const Value shape, ShapeOf(build, values));
  TFLOWER_TRY(const Value ones, build.Emit(tfl::Fill{}, {shape, one}));
  return build.Bind(0, build.Emit(tfl::UnsortedSegmentSum{}, {ones, segments, size}));
}

// Fewer than k classes score better than the target, whose score must be finite.
Status InTopK(Builder& build, const Value& scores, const Value& targets, const Value& k) {
  const int32_t last = 1;
  TFLOWER_TRY(const Value places, InsertDims(build, targets, std::span<const int32_t>(&last, 1)));
  TFLOWER_TRY(const Value own, build.Emit(tfl::Gather{.axis = 1, .batch_dims = 1}, {scores, places}));
  TFLOWER_TRY(const Value better, build.Emit(tfl::Greater{}, {scores, own}));
  TFLOWER_TRY(const Value ones, build.Emit(tfl::Cast{.in_data_type = tfl::TensorType::BOOL, .out_data_type = tfl::TensorType::INT32}, {better}));
  TFLOWER_TRY(const Value axis, build.Vector({1}));
  TFLOWER_TRY(const Value count, build.Emit(tfl::Sum{.keep_dims = false}, {ones, axis}));
  TFLOWER_TRY(const Value few, build.Emit(tfl::Less{}, {count, k}));
  TFLOWER_TRY(const Value difference, build.Emit(tfl::Sub{}, {own, own}));
  TFLOWER_TRY(const Value zero, build.Scalar(0.0f));
  TFLOWER_TRY(const Value finite, build.Emit(tfl::Equal{}, {difference, zero}));
  TFLOWER_TRY(const Value row_finite, DropDims(build, finite, std::span<const int32_t>(&last, 1)));
  return build.Bind(0, build.Emit(tfl::LogicalAnd{}, {few, row_finite}));
}

Status LowerInTopK(const Node& node, Builder& build) {
  const int64_t k = node.Int("k");
  if (k < INT32_MIN || k > INT32_MAX) return Error(Code::kInvalidGraph, std::to_string(k) + " is not possible").What("k");
  TFLOWER_TRY(const Value operand, build.Scalar(static_cast<int32_t>(k)));
  return InTopK(build, node.Input(0), node.Input(1), operand);
}
Status LowerInTopKV2(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value k, AsInt32(build, node.Input(2)));
  return InTopK(build, node.Input(0), node.Input(1), k);
}

constexpr Operand kWeights = Of(kF32 | kI32, 0, TFLOWER_MAX_RANK), kScores = Of(kF32, 2, 2);
constexpr const char* kCountEmits = "CAST FILL LESS SELECT_V2 SHAPE UNSORTED_SEGMENT_SUM";
constexpr const char* kRankEmits = "CAST EQUAL EXPAND_DIMS GATHER GREATER LESS LOGICAL_AND RESHAPE SQUEEZE SUB SUM";

constexpr OpDef kOps[] = {
    {"Bincount", {Index(0, TFLOWER_MAX_RANK), Index(0, 0), kWeights}, kBincountAttrs, LowerBincount, kCountEmits},
    {"DenseBincount", {Index(1, 1), Index(0, 0), kWeights}, kDenseAttrs, LowerBincount, kCountEmits},
    {"InTopK", {kScores, Index(1, 1)}, kInTopKAttrs, LowerInTopK, kRankEmits},
    {"InTopKV2", {kScores, Index(1, 1), Index(0, 0)}, kInTopKV2Attrs, LowerInTopKV2, kRankEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(counting, kOps);
}  // namespace tflower::tf_ops
