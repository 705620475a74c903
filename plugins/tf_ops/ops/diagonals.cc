// Diagonals of the innermost matrices. The main one: (Matrix)Diag, MatrixSetDiag -> the operators of the same name. Any one of a matrix whose
// size is known: (Matrix)DiagPart -> RESHAPE and STRIDED_SLICE. Any others, and bands of several: each element of the result has one place in
// the flattened operands, so a GATHER, and a SELECT_V2 for what comes from nowhere. The places are made by operators, too: constants where
// sizes are known.  Source: tf.linalg.diag, tf.linalg.set_diag, tf.linalg.diag_part.
#include "index.h"
#include "scalars.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kV3Attrs[] = {Type("T"), String("align", OneOf("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"), "RIGHT_LEFT")};

constexpr int64_t kMaxDiagonal = 1 << 20;

// Diagonals first to last of matrices [rows, columns]; 0 is the main one, those above it are positive. Packed, they are [diagonals, longest].
struct Band {
  int32_t first = 0, last = 0;
  bool right_above = false, right_below = false;  // on which side of their row the shorter diagonals stand
  Value rows, columns;                            // int32 scalars

  int32_t diagonals() const { return last - first + 1; }
};

// k is a scalar, or the first and last of a range.
Result<Band> ReadBand(const Node& node, Builder& build, const Value& k, std::string_view what) {
  TFLOWER_TRY(const std::vector<int64_t> range, build.Ints(k, what));
  if (range.empty() || range.size() > 2) return Error(Code::kInvalidGraph, "must have one or two elements").What(what);
  if (range.front() > range.back()) return Error(Code::kInvalidGraph, "the first diagonal must not be above the last").What(what);
  if (range.front() < -kMaxDiagonal || range.back() > kMaxDiagonal) return Error(Code::kInvalidGraph, "there is no such diagonal").What(what);
  Band band{.first = static_cast<int32_t>(range.front()), .last = static_cast<int32_t>(range.back())};
  if (node.op().ends_with("V3")) {
    const std::string_view align = node.String("align");
    band.right_above = align.starts_with("RIGHT");
    band.right_below = align.ends_with("RIGHT");
  }
  return band;
}

Status CheckBand(const Band& b, const Value& matrices, std::string_view what) {
  const int64_t rows = matrices.dim(-2), columns = matrices.dim(-1);
  if (rows == 0 || columns == 0) return Error(Code::kUnsupportedShape, "empty matrices have no diagonals").What("input 0");
  if ((rows < 0 || b.first > -rows) && (columns < 0 || b.last < columns)) return Ok();
  return Error(Code::kInvalidGraph, "there is no such diagonal").What(what);
}

Status ReadSizeOf(Builder& build, const Value& matrices, Band& band) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, matrices));
  TFLOWER_TRY(band.rows, ElementOf(build, shape, matrices.rank() - 2));
  TFLOWER_TRY(band.columns, ElementOf(build, shape, matrices.rank() - 1));
  return Ok();
}

// ---- numbers of elements and places, int32 of any shape

Result<Value> Count(Builder& build, const Value& n) {
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  return build.Emit(tfl::Range{}, {zero, n, one});
}

// How many elements the diagonals d have: min(rows + min(d, 0), columns - max(d, 0)).
Result<Value> Length(Builder& build, const Band& band, const Value& d) {
  TFLOWER_TRY(const Value below, With<tfl::Minimum>(build, d, 0));
  TFLOWER_TRY(const Value above, With<tfl::Maximum>(build, d, 0));
  TFLOWER_TRY(const Value by_rows, build.Emit(tfl::Add{}, {band.rows, below}));
  TFLOWER_TRY(const Value by_columns, build.Emit(tfl::Sub{}, {band.columns, above}));
  return build.Emit(tfl::Minimum{}, {by_rows, by_columns});
}

Result<Value> Longest(Builder& build, const Band& band) {
  TFLOWER_TRY(const Value by_rows, With<tfl::Add>(build, band.rows, std::min(band.last, 0)));
  TFLOWER_TRY(const Value by_columns, With<tfl::Sub>(build, band.columns, std::max(band.first, 0)));
  return build.Emit(tfl::Minimum{}, {by_rows, by_columns});
}

// Where the diagonals d begin in their row of the packed form.
Result<Value> Shift(Builder& build, const Band& band, const Value& d, const Value& longest) {
  if (!band.right_above && !band.right_below) return build.Scalar<int32_t>(0);
  TFLOWER_TRY(const Value length, Length(build, band, d));
  TFLOWER_TRY(const Value all, build.Emit(tfl::Sub{}, {longest, length}));
  if (band.right_above && band.right_below) return all;
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value right, band.right_above ? build.Emit(tfl::GreaterEqual{}, {d, zero}) : build.Emit(tfl::LessEqual{}, {d, zero}));
  return build.Emit(tfl::SelectV2{}, {right, all, zero});
}

// places where `real`, else 0, which is there to be read.
Result<Value> Safe(Builder& build, const Value& real, const Value& places) {
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  return build.Emit(tfl::SelectV2{}, {real, places, zero});
}

// x with its last `count` dimensions as one.
Result<Value> Flat(Builder& build, const Value& x, int count) {
  if (count == 1) return x;
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value begin, build.Vector({0}));
  TFLOWER_TRY(const Value kept, build.Vector({x.rank() - count}));
  TFLOWER_TRY(const Value head, build.Emit(tfl::Slice{}, {shape, begin, kept}));
  TFLOWER_TRY(const Value all, build.Vector({-1}));
  TFLOWER_TRY(const Value target, build.Emit(tfl::Concatenation{.axis = 0}, {head, all}));
  return ReshapeBy(build, x, target);
}

// ---- matrices of diagonals, and matrices with diagonals replaced

// Matrices [rows, columns] of the packed diagonals; `others` elsewhere.
Result<Value> Spread(Builder& build, const Band& band, const Value& diagonals, bool packed, const Value& others) {
  const int64_t column[] = {-1, 1};
  TFLOWER_TRY(const Value rows, Count(build, band.rows));
  TFLOWER_TRY(const Value i, ReshapeTo(build, rows, column));
  TFLOWER_TRY(const Value j, Count(build, band.columns));
  TFLOWER_TRY(const Value d, build.Emit(tfl::Sub{}, {j, i}));
  TFLOWER_TRY(const Value least, build.Scalar(band.first));
  TFLOWER_TRY(const Value most, build.Scalar(band.last));
  TFLOWER_TRY(const Value from, build.Emit(tfl::GreaterEqual{}, {d, least}));
  TFLOWER_TRY(const Value to, build.Emit(tfl::LessEqual{}, {d, most}));
  TFLOWER_TRY(const Value held, build.Emit(tfl::LogicalAnd{}, {from, to}));
  TFLOWER_TRY(Value place, build.Emit(tfl::Minimum{}, {i, j}));
  if (packed) {
    TFLOWER_TRY(const Value longest, Longest(build, band));
    TFLOWER_TRY(const Value row, build.Emit(tfl::Sub{}, {most, d}));
    TFLOWER_TRY(const Value before, build.Emit(tfl::Mul{}, {row, longest}));
    TFLOWER_TRY(const Value shift, Shift(build, band, d, longest));
    TFLOWER_TRY(const Value within, build.Emit(tfl::Add{}, {place, shift}));
    TFLOWER_TRY(place, build.Emit(tfl::Add{}, {before, within}));
  }
  TFLOWER_TRY(const Value picks, Safe(build, held, place));
  TFLOWER_TRY(const Value flat, Flat(build, diagonals, packed ? 2 : 1));
  TFLOWER_TRY(const Value elements, build.Emit(tfl::Gather{.axis = flat.rank() - 1}, {flat, picks}));
  return build.Emit(tfl::SelectV2{}, {held, elements, others});
}

// given, or `otherwise` where it says -1.
Result<Value> OrElse(Builder& build, const Value& given, const Value& otherwise) {
  TFLOWER_TRY(const Value none, build.Scalar<int32_t>(-1));
  TFLOWER_TRY(const Value open, build.Emit(tfl::Equal{}, {given, none}));
  return build.Emit(tfl::SelectV2{}, {open, otherwise, given});
}

// Rows and columns that are not given follow from the longest diagonal.
Status ReadSize(const Node& node, Builder& build, Band& band) {
  const int64_t scalar[] = {1};
  TFLOWER_TRY(const Value shape, ShapeOf(build, node.Input(0)));
  TFLOWER_TRY(const Value longest, ElementOf(build, shape, node.Input(0).rank() - 1));
  TFLOWER_TRY(const Value rows, ReshapeTo(build, node.Input(2), std::span<const int64_t>(scalar, 0)));
  TFLOWER_TRY(const Value columns, ReshapeTo(build, node.Input(3), std::span<const int64_t>(scalar, 0)));
  TFLOWER_TRY(const Value least_rows, With<tfl::Sub>(build, longest, std::min(band.last, 0)));
  TFLOWER_TRY(const Value least_columns, With<tfl::Add>(build, longest, std::max(band.first, 0)));
  TFLOWER_TRY(const Value square, build.Emit(tfl::Maximum{}, {least_rows, least_columns}));
  // With the other one given, the least that holds the diagonals; with none, a square.
  TFLOWER_TRY(const Value none, build.Scalar<int32_t>(-1));
  TFLOWER_TRY(const Value no_columns, build.Emit(tfl::Equal{}, {columns, none}));
  TFLOWER_TRY(const Value no_rows, build.Emit(tfl::Equal{}, {rows, none}));
  TFLOWER_TRY(const Value else_rows, build.Emit(tfl::SelectV2{}, {no_columns, square, least_rows}));
  TFLOWER_TRY(const Value else_columns, build.Emit(tfl::SelectV2{}, {no_rows, square, least_columns}));
  TFLOWER_TRY(band.rows, OrElse(build, rows, else_rows));
  TFLOWER_TRY(band.columns, OrElse(build, columns, else_columns));
  return Ok();
}

// The size given, where it is known, is one that the longest diagonal reaches the edges of.
Status CheckSize(Builder& build, const Band& band, int64_t longest) {
  const Result<Elements> rows = build.ReadElements(band.rows), columns = build.ReadElements(band.columns);
  if (longest < 0 || !rows.ok() || !columns.ok() || !rows.value().all_known() || !columns.value().all_known()) return Ok();
  const int64_t least_rows = longest - std::min(band.last, 0), least_columns = longest + std::max(band.first, 0);
  const int64_t r = rows.value().values[0], c = columns.value().values[0];
  if (r >= least_rows && c >= least_columns && (r == least_rows || c == least_columns)) return Ok();
  return Error(Code::kInvalidGraph, "the number of rows or columns does not fit the diagonals' length").What("input 2");
}

bool IsZero(Builder& build, const Value& v) {
  if (!v.is_constant()) return false;
  const Result<std::span<const std::byte>> bytes = build.Data(v);
  return bytes.ok() && std::all_of(bytes.value().begin(), bytes.value().end(), [](std::byte b) { return b == std::byte{0}; });
}

Status LowerMatrixDiag(const Node& node, Builder& build) {
  const Value x = node.Input(0), padding = node.Input(4);
  TFLOWER_TRY(Band band, ReadBand(node, build, node.Input(1), "input 1"));
  const bool main_only = band.first == 0 && band.last == 0 && HoldsOnly(build, node.Input(2), -1) && HoldsOnly(build, node.Input(3), -1);
  if (main_only && IsZero(build, padding)) return build.Bind(0, build.Emit(tfl::MatrixDiag{}, {x}));
  const bool packed = band.diagonals() > 1;
  if (packed && (x.rank() < 2 || (x.dim(-2) >= 0 && x.dim(-2) != band.diagonals())))
    return Error(Code::kInvalidGraph, "must hold " + std::to_string(band.diagonals()) + " diagonals").What("input 0");
  TFLOWER_CHECK(ReadSize(node, build, band));
  TFLOWER_CHECK(CheckSize(build, band, x.dim(-1)));
  return build.Bind(0, Spread(build, band, x, packed, padding));
}

Status LowerMatrixSetDiag(const Node& node, Builder& build) {
  const Value x = node.Input(0), diagonal = node.Input(1);
  TFLOWER_TRY(Band band, ReadBand(node, build, node.Input(2), "input 2"));
  const bool packed = diagonal.rank() == x.rank();
  if (band.first == 0 && band.last == 0 && !packed) return build.Bind(0, build.Emit(tfl::MatrixSetDiag{}, {x, diagonal}));
  TFLOWER_CHECK(CheckBand(band, x, "input 2"));
  TFLOWER_CHECK(ReadSizeOf(build, x, band));
  return build.Bind(0, Spread(build, band, diagonal, packed, x));
}

// ---- diagonals of matrices

// In the flattened matrix, neighbours on a diagonal stand columns + 1 apart.
Result<Value> OneDiagonal(Builder& build, const Value& x, int64_t k) {
  const int64_t rows = x.dim(-2), columns = x.dim(-1), size = rows * columns;
  const int64_t length = std::min(rows + std::min<int64_t>(k, 0), columns - std::max<int64_t>(k, 0));
  TFLOWER_TRY(const Value matrix, Flat(build, x, 2));
  const size_t last = static_cast<size_t>(matrix.rank()) - 1;
  std::vector<int64_t> begin(last + 1, 0), end(last + 1, 0), strides(last + 1, 1);
  begin[last] = k >= 0 ? k : -k * columns;
  end[last] = std::min(size, begin[last] + (length - 1) * (columns + 1) + 1);
  strides[last] = columns + 1;
  const int32_t whole = static_cast<int32_t>((1u << last) - 1);
  TFLOWER_TRY(const Value b, build.Vector(std::span<const int64_t>(begin)));
  TFLOWER_TRY(const Value e, build.Vector(std::span<const int64_t>(end)));
  TFLOWER_TRY(const Value s, build.Vector(std::span<const int64_t>(strides)));
  return build.Emit(tfl::StridedSlice{.begin_mask = whole, .end_mask = whole}, {matrix, b, e, s});
}

// Element m of diagonal d stands in row m - min(d, 0) and column m + max(d, 0). One diagonal is a vector, several are [diagonals, longest].
Result<Value> PickDiagonals(Builder& build, const Value& x, const Band& band, const Value& padding) {
  std::vector<int32_t> numbers;
  for (int32_t d = band.last; d >= band.first; --d) numbers.push_back(d);
  const bool several = numbers.size() > 1;
  const int64_t dims[] = {band.diagonals(), 1};
  TFLOWER_TRY(const Value d, build.Constant<int32_t>(std::span<const int64_t>(dims, several ? 2 : 0), numbers));
  TFLOWER_TRY(const Value longest, Longest(build, band));
  TFLOWER_TRY(const Value shift, Shift(build, band, d, longest));
  TFLOWER_TRY(const Value places, Count(build, longest));
  TFLOWER_TRY(const Value m, build.Emit(tfl::Sub{}, {places, shift}));
  TFLOWER_TRY(const Value below, With<tfl::Minimum>(build, d, 0));
  TFLOWER_TRY(const Value above, With<tfl::Maximum>(build, d, 0));
  TFLOWER_TRY(const Value i, build.Emit(tfl::Sub{}, {m, below}));
  TFLOWER_TRY(const Value j, build.Emit(tfl::Add{}, {m, above}));
  TFLOWER_TRY(const Value row_at, build.Emit(tfl::Mul{}, {i, band.columns}));
  TFLOWER_TRY(Value picks, build.Emit(tfl::Add{}, {row_at, j}));
  TFLOWER_TRY(const Value flat, Flat(build, x, 2));
  const tfl::Gather gather{.axis = flat.rank() - 1};
  if (!several) return build.Emit(gather, {flat, picks});
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value length, Length(build, band, d));
  TFLOWER_TRY(const Value from, build.Emit(tfl::GreaterEqual{}, {m, zero}));
  TFLOWER_TRY(const Value to, build.Emit(tfl::Less{}, {m, length}));
  TFLOWER_TRY(const Value real, build.Emit(tfl::LogicalAnd{}, {from, to}));
  TFLOWER_TRY(picks, Safe(build, real, picks));
  TFLOWER_TRY(const Value elements, build.Emit(gather, {flat, picks}));
  return build.Emit(tfl::SelectV2{}, {real, elements, padding});
}

Status LowerMatrixDiagPart(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  Band band;
  if (node.num_inputs() > 1) {
    TFLOWER_TRY(band, ReadBand(node, build, node.Input(1), "input 1"));
  }
  TFLOWER_CHECK(CheckBand(band, x, "input 1"));
  if (band.diagonals() == 1 && x.dim(-2) >= 0 && x.dim(-1) >= 0) return build.Bind(0, OneDiagonal(build, x, band.first));
  TFLOWER_CHECK(ReadSizeOf(build, x, band));
  return build.Bind(0, PickDiagonals(build, x, band, node.num_inputs() > 2 ? node.Input(2) : Value()));
}

constexpr Operand kVectors = Ranked(1, TFLOWER_MAX_RANK);
constexpr Operand kMatrices = Ranked(2, TFLOWER_MAX_RANK);
constexpr Operand kOne = Of(kI32, 0, 1);
constexpr Operand kScalar = Ranked(0, 0);
constexpr const char* kDiagEmits =
    "ADD CONCATENATION EQUAL GATHER GREATER_EQUAL LESS_EQUAL LOGICAL_AND MATRIX_DIAG MAXIMUM MINIMUM MUL RANGE RESHAPE SELECT_V2 SHAPE SLICE SUB";
constexpr const char* kSetEmits =
    "ADD CONCATENATION GATHER GREATER_EQUAL LESS_EQUAL LOGICAL_AND MATRIX_SET_DIAG MAXIMUM MINIMUM MUL RANGE RESHAPE SELECT_V2 SHAPE SLICE SUB";
constexpr const char* kPartEmits =
    "ADD CONCATENATION GATHER GREATER_EQUAL LESS LESS_EQUAL LOGICAL_AND MAXIMUM MINIMUM MUL RANGE RESHAPE SELECT_V2 SHAPE SLICE STRIDED_SLICE SUB";

constexpr OpDef kOps[] = {
    {"Diag", {Ranked(1, 1)}, kT, Rename<tfl::MatrixDiag>, "MATRIX_DIAG"},
    {"DiagPart", {Ranked(2, 2)}, kT, LowerMatrixDiagPart, kPartEmits},
    {"MatrixDiag", {kVectors}, kT, Rename<tfl::MatrixDiag>, "MATRIX_DIAG"},
    {"MatrixDiagV2", {kVectors, kOne, kOne, kOne, kScalar}, kT, LowerMatrixDiag, kDiagEmits},
    {"MatrixDiagV3", {kVectors, kOne, kOne, kOne, kScalar}, kV3Attrs, LowerMatrixDiag, kDiagEmits},
    {"MatrixSetDiag", {kMatrices, kVectors}, kT, Rename<tfl::MatrixSetDiag>, "MATRIX_SET_DIAG"},
    {"MatrixSetDiagV2", {kMatrices, kVectors, kOne}, kT, LowerMatrixSetDiag, kSetEmits},
    {"MatrixSetDiagV3", {kMatrices, kVectors, kOne}, kV3Attrs, LowerMatrixSetDiag, kSetEmits},
    {"MatrixDiagPart", {kMatrices}, kT, LowerMatrixDiagPart, kPartEmits},
    {"MatrixDiagPartV2", {kMatrices, kOne, kScalar}, kT, LowerMatrixDiagPart, kPartEmits},
    {"MatrixDiagPartV3", {kMatrices, kOne, kScalar}, kV3Attrs, LowerMatrixDiagPart, kPartEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(diagonals, kOps);
}  // namespace tflower::tf_ops
