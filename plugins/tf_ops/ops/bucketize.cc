// Bucketize -> BUCKETIZE; LowerBound and UpperBound (tf.searchsorted) by counting: how many of the sorted numbers are below each value.
#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kBucketizeAttrs[] = {Type("T"), Floats("boundaries")};
constexpr AttrDef kBoundAttrs[] = {Type("T"), Type("out_type", DType::kInt32)};

Status LowerBucketize(const Node& node, Builder& build) {
  return build.Replace(node, tfl::Bucketize{.boundaries = {node.Floats("boundaries").data(), node.Floats("boundaries").size()}}, {node.Input(0)});
}

// sorted [rows, n], values [rows, m]: each pair is compared, [rows, m, n].
template <class TflOp>
Result<Value> LowerBound(const Node& node, Builder& build) {
  const int32_t middle = 1, last = 2;
  TFLOWER_TRY(const Value sorted, InsertDims(build, node.Input(0), std::span<const int32_t>(&middle, 1)));
  TFLOWER_TRY(const Value values, InsertDims(build, node.Input(1), std::span<const int32_t>(&last, 1)));
  TFLOWER_TRY(const Value below, build.Emit(TflOp{}, {sorted, values}));
  TFLOWER_TRY(const Value ones, build.Emit(tfl::Cast{.in_data_type = tfl::TensorType::BOOL, .out_data_type = tfl::TensorType::INT32}, {below}));
  TFLOWER_TRY(const Value axis, build.Vector({last}));
  TFLOWER_TRY(const Value count, build.Emit(tfl::Sum{.keep_dims = false}, {ones, axis}));
  return CastTo(build, count, node.Type("out_type"));
}

constexpr Operand kRows = Of(kRealNumbers, 2, 2);
constexpr TypeRule kCompared{.native = kF32 | kIndex, .bits = Bits::kOrder, .results = 0};

constexpr OpDef kOps[] = {
    {"Bucketize", {Of(kF32 | kIndex | Types({DType::kFloat64}), 0, TFLOWER_MAX_RANK)}, kBucketizeAttrs, LowerBucketize, "BUCKETIZE"},
    {"LowerBound", {kRows, kRows}, kBoundAttrs, Typed<LowerBound<tfl::Less>, kCompared>, "BITCAST BITWISE_XOR CAST EXPAND_DIMS LESS RESHAPE SUM"},
    {"UpperBound", {kRows, kRows}, kBoundAttrs, Typed<LowerBound<tfl::LessEqual>, kCompared>, "BITCAST BITWISE_XOR CAST EXPAND_DIMS LESS_EQUAL RESHAPE SUM"},
};
}  // namespace
TFLOWER_OP_FAMILY(bucketize, kOps);
}  // namespace tflower::tf_ops
