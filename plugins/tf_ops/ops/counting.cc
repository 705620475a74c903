// Counts of integers and ranks of classes: Bincount, DenseBincount, RaggedBincount, SparseBincount, HistogramFixedWidth ->
// UNSORTED_SEGMENT_SUM; NthElement -> TOPK_V2; InTopK by comparing with the target's score.
// Source: tf.math.bincount, tf.histogram_fixed_width, tf.math.in_top_k.
#include "elementwise.h"
#include "partitions.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kBincountAttrs[] = {Type("T")};
constexpr AttrDef kDenseAttrs[] = {Type("Tidx"), Type("T"), Bool("binary_output", false)};
constexpr AttrDef kHistogramAttrs[] = {Type("T"), Type("dtype", DType::kInt32)};
constexpr AttrDef kNthAttrs[] = {Bool("reverse", false), Type("T")};
constexpr AttrDef kInTopKAttrs[] = {Int("k"), Type("T", DType::kInt32)};
constexpr AttrDef kInTopKV2Attrs[] = {Type("T", DType::kInt32)};

// What is counted: numbers, each in a row of the result, whose elements count the rows' 0, 1, ... size - 1.
struct Numbers {
  Expr values;     // a vector, or [rows, n] with `row` [rows, 1]
  Expr size;       // of the values' type
  const Expr* row = nullptr;   // null: all are in one row, and the result is a vector
  const Expr* rows = nullptr;  // how many
  Value weights;   // of the result's type; without elements: each number counts 1
  bool only_whether = false;   // 1 for all that occur
};

// The sum of `weights`, or of ones, of each place: int32 if there are no weights.
Expr Totals(const Expr& places, const Expr& count, const Value& weights, bool weighted) {
  if (!places.ok()) return places;
  Builder& b = places.build();
  if (weighted) return SumByRow(Flat(Expr(b, weights)), places, count);
  const Expr ones = Emit(tfl::Fill{}, {Expr(b, ShapeOf(b, places.result().value())), Expr(b, b.Scalar<int32_t>(1))});
  return SumByRow(ones, places, count);
}

// Numbers that are not below `size` count nowhere: their place is -1.
Status Count(Builder& build, const Numbers& n) {
  const DType type = n.weights.dtype();
  TFLOWER_TRY(const Working working, Working::Of(build, type, kF32 | kIndex));
  TFLOWER_TRY(const Value weights, working.Enter(build, n.weights));
  const Expr size = Int32Of(n.size);
  const Expr within = Int32Of(Where(n.values < n.size, n.values, -1.0));
  const Expr in_row = n.row == nullptr ? within : Where(within < 0, within, within + *n.row * size);
  const bool weighted = !n.only_whether && weights.num_elements() != 0;
  const Expr totals = Totals(Flat(in_row), n.rows == nullptr ? size : size * *n.rows, weights, weighted);
  TFLOWER_TRY(Value counts, totals.result());
  if (n.only_whether) {
    TFLOWER_TRY(counts, (totals > 0).result());
  }
  if (n.rows != nullptr) {
    TFLOWER_TRY(const Value shape, Packed({*n.rows, size}).result());
    TFLOWER_TRY(counts, ReshapeBy(build, counts, shape));
  }
  TFLOWER_TRY(const Value in_type, CastTo(build, counts, working.type()));
  return build.Bind(0, working.Leave(build, in_type));
}

Status LowerBincount(const Node& node, Builder& build) {
  return Count(build, {.values = Expr(build, node.Input(0)), .size = Expr(build, node.Input(1)), .weights = node.Input(2)});
}

Status LowerDenseBincount(const Node& node, Builder& build) {
  const Value values = node.Input(0);
  Numbers n{.values = Expr(build, values), .size = Expr(build, node.Input(1)), .weights = node.Input(2), .only_whether = node.Bool("binary_output")};
  if (values.rank() == 1) return Count(build, n);
  const Expr row = Column(CountOf(n.values)), rows = SizeOf(n.values);
  n.row = &row;
  n.rows = &rows;
  return Count(build, n);
}

// Inputs: row splits, values, size, weights.
Status LowerRaggedBincount(const Node& node, Builder& build) {
  Numbers n{.values = Expr(build, node.Input(1)), .size = Expr(build, node.Input(2)), .weights = node.Input(3), .only_whether = node.Bool("binary_output")};
  const Expr splits = Int32Of(Expr(build, node.Input(0)));
  const Expr row = RowsOf(splits, SizeOf(n.values)), rows = SizeOf(splits) - 1;
  n.row = &row;
  n.rows = &rows;
  return Count(build, n);
}

// Inputs: indices [n, 1 or 2], values, dense shape, size, weights.
Status LowerSparseBincount(const Node& node, Builder& build) {
  Numbers n{.values = Expr(build, node.Input(1)), .size = Expr(build, node.Input(3)), .weights = node.Input(4), .only_whether = node.Bool("binary_output")};
  const Value indices = node.Input(0), shape = node.Input(2);
  const int64_t rank = indices.dim(1) > 0 ? indices.dim(1) : shape.dim(0);
  if (rank == 1) return Count(build, n);
  if (rank != 2) return Error(Code::kUnsupportedShape, "the sparse tensor must have rank 1 or 2, and its rank must be known").What("input 0");
  const Expr row = TakeColumn(Int32Of(Expr(build, indices)), 0), rows = At(Int32Of(Expr(build, shape)), 0);
  n.row = &row;
  n.rows = &rows;
  return Count(build, n);
}

// Bins of equal width, the first and the last of which take what lies outside. In float32: a value within rounding of a bin's edge may be
// counted in its neighbour, where TF decides in float64.
Status LowerHistogram(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value values, CastTo(build, node.Input(0), DType::kFloat32));
  TFLOWER_TRY(const Value range, CastTo(build, node.Input(1), DType::kFloat32));
  const Expr bins = Int32Of(Expr(build, node.Input(2)));
  const Expr low = At(Expr(build, range), 0), high = At(Expr(build, range), 1);
  const Expr position = (Max(Expr(build, values), low) - low) / ((high - low) / Cast(bins, DType::kFloat32));
  const Expr last = Cast(bins - 1, DType::kFloat32);
  const Expr places = Cast(Floor(Min(position, last)), DType::kInt32);
  TFLOWER_TRY(const Value counts, Totals(Flat(places), bins, Value(), false).result());
  return build.Bind(0, CastTo(build, counts, node.Type("dtype")));
}

// The number that stands at n when each row is sorted, by TOPK_V2 of the rows, which sorts downwards.
Status LowerNthElement(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Working working, Working::Of(build, x.dtype(), kF32 | kIndex));
  TFLOWER_TRY(const Value in, working.Enter(build, x));
  const bool down = node.Bool("reverse");
  const Expr keys = down ? Expr(build, in) : -Expr(build, in);
  TFLOWER_TRY(const Value rows, keys.result());
  TFLOWER_TRY(const Value count, (Int32Of(Expr(build, node.Input(1))) + 1).result());
  const Value operands[] = {rows, count};
  TFLOWER_TRY(const std::vector<Value> best, build.EmitAll(tfl::TopKV2{}, operands, 2));
  TFLOWER_TRY(const Value n, AsInt32(build, node.Input(1)));
  const Expr found = Emit(tfl::Gather{.axis = rows.rank() - 1}, {Expr(build, best[0]), Expr(build, n)});
  TFLOWER_TRY(const Value y, (down ? found : -found).result());
  return build.Bind(0, working.Leave(build, y));
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

constexpr Operand kWeights = Of(kF32 | kIndex | Types({DType::kFloat64}), 0, TFLOWER_MAX_RANK), kScores = Of(kF32, 2, 2);
constexpr Operand kSize = Index(0, 0), kVector = Index(1, 1);
constexpr const char* kCountEmits = TFLOWER_PARTITIONS_EMIT "GREATER";
constexpr const char* kHistogramEmits = TFLOWER_PARTITIONS_EMIT "DIV FLOOR MAXIMUM MINIMUM";
constexpr const char* kRankEmits = "CAST EQUAL EXPAND_DIMS GATHER GREATER LESS LOGICAL_AND RESHAPE SQUEEZE SUB SUM";

constexpr OpDef kOps[] = {
    {"Bincount", {Index(), kSize, kWeights}, kBincountAttrs, LowerBincount, kCountEmits},
    {"DenseBincount", {Index(1, 2), kSize, kWeights}, kDenseAttrs, LowerDenseBincount, kCountEmits},
    {"RaggedBincount", {kVector, kVector, kSize, kWeights}, kDenseAttrs, LowerRaggedBincount, kCountEmits},
    {"SparseBincount", {Index(2, 2), kVector, kVector, kSize, kWeights}, kDenseAttrs, LowerSparseBincount, kCountEmits},
    {"HistogramFixedWidth", {In(kRealNumbers), Of(kRealNumbers, 1, 1), kSize}, kHistogramAttrs, LowerHistogram, kHistogramEmits},
    {"NthElement", {Of(kRealNumbers, 1, TFLOWER_MAX_RANK), kSize}, kNthAttrs, LowerNthElement, "ADD CAST GATHER NEG TOPK_V2"},
    {"InTopK", {kScores, Index(1, 1)}, kInTopKAttrs, LowerInTopK, kRankEmits},
    {"InTopKV2", {kScores, Index(1, 1), Index(0, 0)}, kInTopKV2Attrs, LowerInTopKV2, kRankEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(counting, kOps);
}  // namespace tflower::tf_ops
