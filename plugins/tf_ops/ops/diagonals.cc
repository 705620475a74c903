// Diagonals of the innermost matrices. The main one: (Matrix)Diag, MatrixSetDiag -> the operators of the same name. Any one as a vector:
// (Matrix)DiagPart -> RESHAPE and STRIDED_SLICE. Any others, and bands of several: each element of the result has one place in the flattened
// operands, so a GATHER with constant indices.  Source: tf.linalg.diag, tf.linalg.set_diag, tf.linalg.diag_part.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr AttrDef kV3Attrs[] = {Type("T"), String("align", OneOf("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"), "RIGHT_LEFT")};

// Indices of a GATHER are constants in the file.
constexpr int64_t kMaxElements = 1 << 20;

// Diagonals first to last of matrices [rows, columns]; 0 is the main one, those above it are positive.
struct Band {
  int64_t first = 0, last = 0;
  int64_t rows = 0, columns = 0;
  bool right_above = false, right_below = false;  // on which side of their row the shorter diagonals stand

  int64_t diagonals() const { return last - first + 1; }
  int64_t Length(int64_t d) const { return std::min(rows + std::min<int64_t>(d, 0), columns - std::max<int64_t>(d, 0)); }
  int64_t longest() const { return std::min(rows + std::min<int64_t>(last, 0), columns - std::max<int64_t>(first, 0)); }
  bool Holds(int64_t i, int64_t j) const { return j - i >= first && j - i <= last; }
  // Where element (i, j) stands among the packed diagonals [diagonals, longest].
  int64_t Packed(int64_t i, int64_t j) const {
    const int64_t d = j - i, shift = (d >= 0 && right_above) || (d <= 0 && right_below) ? longest() - Length(d) : 0;
    return (last - d) * longest() + std::min(i, j) + shift;
  }
};

// k is a scalar, or the first and last of a range.
Result<Band> ReadBand(const Node& node, Builder& build, const Value& k, std::string_view what) {
  TFLOWER_TRY(const std::vector<int64_t> range, build.Ints(k, what));
  if (range.empty() || range.size() > 2) return Error(Code::kInvalidGraph, "must have one or two elements").What(what);
  if (range.front() > range.back()) return Error(Code::kInvalidGraph, "the first diagonal must not be above the last").What(what);
  Band band{.first = range.front(), .last = range.back()};
  if (node.op().ends_with("V3")) {
    const std::string_view align = node.String("align");
    band.right_above = align.starts_with("RIGHT");
    band.right_below = align.ends_with("RIGHT");
  }
  return band;
}

Status CheckBand(const Band& b, std::string_view what) {
  if (b.rows > kMaxElements || b.columns > kMaxElements || b.rows * b.columns > kMaxElements)
    return Error(Code::kUnsupportedShape, "matrices of more than " + std::to_string(kMaxElements) + " elements").What("input 0");
  if (b.first > -b.rows && b.last < b.columns) return Ok();
  if (b.rows > 0 && b.columns > 0) return Error(Code::kInvalidGraph, "there is no such diagonal").What(what);
  return Error(Code::kUnsupportedShape, "empty matrices have no diagonals").What("input 0");
}

Status CheckMatrices(const Value& x) {
  if (x.dim(-2) >= 0 && x.dim(-1) >= 0) return Ok();
  return Error(Code::kUnsupportedShape, "the size of the matrices must be known").What("input 0").Hint("give the shape with --input-shape");
}

// x with its last `count` dimensions in the place of `inner`.
Result<Value> WithInner(Builder& build, const Value& x, int count, std::initializer_list<int64_t> inner) {
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end() - count);
  if (std::count_if(dims.begin(), dims.end(), [](int64_t d) { return d < 0; }) > 1)
    return Error(Code::kUnsupportedShape, "only one dimension before the matrices may be unknown").What("input 0").Hint("give the shape with --input-shape");
  dims.insert(dims.end(), inner);
  return ReshapeTo(build, x, dims);
}

// x [..., n] with one more element at its end.
Result<Value> WithExtra(Builder& build, const Value& x, const Value& extra) {
  std::vector<int32_t> paddings(2 * static_cast<size_t>(x.rank()), 0);
  paddings.back() = 1;
  const int64_t dims[] = {x.rank(), 2};
  TFLOWER_TRY(const Value operand, build.Constant<int32_t>(dims, paddings));
  return build.Emit(tfl::PadV2{}, {x, operand, extra});
}

Result<Value> Pick(Builder& build, const Value& x, const std::vector<int32_t>& places) {
  TFLOWER_TRY(const Value indices, build.Vector(std::span<const int32_t>(places)));
  return build.Emit(tfl::Gather{.axis = x.rank() - 1}, {x, indices});
}

// ---- matrices of diagonals

// Rows and columns that are not given follow from the longest diagonal.
Status ReadSize(const Node& node, Builder& build, Band& band) {
  TFLOWER_TRY(const int64_t rows, build.Int(node.Input(2), "input 2"));
  TFLOWER_TRY(const int64_t columns, build.Int(node.Input(3), "input 3"));
  const int64_t longest = node.Input(0).dim(-1);
  if (longest < 0) return Error(Code::kUnsupportedShape, "the length of the diagonals must be known").What("input 0").Hint("give the shape with --input-shape");
  if (std::abs(band.first) > kMaxElements || std::abs(band.last) > kMaxElements) return Error(Code::kInvalidGraph, "there is no such diagonal").What("input 1");
  const int64_t least_rows = longest - std::min<int64_t>(band.last, 0), least_columns = longest + std::max<int64_t>(band.first, 0);
  const int64_t square = std::max(least_rows, least_columns);
  band.rows = rows != -1 ? rows : columns == -1 ? square : least_rows;
  band.columns = columns != -1 ? columns : rows == -1 ? square : least_columns;
  if (band.rows < least_rows || band.columns < least_columns || (band.rows != least_rows && band.columns != least_columns))
    return Error(Code::kInvalidGraph, "the number of rows or columns does not fit the diagonals' length").What("input 2");
  return CheckBand(band, "input 1");
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
  TFLOWER_CHECK(ReadSize(node, build, band));
  const bool packed = band.diagonals() > 1;
  if (packed && (x.rank() < 2 || x.dim(-2) != band.diagonals()))
    return Error(Code::kInvalidGraph, "must hold " + std::to_string(band.diagonals()) + " diagonals").What("input 0");
  const int64_t n = band.diagonals() * band.longest();
  TFLOWER_TRY(const Value flat, packed ? WithInner(build, x, 2, {n}) : Result<Value>(x));
  TFLOWER_TRY(const Value all, WithExtra(build, flat, padding));
  std::vector<int32_t> places;
  for (int64_t i = 0; i < band.rows; ++i)
    for (int64_t j = 0; j < band.columns; ++j) places.push_back(static_cast<int32_t>(band.Holds(i, j) ? band.Packed(i, j) : n));
  TFLOWER_TRY(const Value y, Pick(build, all, places));
  return build.Bind(0, WithInner(build, y, 1, {band.rows, band.columns}));
}

// ---- matrices with diagonals replaced

Status LowerMatrixSetDiag(const Node& node, Builder& build) {
  const Value x = node.Input(0), diagonal = node.Input(1);
  TFLOWER_TRY(Band band, ReadBand(node, build, node.Input(2), "input 2"));
  if (band.first == 0 && band.last == 0 && diagonal.rank() == x.rank() - 1) return build.Bind(0, build.Emit(tfl::MatrixSetDiag{}, {x, diagonal}));
  TFLOWER_CHECK(CheckMatrices(x));
  band.rows = x.dim(-2), band.columns = x.dim(-1);
  TFLOWER_CHECK(CheckBand(band, "input 2"));
  const int64_t n = band.diagonals() * band.longest(), size = band.rows * band.columns;
  TFLOWER_TRY(const Value matrix, WithInner(build, x, 2, {size}));
  TFLOWER_TRY(const Value packed, WithInner(build, diagonal, diagonal.rank() == x.rank() ? 2 : 1, {n}));
  TFLOWER_TRY(const Value all, build.Emit(tfl::Concatenation{.axis = matrix.rank() - 1}, {matrix, packed}));
  std::vector<int32_t> places;
  for (int64_t i = 0; i < band.rows; ++i)
    for (int64_t j = 0; j < band.columns; ++j)
      places.push_back(static_cast<int32_t>(band.Holds(i, j) ? size + band.Packed(i, j) : i * band.columns + j));
  TFLOWER_TRY(const Value y, Pick(build, all, places));
  return build.Bind(0, WithInner(build, y, 1, {band.rows, band.columns}));
}

// ---- diagonals of matrices

// In the flattened matrix, neighbours on a diagonal stand columns + 1 apart.
Result<Value> OneDiagonal(Builder& build, const Value& x, const Band& band) {
  const int64_t k = band.first, size = band.rows * band.columns;
  TFLOWER_TRY(const Value matrix, WithInner(build, x, 2, {size}));
  const size_t last = static_cast<size_t>(matrix.rank()) - 1;
  std::vector<int64_t> begin(last + 1, 0), end(last + 1, 0), strides(last + 1, 1);
  begin[last] = k >= 0 ? k : -k * band.columns;
  end[last] = std::min(size, begin[last] + (band.longest() - 1) * (band.columns + 1) + 1);
  strides[last] = band.columns + 1;
  const int32_t whole = static_cast<int32_t>((1u << last) - 1);
  TFLOWER_TRY(const Value b, build.Vector(std::span<const int64_t>(begin)));
  TFLOWER_TRY(const Value e, build.Vector(std::span<const int64_t>(end)));
  TFLOWER_TRY(const Value s, build.Vector(std::span<const int64_t>(strides)));
  return build.Emit(tfl::StridedSlice{.begin_mask = whole, .end_mask = whole}, {matrix, b, e, s});
}

Result<Value> PackedDiagonals(Builder& build, const Value& x, const Band& band, const Value& padding) {
  const int64_t size = band.rows * band.columns;
  TFLOWER_TRY(const Value matrix, WithInner(build, x, 2, {size}));
  TFLOWER_TRY(const Value all, WithExtra(build, matrix, padding));
  std::vector<int32_t> places(static_cast<size_t>(band.diagonals() * band.longest()), static_cast<int32_t>(size));
  for (int64_t i = 0; i < band.rows; ++i)
    for (int64_t j = 0; j < band.columns; ++j)
      if (band.Holds(i, j)) places[static_cast<size_t>(band.Packed(i, j))] = static_cast<int32_t>(i * band.columns + j);
  TFLOWER_TRY(const Value y, Pick(build, all, places));
  return WithInner(build, y, 1, {band.diagonals(), band.longest()});
}

Status LowerMatrixDiagPart(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  Band band;
  if (node.num_inputs() > 1) {
    TFLOWER_TRY(band, ReadBand(node, build, node.Input(1), "input 1"));
  }
  TFLOWER_CHECK(CheckMatrices(x));
  band.rows = x.dim(-2), band.columns = x.dim(-1);
  TFLOWER_CHECK(CheckBand(band, "input 1"));
  return build.Bind(0, band.diagonals() == 1 ? OneDiagonal(build, x, band) : PackedDiagonals(build, x, band, node.Input(2)));
}

constexpr Operand kVectors = Ranked(1, TFLOWER_MAX_RANK);
constexpr Operand kMatrices = Ranked(2, TFLOWER_MAX_RANK);
constexpr Operand kOne = Of(kI32, 0, 1);
constexpr Operand kScalar = Ranked(0, 0);
constexpr const char* kDiagEmits = "GATHER MATRIX_DIAG PADV2 RESHAPE";
constexpr const char* kSetEmits = "CONCATENATION GATHER MATRIX_SET_DIAG RESHAPE";
constexpr const char* kPartEmits = "GATHER PADV2 RESHAPE STRIDED_SLICE";

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
