// Sparse tensors, whose parts are ordinary tensors: indices [n, rank], values [n], the dense shape. Products with a matrix by gathering and
// summing rows; sums and unions by way of a dense tensor; orders by sorting positions, which must fit into int32.
// Source: tf.sparse.*.
#include "elementwise.h"
#include "partitions.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kNone[] = {NoEffect("T")};
constexpr AttrDef kMatMulAttrs[] = {Type("T"), Type("Tindices", DType::kInt64), Bool("adjoint_a", false), Bool("adjoint_b", false)};
constexpr AttrDef kReduceAttrs[] = {Bool("keep_dims", false), Type("T")};
constexpr AttrDef kAddAttrs[] = {Type("T"), Type("Tindices", DType::kInt64)};
constexpr AttrDef kAddSparseAttrs[] = {Type("T"), Type("Treal")};
constexpr AttrDef kConcatAttrs[] = {Int("concat_dim"), Int("N"), Type("T")};

struct Sparse {
  Expr indices, values, shape;
  int rank = 0;
};

// Three operands from `at` on; distance: 1, or how many sparse tensors there are part by part.
Result<Sparse> SparseAt(const Node& node, Builder& build, int at, int distance = 1) {
  const Value indices = node.Input(at), shape = node.Input(at + 2 * distance);
  if (indices.rank() != 2 || shape.rank() != 1) return Error(Code::kInvalidGraph, "are no indices of rank 2 with a shape of rank 1").What("input " + std::to_string(at));
  const int64_t rank = indices.dim(1) > 0 ? indices.dim(1) : shape.dim(0);
  if (rank < 1 || rank > TFLOWER_MAX_RANK)
    return Error(Code::kUnsupportedShape, "the rank of the sparse tensor must be known, 1 to " + std::to_string(TFLOWER_MAX_RANK)).What("input " + std::to_string(at));
  return Sparse{Int32Of(Expr(build, indices)), Expr(build, node.Input(at + distance)), Int32Of(Expr(build, shape)), static_cast<int>(rank)};
}

Status BindInt64(Builder& build, int output, const Expr& x) { return build.Bind(output, Cast(x, DType::kInt64).result()); }
Expr InWorking(const Working& working, const Expr& x) { return x.ok() ? Expr(x.build(), working.Enter(x.build(), x.result().value())) : x; }
Status BindLeft(Builder& build, int output, const Working& working, const Expr& y) {
  TFLOWER_TRY(const Value v, y.result());
  return build.Bind(output, working.Leave(build, v));
}

// a [m, k] b [k, c]: rows of b, times the values, summed by the row of a.
Status LowerMatMul(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sparse a, SparseAt(node, build, 0));
  TFLOWER_TRY(const Working working, Working::Of(build, node.Type("T"), kF32 | kI32, Bits::kLow));
  Expr b = InWorking(working, Expr(build, node.Input(3)));
  if (node.Bool("adjoint_b")) b = Emit(tfl::Transpose{}, {b, Int32s(build, {1, 0})});
  const int row = node.Bool("adjoint_a") ? 1 : 0;
  const Expr rows = Take(b, TakeColumn(a.indices, 1 - row));
  const Expr products = rows * Column(InWorking(working, a.values));
  return BindLeft(build, 0, working, SumByRow(products, TakeColumn(a.indices, row), At(a.shape, row)));
}

Status LowerReorder(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sparse x, SparseAt(node, build, 0));
  const Expr order = SortedOrder(PositionsOf(x.indices, x.shape, x.rank));
  TFLOWER_CHECK(BindInt64(build, 0, Take(x.indices, order)));
  return build.Bind(1, Take(x.values, order).result());
}

// Inputs: indices, shape, new shape, of which one dimension may be -1.
Status LowerReshape(const Node& node, Builder& build) {
  const Value to = node.Input(2);
  if (to.dim(0) < 1 || to.dim(0) > TFLOWER_MAX_RANK) return Error(Code::kUnsupportedShape, "the number of dimensions must be known, at least 1").What("input 2");
  const Value from = node.Input(1);
  if (from.dim(0) < 1 || from.dim(0) > TFLOWER_MAX_RANK) return Error(Code::kUnsupportedShape, "the number of dimensions must be known, at least 1").What("input 1");
  const Expr old_shape = Int32Of(Expr(build, from)), wanted = Int32Of(Expr(build, to));
  const auto product = [&](const Expr& v) { return Emit(tfl::ReduceProd{.keep_dims = false}, {v, Int32s(build, {0})}); };
  const Expr open = wanted < 0;
  const Expr rest = product(old_shape) / Max(product(Where(open, 1.0, wanted)), 1.0);
  const Expr shape = Where(open, rest, wanted);
  const Expr positions = PositionsOf(Int32Of(Expr(build, node.Input(0))), old_shape, static_cast<int>(from.dim(0)));
  TFLOWER_CHECK(BindInt64(build, 0, IndicesOf(positions, shape, static_cast<int>(to.dim(0)))));
  return BindInt64(build, 1, shape);
}

// Values at the same place are added.
Expr DenseSum(const Sparse& x, const Expr& values) { return Emit(tfl::ScatterNd{}, {x.indices, values, x.shape}); }

// Inputs: a sparse tensor, a dense one of the same shape.
Status LowerAddDense(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sparse a, SparseAt(node, build, 0));
  TFLOWER_TRY(const Working working, Working::Of(build, node.Type("T"), kF32 | kIndex, Bits::kLow));
  const Expr b = InWorking(working, Expr(build, node.Input(3)));
  if (!b.ok()) return b.result().error();
  Sparse in_shape = a;
  in_shape.shape = Expr(build, ShapeOf(build, b.result().value()));
  return BindLeft(build, 0, working, DenseSum(in_shape, InWorking(working, a.values)) + b);
}

Status LowerReduceSum(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sparse x, SparseAt(node, build, 0));
  TFLOWER_TRY(const Working working, Working::Of(build, node.Type("T"), kF32 | kIndex, Bits::kLow));
  TFLOWER_TRY(const std::vector<int32_t> axes, AxesOperand(build, node.Input(3), x.rank, "input 3"));
  const Expr operand(build, build.Vector(std::span<const int32_t>(axes)));
  return BindLeft(build, 0, working, Emit(tfl::Sum{.keep_dims = node.Bool("keep_dims")}, {DenseSum(x, InWorking(working, x.values)), operand}));
}

// The values, with those of a dense tensor that broadcasts to the sparse one's shape.
template <class TflOp>
Status LowerWithDense(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sparse x, SparseAt(node, build, 0));
  TFLOWER_TRY(const Working working, Working::Of(build, node.Type("T"), kF32 | kI32));
  const Expr dense = Emit(tfl::BroadcastTo{}, {InWorking(working, Expr(build, node.Input(3))), x.shape});
  return BindLeft(build, 0, working, Emit(TflOp{}, {InWorking(working, x.values), Emit(tfl::GatherNd{}, {dense, x.indices})}));
}

// What each of two sparse tensors has, or both; a sum that is smaller than `thresh` is left out.
Status LowerAdd(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sparse a, SparseAt(node, build, 0));
  TFLOWER_TRY(Sparse b, SparseAt(node, build, 3));
  TFLOWER_TRY(const Working working, Working::Of(build, node.Type("T"), kF32 | kIndex));
  TFLOWER_TRY(const Value limit, CastTo(build, node.Input(6), working.type()));
  b.shape = a.shape;
  const auto marks = [&](const Sparse& x) {
    const Expr count(build, ShapeOf(build, node.Input(&x == &a ? 1 : 4)));
    return DenseSum(x, Emit(tfl::Fill{}, {count, Expr(build, build.Scalar<int32_t>(1))}));
  };
  const Expr sum = DenseSum(a, InWorking(working, a.values)) + DenseSum(b, InWorking(working, b.values));
  const Expr size = working.type() == DType::kInt64 ? Max(sum, -sum) : Abs(sum);
  const Expr kept = And((marks(a) + marks(b)) > 0, size >= Expr(build, limit));
  const Expr places = Emit(tfl::Where{}, {kept});
  TFLOWER_CHECK(BindInt64(build, 0, places));
  TFLOWER_CHECK(BindLeft(build, 1, working, Emit(tfl::GatherNd{}, {sum, Cast(places, DType::kInt32)})));
  return BindInt64(build, 2, a.shape);
}

// Inputs: a sparse tensor, start, size. What lies within, numbered from the start.
Status LowerSlice(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sparse x, SparseAt(node, build, 0));
  const Expr start = Int32Of(Expr(build, node.Input(3))), size = Int32Of(Expr(build, node.Input(4)));
  const Expr moved = x.indices - start;
  const Expr fits = And(moved >= 0, moved < size);
  const Expr inside = Emit(tfl::ReduceAll{.keep_dims = false}, {fits, Int32s(build, {1})});
  const Expr rows = Flat(Cast(Emit(tfl::Where{}, {inside}), DType::kInt32));
  TFLOWER_CHECK(BindInt64(build, 0, Take(moved, rows)));
  TFLOWER_CHECK(build.Bind(1, Take(x.values, rows).result()));
  return BindInt64(build, 2, Max(Min(size, x.shape - start), 0.0));
}

// Inputs: N times indices, N times values, N times shapes.
Status LowerConcat(const Node& node, Builder& build) {
  const int n = node.num_inputs() / 3;
  if (n < 1 || node.num_inputs() != 3 * n || node.Int("N") != n) return Error(Code::kInvalidGraph, "does not fit the number of inputs").What("N");
  std::vector<Value> indices, values;
  TFLOWER_TRY(const Sparse first, SparseAt(node, build, 0, n));
  TFLOWER_TRY(const int32_t axis, NormalAxis(node.Int("concat_dim"), first.rank, "concat_dim"));
  std::vector<int32_t> along(static_cast<size_t>(first.rank), 0);
  along[static_cast<size_t>(axis)] = 1;
  const Expr unit(build, build.Vector(std::span<const int32_t>(along)));
  Expr shape = first.shape;
  for (int i = 0; i < n; ++i) {
    TFLOWER_TRY(const Sparse x, SparseAt(node, build, i, n));
    if (x.rank != first.rank) return Error(Code::kInvalidGraph, "its rank is not that of input 0").What("input " + std::to_string(i));
    TFLOWER_TRY(const Value moved, (i == 0 ? x.indices : x.indices + shape * unit).result());
    indices.push_back(moved);
    values.push_back(node.Input(n + i));
    if (i > 0) shape = shape + x.shape * unit;
  }
  const auto all = [&](const std::vector<Value>& of) { return Expr(build, of.size() == 1 ? of[0] : build.Emit(tfl::Concatenation{.axis = 0}, of)); };
  const Expr order = SortedOrder(PositionsOf(all(indices), shape, first.rank));
  TFLOWER_CHECK(BindInt64(build, 0, Take(all(indices), order)));
  TFLOWER_CHECK(build.Bind(1, Take(all(values), order).result()));
  return BindInt64(build, 2, shape);
}

// Inputs: a sparse tensor, the default. Rows without a value get the default in their column 0; the last output says where each value went.
Status LowerFillEmptyRows(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sparse x, SparseAt(node, build, 0));
  const Expr rows = TakeColumn(x.indices, 0), count = At(x.shape, 0);
  if (!rows.ok()) return rows.result().error();
  const Expr ones = Emit(tfl::Fill{}, {Expr(build, ShapeOf(build, rows.result().value())), Expr(build, build.Scalar<int32_t>(1))});
  const Expr empty = SumByRow(ones, rows, count) == 0;
  const Expr missing = Cast(Emit(tfl::Where{}, {empty}), DType::kInt32);  // [m, 1]
  const Expr beside = Emit(tfl::Pad{}, {missing, Expr(build, build.Constant<int32_t>(std::array<int64_t, 2>{2, 2}, std::array<int32_t, 4>{0, 0, 0, x.rank - 1}))});
  const Expr indices = Joined({x.indices, beside});
  const Expr fill = Emit(tfl::Fill{}, {Packed({SizeOf(missing)}), Expr(build, node.Input(3))});
  const Expr order = SortedOrder(TakeColumn(indices, 0));
  TFLOWER_CHECK(BindInt64(build, 0, Take(indices, order)));
  TFLOWER_CHECK(build.Bind(1, Take(Joined({x.values, fill}), order).result()));
  TFLOWER_CHECK(build.Bind(2, empty.result()));
  const Expr went = Emit(tfl::ScatterNd{}, {Column(order), CountOf(order), Packed({SizeOf(order)})});
  return BindInt64(build, 3, Emit(tfl::Slice{}, {went, Int32s(build, {0}), Packed({SizeOf(x.values)})}));
}

// Softmax of each row of the last dimension, over the values that there are.
Status LowerSoftmax(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sparse x, SparseAt(node, build, 0));
  if (x.rank < 2) return Error(Code::kInvalidGraph, "must have rank 2 or more").What("input 0");
  TFLOWER_TRY(const Working working, Working::Of(build, node.Type("T"), kF32));
  const Expr values = InWorking(working, x.values);
  const Expr rows = PositionsOf(x.indices, x.shape, x.rank - 1);
  const Expr count = Emit(tfl::ReduceProd{.keep_dims = false}, {Before(x.shape, 1), Int32s(build, {0})});
  const Expr largest = Emit(tfl::UnsortedSegmentMax{}, {values, rows, count});
  const Expr powers = Exp(values - Take(largest, rows));
  return BindLeft(build, 0, working, powers / Take(SumByRow(powers, rows, count), rows));
}

constexpr Operand kIndices = Index(2, 2), kShape = Index(1, 1), kSize = Index(1, 1);
constexpr Operand kAnyValues = Ranked(1, 1);
constexpr Operand kValues = Of(kRealNumbers, 1, 1), kFloatValues = Of(kFloats, 1, 1), kDense = In(kRealNumbers);
constexpr const char* kEmits = TFLOWER_PARTITIONS_EMIT;
constexpr const char* kUnionEmits = TFLOWER_PARTITIONS_EMIT "ABS GATHER_ND GREATER GREATER_EQUAL LOGICAL_AND MAXIMUM WHERE";

constexpr OpDef kOps[] = {
    {"SparseTensorDenseMatMul", {kIndices, kValues, kShape, Of(kRealNumbers, 2, 2)}, kMatMulAttrs, LowerMatMul, TFLOWER_PARTITIONS_EMIT "TRANSPOSE"},
    {"SparseReorder", {kIndices, kAnyValues, kShape}, kT, LowerReorder, kEmits},
    {"SparseReshape", {kIndices, kShape, kShape}, kNone, LowerReshape, TFLOWER_PARTITIONS_EMIT "DIV MAXIMUM"},
    {"SparseTensorDenseAdd", {kIndices, kValues, kShape, kDense}, kAddAttrs, LowerAddDense, kEmits},
    {"SparseReduceSum", {kIndices, kValues, kShape, Index(0, 1)}, kReduceAttrs, LowerReduceSum, TFLOWER_PARTITIONS_EMIT "SUM"},
    {"SparseDenseCwiseMul", {kIndices, kValues, kShape, kDense}, kT, LowerWithDense<tfl::Mul>, TFLOWER_PARTITIONS_EMIT "BROADCAST_TO GATHER_ND"},
    {"SparseDenseCwiseDiv", {kIndices, kValues, kShape, kDense}, kT, LowerWithDense<tfl::Div>, TFLOWER_PARTITIONS_EMIT "BROADCAST_TO DIV GATHER_ND"},
    {"SparseDenseCwiseAdd", {kIndices, kValues, kShape, kDense}, kT, LowerWithDense<tfl::Add>, TFLOWER_PARTITIONS_EMIT "BROADCAST_TO GATHER_ND"},
    {"SparseAdd", {kIndices, kValues, kShape, kIndices, kValues, kShape, Of(kRealNumbers, 0, 0)}, kAddSparseAttrs, LowerAdd, kUnionEmits},
    {"SparseSlice", {kIndices, kAnyValues, kShape, kSize, kSize}, kT, LowerSlice,
     TFLOWER_PARTITIONS_EMIT "GREATER_EQUAL LOGICAL_AND MAXIMUM MINIMUM REDUCE_ALL WHERE"},
    {"SparseConcat", {Variadic()}, kConcatAttrs, LowerConcat, kEmits},
    {"SparseFillEmptyRows", {kIndices, kAnyValues, kShape, Ranked(0, 0)}, kT, LowerFillEmptyRows, TFLOWER_PARTITIONS_EMIT "EQUAL PAD WHERE"},
    {"SparseSoftmax", {kIndices, kFloatValues, kShape}, kT, LowerSoftmax, TFLOWER_PARTITIONS_EMIT "DIV EXP UNSORTED_SEGMENT_MAX"},
};
}  // namespace
TFLOWER_OP_FAMILY(sparse, kOps);
}  // namespace tflower::tf_ops
