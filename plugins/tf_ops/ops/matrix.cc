// Diagonals and bands of the innermost matrices: (Matrix)Diag, MatrixSetDiag -> the operators of the same name (main diagonal only),
// (Matrix)DiagPart -> RESHAPE and STRIDED_SLICE (any one diagonal), MatrixBandPart -> SELECT_V2 with a constant mask.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
// align says how several diagonals are packed: without meaning for one.
constexpr AttrDef kV3Attrs[] = {Type("T"), NoEffect("align")};
constexpr AttrDef kBandAttrs[] = {Type("T"), Type("Tindex", DType::kInt64)};

// k of the V2 and V3 ops: a scalar, or the first and last of a range of diagonals, which must be one.
Result<int64_t> OneDiagonal(Builder& build, const Value& k, std::string_view what) {
  TFLOWER_TRY(const std::vector<int64_t> range, build.Ints(k, what));
  if (range.empty() || range.size() > 2) return Error(Code::kInvalidGraph, "must have one or two elements").What(what);
  if (range.front() != range.back()) return Error(Code::kUnsupportedAttribute, "only a single diagonal is supported").What(what);
  return range.front();
}

Status CheckMain(Builder& build, const Value& k, std::string_view what) {
  TFLOWER_TRY(const int64_t diagonal, OneDiagonal(build, k, what));
  if (diagonal == 0) return Ok();
  return Error(Code::kUnsupportedAttribute, "diagonal " + std::to_string(diagonal) + ": TFLite has the main diagonal only").What(what);
}

// A square matrix, zero beside the diagonal.
Status LowerMatrixDiagV2(const Node& node, Builder& build) {
  TFLOWER_CHECK(CheckMain(build, node.Input(1), "input 1"));
  for (int i = 2; i <= 3; ++i) {
    const std::string what = "input " + std::to_string(i);
    TFLOWER_TRY(const int64_t size, build.Int(node.Input(i), what));
    if (size != -1 && size != node.Input(0).dim(-1))
      return Error(Code::kUnsupportedAttribute, "only square matrices of the diagonal's size are supported").What(what);
  }
  if (!node.Input(4).is_constant()) return Error(Code::kUnsupportedAttribute, "must be a constant 0").What("input 4");
  TFLOWER_TRY(const std::span<const std::byte> padding, build.Data(node.Input(4)));
  for (std::byte b : padding) if (b != std::byte{0}) return Error(Code::kUnsupportedAttribute, "TFLite pads with 0 only").What("input 4");
  return build.Bind(0, build.Emit(tfl::MatrixDiag{}, {node.Input(0)}));
}

Status LowerMatrixSetDiag(const Node& node, Builder& build) {
  if (node.num_inputs() == 3) TFLOWER_CHECK(CheckMain(build, node.Input(2), "input 2"));
  return build.Bind(0, build.Emit(tfl::MatrixSetDiag{}, {node.Input(0), node.Input(1)}));
}

// In the flattened matrix, neighbours on a diagonal stand columns + 1 apart.
Status LowerMatrixDiagPart(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  int64_t k = 0;
  if (node.num_inputs() > 1) {
    TFLOWER_TRY(k, OneDiagonal(build, node.Input(1), "input 1"));
  }
  const int64_t rows = x.dim(-2), columns = x.dim(-1);
  if (rows < 0 || columns < 0)
    return Error(Code::kUnsupportedShape, "the size of the matrices must be known").What("input 0").Hint("give the shape with --input-shape");
  if (rows > INT32_MAX / std::max<int64_t>(columns, 1)) return Error(Code::kUnsupportedShape, "the matrices are too large").What("input 0");
  const int64_t length = k >= 0 ? std::min(rows, columns - k) : std::min(rows + k, columns);
  if (k <= -INT32_MAX || k >= INT32_MAX || length < 1) return Error(Code::kInvalidGraph, "there is no such diagonal").What("input 1");
  std::vector<int64_t> flat(x.dims().begin(), x.dims().end() - 2);
  const size_t last = flat.size();
  flat.push_back(rows * columns);
  if (std::count_if(flat.begin(), flat.end(), [](int64_t d) { return d < 0; }) > 1)
    return Error(Code::kUnsupportedShape, "only one dimension may be unknown").What("input 0").Hint("give the shape with --input-shape");
  TFLOWER_TRY(const Value matrix, ReshapeTo(build, x, flat));
  std::vector<int64_t> begin(last + 1, 0), end(last + 1, 0), strides(last + 1, 1);
  begin[last] = k >= 0 ? k : -k * columns;
  end[last] = std::min(rows * columns, begin[last] + (length - 1) * (columns + 1) + 1);
  strides[last] = columns + 1;
  const int32_t whole = static_cast<int32_t>((1u << last) - 1);
  TFLOWER_TRY(const Value b, build.Vector(std::span<const int64_t>(begin)));
  TFLOWER_TRY(const Value e, build.Vector(std::span<const int64_t>(end)));
  TFLOWER_TRY(const Value s, build.Vector(std::span<const int64_t>(strides)));
  return build.Bind(0, build.Emit(tfl::StridedSlice{.begin_mask = whole, .end_mask = whole}, {matrix, b, e, s}));
}

// 0, 1, 2, ... along dimension `axis` (negative: from the end) of x.
Result<Value> Counts(Builder& build, const Value& x, int axis) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value at, build.Scalar<int32_t>(x.rank() + axis));
  TFLOWER_TRY(const Value size, build.Emit(tfl::Gather{}, {shape, at}));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  return build.Emit(tfl::Range{}, {zero, size, one});
}

// Keeps `below` diagonals below the main one and `above` above it; negative: all of them.
Status LowerMatrixBandPart(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const int64_t below, build.Int(node.Input(1), "input 1"));
  TFLOWER_TRY(const int64_t above, build.Int(node.Input(2), "input 2"));
  if (below < 0 && above < 0) return build.Bind(0, x);
  TFLOWER_TRY(const Value rows, Counts(build, x, -2));
  TFLOWER_TRY(const Value columns, Counts(build, x, -1));
  const int64_t column_dims[] = {-1, 1};
  TFLOWER_TRY(const Value down, ReshapeTo(build, rows, column_dims));
  TFLOWER_TRY(const Value distance, build.Emit(tfl::Sub{}, {down, columns}));  // row - column
  Value mask;
  if (below >= 0) {
    TFLOWER_TRY(const Value limit, build.ScalarOf(DType::kInt32, static_cast<double>(std::min<int64_t>(below, INT32_MAX))));
    TFLOWER_TRY(mask, build.Emit(tfl::LessEqual{}, {distance, limit}));
  }
  if (above >= 0) {
    TFLOWER_TRY(const Value limit, build.ScalarOf(DType::kInt32, -static_cast<double>(std::min<int64_t>(above, INT32_MAX))));
    TFLOWER_TRY(const Value upper, build.Emit(tfl::GreaterEqual{}, {distance, limit}));
    if (below < 0) mask = upper;
    else {
      TFLOWER_TRY(mask, build.Emit(tfl::LogicalAnd{}, {mask, upper}));
    }
  }
  TFLOWER_TRY(const Value zero, build.ScalarOf(x.dtype(), 0));
  return build.Bind(0, build.Emit(tfl::SelectV2{}, {mask, x, zero}));
}

constexpr Operand kVectors = Ranked(1, TFLOWER_MAX_RANK);
constexpr Operand kMatrices = Ranked(2, TFLOWER_MAX_RANK);
constexpr Operand kOne = Of(kI32, 0, 1);
constexpr Operand kScalar = Ranked(0, 0);
constexpr const char* kPartEmits = "RESHAPE STRIDED_SLICE";
constexpr const char* kBandEmits = "GATHER GREATER_EQUAL LESS_EQUAL LOGICAL_AND RANGE RESHAPE SELECT_V2 SHAPE SUB";

constexpr OpDef kOps[] = {
    {"Diag", {Ranked(1, 1)}, kT, Rename<tfl::MatrixDiag>, "MATRIX_DIAG"},
    {"DiagPart", {Ranked(2, 2)}, kT, LowerMatrixDiagPart, kPartEmits},
    {"MatrixDiag", {kVectors}, kT, Rename<tfl::MatrixDiag>, "MATRIX_DIAG"},
    {"MatrixDiagV2", {kVectors, kOne, kOne, kOne, kScalar}, kT, LowerMatrixDiagV2, "MATRIX_DIAG"},
    {"MatrixDiagV3", {kVectors, kOne, kOne, kOne, kScalar}, kV3Attrs, LowerMatrixDiagV2, "MATRIX_DIAG"},
    {"MatrixSetDiag", {kMatrices, kVectors}, kT, LowerMatrixSetDiag, "MATRIX_SET_DIAG"},
    {"MatrixSetDiagV2", {kMatrices, kVectors, kOne}, kT, LowerMatrixSetDiag, "MATRIX_SET_DIAG"},
    {"MatrixSetDiagV3", {kMatrices, kVectors, kOne}, kV3Attrs, LowerMatrixSetDiag, "MATRIX_SET_DIAG"},
    {"MatrixDiagPart", {kMatrices}, kT, LowerMatrixDiagPart, kPartEmits},
    {"MatrixDiagPartV2", {kMatrices, kOne, kScalar}, kT, LowerMatrixDiagPart, kPartEmits},
    {"MatrixDiagPartV3", {kMatrices, kOne, kScalar}, kV3Attrs, LowerMatrixDiagPart, kPartEmits},
    {"MatrixBandPart", {kMatrices, Index(0, 0), Index(0, 0)}, kBandAttrs, LowerMatrixBandPart, kBandEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(matrix, kOps);
}  // namespace tflower::tf_ops
