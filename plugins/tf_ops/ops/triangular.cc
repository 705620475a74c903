// Triangular matrices of small known size, unrolled: Cholesky, MatrixTriangularSolve.
// Source: tf.linalg.cholesky, tf.linalg.triangular_solve. Matrices that have no root give NaNs where TF fails.
#include "index.h"
#include "matrices.h"
#include "product.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T", DType::kFloat32)};
constexpr AttrDef kSolveAttrs[] = {Bool("lower", true), Bool("adjoint", false), Type("T")};

constexpr int64_t kMaxSize = 64;  // 9 operators for each row

// Of [matrices, rows, columns] the box of `rows` by `columns` at (i, j).
Result<Value> Box(Builder& build, const Value& x, int64_t i, int64_t j, int64_t rows, int64_t columns) {
  TFLOWER_TRY(const Value begin, build.Vector({0, static_cast<int32_t>(i), static_cast<int32_t>(j)}));
  TFLOWER_TRY(const Value size, build.Vector({-1, static_cast<int32_t>(rows), static_cast<int32_t>(columns)}));
  return build.Emit(tfl::Slice{}, {x, begin, size});
}

// Column by column: the first of what is left, over the root of its first element; its square leaves the rest.
Result<Value> LowerCholesky(const Node& node, Builder& build) {
  TFLOWER_TRY(Value rest, SquareStackOf(build, node.Input(0), kMaxSize));
  const int64_t n = rest.dim(1);
  std::vector<Value> columns;
  for (int64_t left = n; left > 0; --left) {
    TFLOWER_TRY(const Value first, Box(build, rest, 0, 0, 1, 1));
    TFLOWER_TRY(const Value root, build.Emit(tfl::Sqrt{}, {first}));
    TFLOWER_TRY(const Value below, Box(build, rest, 0, 0, left, 1));
    TFLOWER_TRY(Value column, build.Emit(tfl::Div{}, {below, root}));
    if (left > 1) {
      TFLOWER_TRY(const Value tail, Box(build, column, 1, 0, left - 1, 1));
      TFLOWER_TRY(const Value square, build.Emit(tfl::BatchMatMul{.adj_y = true}, {tail, tail}));
      TFLOWER_TRY(const Value inner, Box(build, rest, 1, 1, left - 1, left - 1));
      TFLOWER_TRY(rest, build.Emit(tfl::Sub{}, {inner, square}));
    }
    if (left < n) {
      const int32_t paddings[] = {0, 0, static_cast<int32_t>(n - left), 0, 0, 0};
      const int64_t dims[] = {3, 2};
      TFLOWER_TRY(const Value above, build.Constant<int32_t>(dims, paddings));
      TFLOWER_TRY(column, build.Emit(tfl::Pad{}, {column, above}));
    }
    columns.push_back(column);
  }
  TFLOWER_TRY(const Value y, Join(build, columns, 2));
  return WithBatchOf(build, node.Input(0), y);
}

// Row by row, from the end that has one unknown: each is known, then taken out of the others.
Result<Value> Substitute(Builder& build, const Value& a, const Value& b, bool lower) {
  const int64_t n = a.dim(1), width = b.dim(2);
  std::vector<Value> solved;
  Value rest = b;  // rows not yet solved
  for (int64_t done = 0; done < n; ++done) {
    const int64_t left = n - 1 - done, row = lower ? done : left, at = lower ? 0 : left;
    TFLOWER_TRY(const Value right, Box(build, rest, at, 0, 1, width));
    TFLOWER_TRY(const Value diagonal, Box(build, a, row, row, 1, 1));
    TFLOWER_TRY(const Value x, build.Emit(tfl::Div{}, {right, diagonal}));
    solved.push_back(x);
    if (left == 0) break;
    TFLOWER_TRY(const Value column, Box(build, a, lower ? row + 1 : 0, row, left, 1));
    TFLOWER_TRY(const Value part, build.Emit(tfl::Mul{}, {column, x}));
    TFLOWER_TRY(const Value others, Box(build, rest, lower ? 1 : 0, 0, left, width));
    TFLOWER_TRY(rest, build.Emit(tfl::Sub{}, {others, part}));
  }
  if (!lower) std::reverse(solved.begin(), solved.end());
  return Join(build, solved, 1);
}

Result<Value> LowerSolve(const Node& node, Builder& build) {
  const Value left = node.Input(0), right = node.Input(1);
  TFLOWER_TRY(Value a, SquareStackOf(build, left, kMaxSize));
  TFLOWER_TRY(const Value b, StackOf(build, right, kMaxSize, "input 1"));
  if (b.dim(1) != a.dim(1)) return Error(Code::kInvalidGraph, "must have as many rows as input 0").What("input 1");
  bool same_batch = left.rank() == right.rank();
  for (int i = 0; same_batch && i < left.rank() - 2; ++i) same_batch = left.dim_key(i) == right.dim_key(i);
  if (!same_batch && a.dim(0) != 1 && b.dim(0) != 1)
    return Error(Code::kUnsupportedShape, "leading dimensions that differ are not broadcast, but where one operand is a single matrix").What("input 1");
  if (node.Bool("adjoint")) {
    TFLOWER_TRY(a, Transposed(build, a));
  }
  TFLOWER_TRY(const Value x, Substitute(build, a, b, node.Bool("lower") != node.Bool("adjoint")));
  return WithBatchOf(build, b.dim(0) == 1 && left.rank() >= right.rank() ? left : right, x);
}

constexpr Operand kMatrices = Of(kFloats, 2, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"Cholesky", {kMatrices}, kT, InFloat32<LowerCholesky>, "BATCH_MATMUL CAST CONCATENATION DIV PAD RESHAPE SLICE SQRT SUB"},
    {"BatchCholesky", {kMatrices}, kT, InFloat32<LowerCholesky>, "BATCH_MATMUL CAST CONCATENATION DIV PAD RESHAPE SLICE SQRT SUB"},
    {"MatrixTriangularSolve", {kMatrices, kMatrices}, kSolveAttrs, InFloat32<LowerSolve>, "CAST CONCATENATION DIV MUL RESHAPE SLICE SUB TRANSPOSE"},
    {"BatchMatrixTriangularSolve", {kMatrices, kMatrices}, kSolveAttrs, InFloat32<LowerSolve>, "CAST CONCATENATION DIV MUL RESHAPE SLICE SUB TRANSPOSE"},
};
}  // namespace
TFLOWER_OP_FAMILY(triangular, kOps);
}  // namespace tflower::tf_ops
