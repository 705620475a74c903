// Linear systems of small known size, unrolled: Matrix(Inverse, Determinant, Solve), LogMatrixDeterminant and Lu by elimination with pivots of largest
// magnitude, as TF's. Rows stay where they are: for each column, the pivot's row is named by a one-hot vector, which picks it by a product.
// Source: tf.linalg.inv, det, slogdet, solve, lu. A matrix without an inverse gives infinities and NaNs where TF fails.
#include "index.h"
#include "matrices.h"
#include "product.h"
#include "scalars.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kAdjointAttrs[] = {Bool("adjoint", false), Type("T", DType::kFloat32)};
constexpr AttrDef kLuAttrs[] = {Type("T"), Type("output_idx_type", DType::kInt32)};

constexpr int64_t kMaxSize = 32;         // 17 operators for each row
constexpr double kUnused = 3e38, kUse = 3.3e38;

// Of [matrices, rows, columns]: one column, or one element of each row.
Result<Value> Column(Builder& build, const Value& x, int64_t j) {
  TFLOWER_TRY(const Value begin, build.Vector({0, 0, static_cast<int32_t>(j)}));
  TFLOWER_TRY(const Value size, build.Vector({-1, -1, 1}));
  return build.Emit(tfl::Slice{}, {x, begin, size});
}

struct Elimination {
  Value x;                    // pivots' rows divided by the pivot, all other elements of their columns 0
  std::vector<Value> picked;  // for each column its pivot's row as a one-hot vector, [matrices, 1, n]
  std::vector<Value> index;   // the same as a number, [matrices, 1], int32
  std::vector<Value> pivots;  // [matrices, 1, 1]
  std::vector<Value> rows;    // the pivot's row before the division, [matrices, 1, columns]
  std::vector<Value> factors; // of it, taken from each row that comes after, [matrices, n, 1]
};

// What is divided by: 1 in place of 0, so that a determinant of 0 is one.
Result<Value> Divisor(Builder& build, const Value& pivot) {
  TFLOWER_TRY(const Value is_zero, With<tfl::Equal>(build, pivot, 0));
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  return build.Emit(tfl::SelectV2{}, {is_zero, one, pivot});
}

// One column. `limits` [matrices, n, 1] bounds the magnitudes that may be chosen: those of rows that were, below 0.
Status Step(Builder& build, Elimination& e, Value& limits, int32_t n, int64_t j, bool tolerant) {
  TFLOWER_TRY(const Value column, Column(build, e.x, j));
  TFLOWER_TRY(const Value magnitudes, build.Emit(tfl::Abs{}, {column}));
  TFLOWER_TRY(const Value scores, build.Emit(tfl::Minimum{}, {magnitudes, limits}));
  TFLOWER_TRY(const Value axis, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value index, build.Emit(tfl::ArgMax{.output_type = tfl::TensorType::INT32}, {scores, axis}));
  TFLOWER_TRY(const Value depth, build.Scalar(n));
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  TFLOWER_TRY(const Value zero, build.Scalar(0.0f));
  TFLOWER_TRY(const Value picked, build.Emit(tfl::OneHot{.axis = -1}, {index, depth, one, zero}));
  const int64_t down[] = {-1, n, 1};
  TFLOWER_TRY(const Value is_pivot, ReshapeTo(build, picked, down));
  TFLOWER_TRY(const Value row, build.Emit(tfl::BatchMatMul{}, {picked, e.x}));
  TFLOWER_TRY(const Value pivot, Column(build, row, j));
  TFLOWER_TRY(const Value divisor, tolerant ? Divisor(build, pivot) : Result<Value>(pivot));
  TFLOWER_TRY(const Value unit, build.Emit(tfl::Div{}, {row, divisor}));
  TFLOWER_TRY(const Value others, build.Emit(tfl::Sub{}, {one, is_pivot}));
  TFLOWER_TRY(const Value kept, build.Emit(tfl::Mul{}, {e.x, others}));
  TFLOWER_TRY(const Value taken, build.Emit(tfl::Mul{}, {column, others}));
  TFLOWER_TRY(const Value factors, build.Emit(tfl::Sub{}, {is_pivot, taken}));
  TFLOWER_TRY(const Value change, build.Emit(tfl::Mul{}, {factors, unit}));
  TFLOWER_TRY(e.x, build.Emit(tfl::Add{}, {kept, change}));
  TFLOWER_TRY(const Value use, With<tfl::Mul>(build, is_pivot, kUse));
  TFLOWER_TRY(limits, build.Emit(tfl::Sub{}, {limits, use}));
  // For Lu: what comes after has positive limits.
  TFLOWER_TRY(const Value is_after, With<tfl::Greater>(build, limits, 0));
  TFLOWER_TRY(const Value quotients, build.Emit(tfl::Div{}, {column, divisor}));
  TFLOWER_TRY(const Value after, build.Emit(tfl::SelectV2{}, {is_after, quotients, zero}));
  e.picked.push_back(picked);
  e.index.push_back(index);
  e.pivots.push_back(pivot);
  e.rows.push_back(row);
  e.factors.push_back(after);
  return Ok();
}

// The first n columns of x [matrices, n, columns].
Result<Elimination> Eliminate(Builder& build, const Value& x, bool tolerant) {
  Elimination e{.x = x};
  const int64_t n = x.dim(1), dims[] = {1, n, 1};
  const std::vector<float> all(static_cast<size_t>(n), static_cast<float>(kUnused));
  TFLOWER_TRY(Value limits, build.Constant<float>(dims, all));
  for (int64_t j = 0; j < n; ++j) TFLOWER_CHECK(Step(build, e, limits, static_cast<int32_t>(n), j, tolerant));
  return e;
}

// The solution of a x = b: rows of the eliminated [a | b], in the order of their pivots' columns.
Result<Value> Solution(Builder& build, const Value& a, const Value& b) {
  TFLOWER_TRY(const Value both, build.Emit(tfl::Concatenation{.axis = 2}, {a, b}));
  TFLOWER_TRY(const Elimination e, Eliminate(build, both, false));
  TFLOWER_TRY(const Value order, Join(build, e.picked, 1));
  TFLOWER_TRY(const Value begin, build.Vector({0, 0, static_cast<int32_t>(a.dim(2))}));
  TFLOWER_TRY(const Value size, build.Vector({-1, -1, -1}));
  TFLOWER_TRY(const Value right, build.Emit(tfl::Slice{}, {e.x, begin, size}));
  return build.Emit(tfl::BatchMatMul{}, {order, right});
}

Result<Value> ReadOperator(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value a, SquareStackOf(build, node.Input(0), kMaxSize));
  return node.Bool("adjoint") ? Transposed(build, a) : Result<Value>(a);
}

// A unit matrix for each of a's: 0 a + I.
Result<Value> UnitsLike(Builder& build, const Value& a) {
  const int64_t n = a.dim(1), dims[] = {n, n};
  std::vector<float> unit(static_cast<size_t>(n * n), 0.0f);
  for (int64_t i = 0; i < n; ++i) unit[static_cast<size_t>(i * n + i)] = 1;
  TFLOWER_TRY(const Value one, build.Constant<float>(dims, unit));
  TFLOWER_TRY(const Value zeros, build.Emit(tfl::ZerosLike{}, {a}));
  return build.Emit(tfl::Add{}, {zeros, one});
}

Result<Value> LowerInverse(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value a, ReadOperator(node, build));
  TFLOWER_TRY(const Value units, UnitsLike(build, a));
  TFLOWER_TRY(const Value x, Solution(build, a, units));
  return WithBatchOf(build, node.Input(0), x);
}

Result<Value> LowerSolve(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value a, ReadOperator(node, build));
  TFLOWER_TRY(const Value b, StackOf(build, node.Input(1), kMaxSize, "input 1"));
  if (b.dim(1) != a.dim(1)) return Error(Code::kInvalidGraph, "must have as many rows as input 0").What("input 1");
  TFLOWER_TRY(const Value x, Solution(build, a, b));
  return WithBatchOf(build, node.Input(1), x);
}

// 1 or -1, [matrices]: of the order of the pivots' rows, the product of the signs of all differences.
Result<Value> SignOfOrder(Builder& build, const Elimination& e) {
  const int64_t n = static_cast<int64_t>(e.index.size()), dims[] = {n, n};
  TFLOWER_TRY(const Value joined, Join(build, e.index, 1));
  TFLOWER_TRY(const Value rows, CastTo(build, joined, DType::kFloat32));
  const int64_t across[] = {-1, 1, n}, down[] = {-1, n, 1};
  TFLOWER_TRY(const Value later, ReshapeTo(build, rows, across));
  TFLOWER_TRY(const Value earlier, ReshapeTo(build, rows, down));
  TFLOWER_TRY(const Value differences, build.Emit(tfl::Sub{}, {later, earlier}));
  TFLOWER_TRY(const Value signs, build.Emit(tfl::Sign{}, {differences}));
  std::vector<float> pairs(static_cast<size_t>(n * n), 0.0f), others(pairs.size(), 1.0f);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = i + 1; j < n; ++j) std::swap(pairs[static_cast<size_t>(i * n + j)], others[static_cast<size_t>(i * n + j)]);
  TFLOWER_TRY(const Value mask, build.Constant<float>(dims, pairs));
  TFLOWER_TRY(const Value rest, build.Constant<float>(dims, others));
  TFLOWER_TRY(const Value counted, build.Emit(tfl::Mul{}, {signs, mask}));
  TFLOWER_TRY(const Value all, build.Emit(tfl::Add{}, {counted, rest}));
  TFLOWER_TRY(const Value axes, build.Vector({1, 2}));
  return build.Emit(tfl::ReduceProd{.keep_dims = false}, {all, axes});
}

// v [matrices] in the shape of x without its matrices.
Result<Value> AsNumbers(Builder& build, const Value& x, const Value& v) { return ReshapeTo(build, v, x.dims().first(static_cast<size_t>(x.rank()) - 2)); }

Result<Value> LowerDeterminant(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value a, SquareStackOf(build, node.Input(0), kMaxSize));
  TFLOWER_TRY(const Elimination e, Eliminate(build, a, true));
  TFLOWER_TRY(const Value pivots, Join(build, e.pivots, 1));
  TFLOWER_TRY(const Value axes, build.Vector({1, 2}));
  TFLOWER_TRY(const Value product, build.Emit(tfl::ReduceProd{.keep_dims = false}, {pivots, axes}));
  TFLOWER_TRY(const Value sign, SignOfOrder(build, e));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Mul{}, {product, sign}));
  return AsNumbers(build, node.Input(0), y);
}

Result<std::vector<Value>> LowerLogDeterminant(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value a, SquareStackOf(build, node.Input(0), kMaxSize));
  TFLOWER_TRY(const Elimination e, Eliminate(build, a, true));
  TFLOWER_TRY(const Value pivots, Join(build, e.pivots, 1));
  TFLOWER_TRY(const Value axes, build.Vector({1, 2}));
  TFLOWER_TRY(const Value signs, build.Emit(tfl::Sign{}, {pivots}));
  TFLOWER_TRY(const Value product, build.Emit(tfl::ReduceProd{.keep_dims = false}, {signs, axes}));
  TFLOWER_TRY(const Value order, SignOfOrder(build, e));
  TFLOWER_TRY(const Value sign, build.Emit(tfl::Mul{}, {product, order}));
  TFLOWER_TRY(const Value magnitudes, build.Emit(tfl::Abs{}, {pivots}));
  TFLOWER_TRY(const Value logs, build.Emit(tfl::Log{}, {magnitudes}));
  TFLOWER_TRY(const Value sum, build.Emit(tfl::Sum{.keep_dims = false}, {logs, axes}));
  TFLOWER_TRY(const Value signs_out, AsNumbers(build, node.Input(0), sign));
  TFLOWER_TRY(const Value logs_out, AsNumbers(build, node.Input(0), sum));
  return std::vector<Value>{signs_out, logs_out};
}

// The factors below the diagonal, pivots' rows from it on; and which row of the input each row is of.
Result<std::vector<Value>> LowerLu(const Node& node, Builder& build) {
  const DType index_type = node.Type("output_idx_type");
  TFLOWER_TRY(const Value a, SquareStackOf(build, node.Input(0), kMaxSize));
  TFLOWER_TRY(const Elimination e, Eliminate(build, a, false));
  const int64_t n = a.dim(1), dims[] = {n, n};
  std::vector<float> upper(static_cast<size_t>(n * n), 0.0f);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = i; j < n; ++j) upper[static_cast<size_t>(i * n + j)] = 1;
  TFLOWER_TRY(const Value mask, build.Constant<float>(dims, upper));
  TFLOWER_TRY(const Value rows, Join(build, e.rows, 1));
  TFLOWER_TRY(const Value u, build.Emit(tfl::Mul{}, {rows, mask}));
  TFLOWER_TRY(const Value factors, Join(build, e.factors, 2));
  TFLOWER_TRY(const Value order, Join(build, e.picked, 1));
  TFLOWER_TRY(const Value l, build.Emit(tfl::BatchMatMul{}, {order, factors}));
  TFLOWER_TRY(const Value both, build.Emit(tfl::Add{}, {l, u}));
  TFLOWER_TRY(const Value lu, WithBatchOf(build, node.Input(0), both));
  TFLOWER_TRY(const Value index, Join(build, e.index, 1));
  TFLOWER_TRY(const Value typed, CastTo(build, index, index_type));
  TFLOWER_TRY(const Value permutation, ReshapeTo(build, typed, node.Input(0).dims().first(static_cast<size_t>(node.Input(0).rank()) - 1)));
  return std::vector<Value>{lu, permutation};
}

constexpr Operand kMatrices = Of(kFloats, 2, TFLOWER_MAX_RANK);
constexpr const char* kEmits =
    "ABS ADD ARG_MAX BATCH_MATMUL CAST CONCATENATION DIV EQUAL GREATER LOG MINIMUM MUL ONE_HOT REDUCE_PROD RESHAPE SELECT_V2 SIGN SLICE SUB SUM TRANSPOSE ZEROS_LIKE";

constexpr OpDef kOps[] = {
    {"MatrixInverse", {kMatrices}, kAdjointAttrs, InFloat32<LowerInverse>, kEmits},
    {"BatchMatrixInverse", {kMatrices}, kAdjointAttrs, InFloat32<LowerInverse>, kEmits},
    {"MatrixSolve", {kMatrices, kMatrices}, kAdjointAttrs, InFloat32<LowerSolve>, kEmits},
    {"BatchMatrixSolve", {kMatrices, kMatrices}, kAdjointAttrs, InFloat32<LowerSolve>, kEmits},
    {"MatrixDeterminant", {kMatrices}, kT, InFloat32<LowerDeterminant>, kEmits},
    {"BatchMatrixDeterminant", {kMatrices}, kT, InFloat32<LowerDeterminant>, kEmits},
    {"LogMatrixDeterminant", {kMatrices}, kT, InFloat32<LowerLogDeterminant>, kEmits},
    {"Lu", {kMatrices}, kLuAttrs, InFloat32<LowerLu, 1>, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(elimination, kOps);
}  // namespace tflower::tf_ops
