// DynamicStitch -> PACK or CONCATENATION and GATHER, where the indices are not known by the last row that names each place;
// DynamicPartition -> WHERE and GATHER_ND for each part; InvertPermutation -> SCATTER_ND of 0, 1, 2, ...
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kStitchAttrs[] = {Int("N"), Type("T")};
constexpr AttrDef kPartitionAttrs[] = {Int("num_partitions"), Type("T")};
constexpr AttrDef kInvertAttrs[] = {Type("T", DType::kInt32)};

// Which row of all data, one after the other, comes to each place of the result. Later rows overwrite earlier ones.
Result<std::vector<int32_t>> RowsInOrder(const Node& node, Builder& build, int n) {
  std::vector<int32_t> order;
  int32_t row = 0;
  for (int i = 0; i < n; ++i) {
    const std::string what = "input " + std::to_string(i);
    TFLOWER_TRY(const std::vector<int64_t> indices, build.Ints(node.Input(i), what));
    for (int64_t index : indices) {
      if (index < 0 || index > (1 << 24)) return Error(Code::kInvalidGraph, "index " + std::to_string(index) + " is out of range").What(what);
      if (order.size() <= static_cast<size_t>(index)) order.resize(static_cast<size_t>(index) + 1, -1);
      order[static_cast<size_t>(index)] = row++;
    }
  }
  if (std::find(order.begin(), order.end(), -1) != order.end())
    return Error(Code::kUnsupportedAttribute, "no data goes to some place of the result, whose contents TF leaves undefined").What("indices");
  return order;
}

bool IsInOrder(const std::vector<int32_t>& order, int64_t rows) {
  for (size_t i = 0; i < order.size(); ++i) if (order[i] != static_cast<int32_t>(i)) return false;
  return static_cast<int64_t>(order.size()) == rows;
}

// data as [number of its indices, what is left].
Result<Value> AsRows(Builder& build, const Value& indices, const Value& data, int64_t& rows) {
  std::vector<int64_t> dims{indices.num_elements()};
  rows += dims[0];
  if (data.rank() < indices.rank()) return Error(Code::kInvalidGraph, "data has fewer dimensions than its indices");
  dims.insert(dims.end(), data.dims().begin() + indices.rank(), data.dims().end());
  if (indices.rank() == 1) return data;
  return ReshapeTo(build, data, dims);
}

Result<Value> Join(Builder& build, const std::vector<Value>& parts) {
  return parts.size() == 1 ? Result<Value>(parts[0]) : build.Emit(tfl::Concatenation{.axis = 0}, parts);
}

// Indices that are computed at run time. What TF leaves undefined, places that nobody names, gets the first row.
Status StitchComputed(const Node& node, Builder& build, int n) {
  std::vector<Value> indices, parts;
  const int64_t vector = -1;
  int64_t rows = 0;
  for (int i = 0; i < n; ++i) {
    TFLOWER_TRY(const Value flat, ReshapeTo(build, node.Input(i), std::span<const int64_t>(&vector, 1)));
    indices.push_back(flat);
    TFLOWER_TRY(const Value part, AsRows(build, node.Input(i), node.Input(n + i), rows));
    parts.push_back(part);
  }
  TFLOWER_TRY(const Value places, Join(build, indices));
  TFLOWER_TRY(const Value data, Join(build, parts));
  TFLOWER_TRY(const Value first_axis, build.Vector({0}));
  TFLOWER_TRY(const Value none, build.Vector({-1}));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value some, build.Emit(tfl::Concatenation{.axis = 0}, {places, none}));  // the greatest of nothing is not defined
  TFLOWER_TRY(const Value last, build.Emit(tfl::ReduceMax{.keep_dims = false}, {some, first_axis}));
  TFLOWER_TRY(const Value count, build.Emit(tfl::Add{}, {last, one}));
  TFLOWER_TRY(const Value numbers, CountAlong(build, places, 0));
  TFLOWER_TRY(const Value latest, build.Emit(tfl::UnsortedSegmentMax{}, {numbers, places, count}));
  TFLOWER_TRY(const Value picks, build.Emit(tfl::Maximum{}, {latest, zero}));
  return build.Bind(0, build.Emit(tfl::Gather{}, {data, picks}));
}

Status LowerDynamicStitch(const Node& node, Builder& build) {
  const int n = node.num_inputs() / 2;
  if (n == 0 || node.num_inputs() % 2 != 0 || node.Int("N") != n) return Error(Code::kInvalidGraph, "must have as many indices as data").What("N");
  for (int i = 0; i < n; ++i)
    if (!build.ReadElements(node.Input(i)).ok()) return StitchComputed(node, build, n);
  TFLOWER_TRY(const std::vector<int32_t> order, RowsInOrder(node, build, n));
  std::vector<Value> parts;
  int64_t rows = 0;
  bool scalars = true;
  for (int i = 0; i < n; ++i) scalars = scalars && node.Input(i).rank() == 0;
  if (scalars && n > 1) {  // each place is one input as it is
    for (int32_t row : order) parts.push_back(node.Input(n + row));
    if (parts.size() > 1) return build.Bind(0, build.Emit(tfl::Pack{.values_count = static_cast<int32_t>(parts.size()), .axis = 0}, parts));
    parts.clear();
  }
  for (int i = 0; i < n; ++i) {
    TFLOWER_TRY(const Value part, AsRows(build, node.Input(i), node.Input(n + i), rows));
    parts.push_back(part);
  }
  TFLOWER_TRY(const Value all, Join(build, parts));
  if (IsInOrder(order, rows)) return build.Bind(0, all);
  TFLOWER_TRY(const Value picks, build.Vector(std::span<const int32_t>(order)));
  return build.Bind(0, build.Emit(tfl::Gather{}, {all, picks}));
}

// Part i holds what partitions names i, in order.
Status LowerDynamicPartition(const Node& node, Builder& build) {
  const int64_t parts = node.Int("num_partitions");
  if (parts < 1 || parts > 4096) return Error(Code::kUnsupportedAttribute, std::to_string(parts) + " is not in [1, 4096]").What("num_partitions");
  for (int32_t i = 0; i < parts; ++i) {
    TFLOWER_TRY(const Value number, build.Scalar(i));
    TFLOWER_TRY(const Value mask, build.Emit(tfl::Equal{}, {node.Input(1), number}));
    TFLOWER_TRY(const Value places, build.Emit(tfl::Where{}, {mask}));
    TFLOWER_CHECK(build.Bind(i, build.Emit(tfl::GatherNd{}, {node.Input(0), places})));
  }
  return Ok();
}

Status LowerInvertPermutation(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  const int64_t rows[] = {-1, 1};
  TFLOWER_TRY(const Value narrow, AsInt32(build, x));
  TFLOWER_TRY(const Value places, ReshapeTo(build, narrow, rows));
  TFLOWER_TRY(const Value values, CountAlong(build, x, 0));
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value y, build.Emit(tfl::ScatterNd{}, {places, values, shape}));
  if (x.dtype() == DType::kInt32) return build.Bind(0, y);
  return build.Bind(0, build.Emit(tfl::Cast{.in_data_type = tfl::TensorType::INT32, .out_data_type = ToTfl(x.dtype())}, {y}));
}

constexpr const char* kStitchEmits = "ADD CONCATENATION GATHER MAXIMUM PACK RANGE REDUCE_MAX RESHAPE SHAPE UNSORTED_SEGMENT_MAX";

constexpr OpDef kOps[] = {
    {"DynamicStitch", {Variadic()}, kStitchAttrs, LowerDynamicStitch, kStitchEmits},
    {"ParallelDynamicStitch", {Variadic()}, kStitchAttrs, LowerDynamicStitch, kStitchEmits},
    {"DynamicPartition", {Ranked(1, TFLOWER_MAX_RANK), Of(kI32, 1, TFLOWER_MAX_RANK)}, kPartitionAttrs, LowerDynamicPartition, "EQUAL GATHER_ND WHERE"},
    {"InvertPermutation", {Index(1, 1)}, kInvertAttrs, LowerInvertPermutation, "CAST GATHER RANGE RESHAPE SCATTER_ND SHAPE"},
};
}  // namespace
TFLOWER_OP_FAMILY(stitch, kOps);
}  // namespace tflower::tf_ops
