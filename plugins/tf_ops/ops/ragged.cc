// Ragged tensors, whose parts are ordinary tensors: values, and for each ragged dimension the row splits. RaggedRange, RaggedGather,
// RaggedTensorToTensor, RaggedTensorToSparse by row numbers and gathers.  Source: tf.ragged.*.
#include "integers.h"
#include "partitions.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kRangeAttrs[] = {Type("T", DType::kInt32), Type("Tsplits", DType::kInt64)};
constexpr AttrDef kGatherAttrs[] = {Type("Tvalues"), Type("Tindices"), Type("Tsplits", DType::kInt64), Int("PARAMS_RAGGED_RANK"), Int("OUTPUT_RAGGED_RANK")};
constexpr AttrDef kTensorAttrs[] = {Type("T"), Type("Tindex"), Type("Tshape"), Int("num_row_partition_tensors"),
                                    internal::Def("row_partition_types", TFLOWER_ATTR_LIST | TFLOWER_ATTR_STRING, kAnyValue, true)};
constexpr AttrDef kSparseAttrs[] = {Int("RAGGED_RANK"), Type("T"), Type("Tsplits", DType::kInt64)};

Status BindAs(Builder& build, int output, const Expr& x, DType type) { return build.Bind(output, Cast(x, type).result()); }

// How many steps lead from start to before limit.
Expr StepsOf(const Expr& start, const Expr& limit, const Expr& step) {
  if (start.dtype() == DType::kFloat32) return Cast(Max(Emit(tfl::Ceil{}, {(limit - start) / step}), 0.0), DType::kInt32);
  return Cast(Max(-FloorDiv(start - limit, step), 0.0), DType::kInt32);
}

// Inputs: starts, limits, steps: vectors, or scalars for all rows.
Status LowerRange(const Node& node, Builder& build) {
  TFLOWER_TRY(const Working working, Working::Of(build, node.Type("T"), kF32 | kIndex));
  std::vector<Expr> in;
  for (int i = 0; i < 3; ++i) in.emplace_back(build, working.Enter(build, node.Input(i)));
  const Expr counts = Flat(StepsOf(in[0], in[1], in[2]));
  TFLOWER_CHECK(BindAs(build, 0, SplitsOf(counts), node.Type("Tsplits")));
  TFLOWER_TRY(const Value values, RunsOf(in[0], &in[2], counts).result());
  return build.Bind(1, working.Leave(build, values));
}

// Inputs: the splits of each ragged dimension, outermost first; the values; indices, a vector.
Status LowerGather(const Node& node, Builder& build) {
  const int levels = node.num_inputs() - 2;
  if (levels < 1 || node.Int("PARAMS_RAGGED_RANK") != levels) return Error(Code::kInvalidGraph, "does not fit the number of inputs").What("PARAMS_RAGGED_RANK");
  if (node.Input(levels + 1).rank() != 1 || node.Int("OUTPUT_RAGGED_RANK") != levels)
    return Error(Code::kUnsupportedShape, "must be a vector").What("input " + std::to_string(levels + 1)).Hint("gather with flat indices, and make the result's rows from them");
  Expr rows = Int32Of(Expr(build, node.Input(levels + 1)));
  for (int i = 0; i < levels; ++i) {
    const Expr splits = Int32Of(Expr(build, node.Input(i)));
    const Expr first = Take(splits, rows);
    const Expr counts = Take(splits, rows + 1) - first;
    TFLOWER_CHECK(BindAs(build, i, SplitsOf(counts), node.Type("Tsplits")));
    rows = RunsOf(first, nullptr, counts);
  }
  return build.Bind(levels, Take(Expr(build, node.Input(levels)), rows).result());
}

// ---- to a dense tensor

// A ragged dimension: the row of each of its elements, and how many rows there are.
struct Level {
  Expr rows, count;
  Expr within() const { return CountOf(rows) - Take(SplitsOf(SumByRow(Ones(), rows, count)), rows); }
  Expr longest() const {
    const Expr counts = SumByRow(Ones(), rows, count);
    Builder& b = rows.build();
    return Emit(tfl::ReduceMax{.keep_dims = false}, {Joined({counts, Int32s(b, {0})}), Int32s(b, {0})});
  }

 private:
  Expr Ones() const {
    if (!rows.ok()) return rows;
    Builder& b = rows.build();
    return Emit(tfl::Fill{}, {Expr(b, ShapeOf(b, rows.result().value())), Expr(b, b.Scalar<int32_t>(1))});
  }
};

// The partitions of the node: row splits for each level, or the first dimension's size followed by row numbers for each.
Result<std::vector<Level>> ReadLevels(const Node& node, Builder& build, int first, const Expr& values) {
  const tflower_attr& kinds = node.Attr("row_partition_types");
  std::vector<std::string_view> types;
  for (uint32_t i = 0; i < kinds.count; ++i) types.emplace_back(kinds.strs[i].data, kinds.strs[i].size);
  const int count = node.num_inputs() - first;
  if (static_cast<int>(types.size()) != count || count < 1) return Error(Code::kInvalidGraph, "does not fit the number of inputs").What("row_partition_types");
  const bool ids = types[0] == "FIRST_DIM_SIZE";
  const std::string_view wanted = ids ? "VALUE_ROWIDS" : "ROW_SPLITS";
  std::vector<Expr> partitions;
  for (int i = ids ? 1 : 0; i < count; ++i) {
    if (types[static_cast<size_t>(i)] != wanted)
      return Error(Code::kUnsupportedAttribute, "is '" + std::string(types[static_cast<size_t>(i)]) + "' where '" + std::string(wanted) + "' is expected").What("row_partition_types");
    partitions.push_back(Int32Of(Expr(build, node.Input(first + i))));
  }
  if (partitions.empty()) return Error(Code::kInvalidGraph, "has no ragged dimension").What("row_partition_types");
  std::vector<Level> levels;
  for (size_t i = 0; i < partitions.size(); ++i) {
    if (ids) {
      levels.push_back({partitions[i], i == 0 ? Int32Of(Expr(build, node.Input(first))) : SizeOf(partitions[i - 1])});
      continue;
    }
    const Expr total = i + 1 < partitions.size() ? SizeOf(partitions[i + 1]) - 1 : SizeOf(values);
    levels.push_back({RowsOf(partitions[i], total), SizeOf(partitions[i]) - 1});
  }
  return levels;
}

// Dimension i of the result: what `shape` says, or what is needed.
Expr DimOr(const Expr& shape, int32_t i, const Expr& needed) {
  if (!shape.ok() || shape.result().value().rank() == 0) return needed;
  const Expr given = At(shape, i);
  return Where(given < 0, needed, given);
}

// `filler` as one more row of values.
Expr RowOf(Builder& build, const Value& filler, const Value& values) {
  if (values.rank() == 1) return Flat(Expr(build, filler));
  return Emit(tfl::BroadcastTo{}, {Expr(build, filler), Joined({Int32s(build, {1}), Behind(Expr(build, ShapeOf(build, values)), 1)})});
}

// Inputs: shape, values, default, partitions. Each value's number is put to its place in a tensor of numbers, which then gathers the values
// from behind the default. What does not fit into the shape has no place.
Status LowerToTensor(const Node& node, Builder& build) {
  const Expr values(build, node.Input(1));
  const Value filler = node.Input(2);
  TFLOWER_TRY(const std::vector<Level> levels, ReadLevels(node, build, 3, values));
  const Expr shape = Int32Of(Expr(build, node.Input(0)));
  Expr place = Expr(build, build.Scalar<int32_t>(0)), size = DimOr(shape, 0, levels[0].count);
  std::vector<Value> dims;
  TFLOWER_TRY(const Value outer, size.result());
  dims.push_back(outer);
  for (size_t i = 0; i < levels.size(); ++i) {
    const Expr width = DimOr(shape, static_cast<int32_t>(i) + 1, levels[i].longest());
    const Expr row = i == 0 ? Where(levels[i].rows < size, levels[i].rows, -1.0) : Take(place, levels[i].rows);
    const Expr within = levels[i].within();
    place = Where(And(within < width, row >= 0), row * width + within, -1.0);
    TFLOWER_TRY(const Value dim, width.result());
    dims.push_back(dim);
    size = size * width;
  }
  const Expr numbers = SumByRow(CountOf(values) + 1, place, size);
  const tfl::Pack pack{.values_count = static_cast<int32_t>(dims.size()), .axis = 0};
  TFLOWER_TRY(const Value target, build.Emit(pack, dims));
  TFLOWER_TRY(const Value flat, numbers.result());
  TFLOWER_TRY(const Value places, ReshapeBy(build, flat, target));
  return build.Bind(0, Take(Joined({RowOf(build, filler, node.Input(1)), values}), Expr(build, places)).result());
}

// ---- to a sparse tensor

// Inputs: the splits of each ragged dimension, the values.
Status LowerToSparse(const Node& node, Builder& build) {
  const int levels = node.num_inputs() - 1;
  if (levels < 1 || node.Int("RAGGED_RANK") != levels) return Error(Code::kInvalidGraph, "does not fit the number of inputs").What("RAGGED_RANK");
  const Expr values(build, node.Input(levels));
  if (node.Input(levels).rank() != 1) return Error(Code::kUnsupportedShape, "must be a vector").What("input " + std::to_string(levels));
  std::vector<Value> columns, dims;
  Expr owner = CountOf(values), elements = SizeOf(values);
  for (int i = levels; i-- > 0;) {
    const Expr splits = Int32Of(Expr(build, node.Input(i)));
    const Level level{RowsOf(splits, elements), SizeOf(splits) - 1};
    TFLOWER_TRY(const Value column, Take(level.within(), owner).result());
    TFLOWER_TRY(const Value dim, level.longest().result());
    columns.insert(columns.begin(), column);
    dims.insert(dims.begin(), dim);
    owner = Take(level.rows, owner);
    elements = level.count;
  }
  TFLOWER_TRY(const Value outermost, owner.result());
  TFLOWER_TRY(const Value count, elements.result());
  columns.insert(columns.begin(), outermost);
  dims.insert(dims.begin(), count);
  const int32_t n = levels + 1;
  TFLOWER_CHECK(BindAs(build, 0, Expr(build, build.Emit(tfl::Pack{.values_count = n, .axis = 1}, columns)), DType::kInt64));
  TFLOWER_CHECK(build.Bind(1, node.Input(levels)));
  return BindAs(build, 2, Expr(build, build.Emit(tfl::Pack{.values_count = n, .axis = 0}, dims)), DType::kInt64);
}

// CONCATENATION has no strings.
constexpr DTypeSet kNoStrings = ~Types({DType::kString, DType::kResource, DType::kVariant});
constexpr Operand kNumbers01 = Of(kRealNumbers, 0, 1);
constexpr const char* kRangeEmits = TFLOWER_PARTITIONS_EMIT "ABS CEIL DIV EQUAL LESS_EQUAL LOGICAL_AND MAXIMUM MINIMUM NOT_EQUAL SUM";
constexpr const char* kEmits = TFLOWER_PARTITIONS_EMIT "BROADCAST_TO GREATER_EQUAL LOGICAL_AND REDUCE_MAX SUM";

constexpr OpDef kOps[] = {
    {"RaggedRange", {kNumbers01, kNumbers01, kNumbers01}, kRangeAttrs, LowerRange, kRangeEmits},
    {"RaggedGather", {Variadic()}, kGatherAttrs, LowerGather, kEmits},
    {"RaggedTensorToTensor", {Index(0, 1), Of(kNoStrings, 1, TFLOWER_MAX_RANK), In(kNoStrings), Variadic(Index(0, 1))}, kTensorAttrs, LowerToTensor, kEmits},
    {"RaggedTensorToSparse", {Variadic()}, kSparseAttrs, LowerToSparse, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(ragged, kOps);
}  // namespace tflower::tf_ops
