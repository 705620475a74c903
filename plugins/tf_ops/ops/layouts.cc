// Small ops on shapes and orders of data: DataFormatVecPermute, DataFormatDimMap (which TF's layout optimiser makes), ConcatOffset,
// ParallelConcat, TridiagonalMatMul; and rows of a tensor written anew: InplaceUpdate, -Add, -Sub;
// XlaDynamicSlice, XlaDynamicUpdateSlice.
#include "elementwise.h"
#include "index.h"
#include "scatter.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kFormatAttrs[] = {Type("T", DType::kInt32), String("src_format", kAnyValue, "NHWC"), String("dst_format", kAnyValue, "NCHW")};
constexpr AttrDef kOffsetAttrs[] = {Int("N"), Type("shape_type", DType::kInt32)};
constexpr AttrDef kParallelAttrs[] = {Int("N"), Type("T"), NoEffect("shape")};
constexpr AttrDef kXlaAttrs[] = {Type("T"), Type("Tindices", DType::kInt32)};
constexpr AttrDef kT[] = {Type("T")};

// Where each letter of `to` stands in `from`.
Result<std::vector<int32_t>> Permutation(std::string_view from, std::string_view to) {
  if (from.size() > TFLOWER_MAX_RANK) return Error(Code::kInvalidGraph, "has more than " + std::to_string(TFLOWER_MAX_RANK) + " dimensions").What("src_format");
  std::vector<int32_t> places;
  for (const char c : to) {
    const size_t at = from.find(c);
    if (at == std::string_view::npos || from.size() != to.size() || to.find(c) != to.rfind(c))
      return Error(Code::kInvalidGraph, "'" + std::string(to) + "' is no other order of '" + std::string(from) + "'").What("dst_format");
    places.push_back(static_cast<int32_t>(at));
  }
  return places;
}

// One entry (or a pair of them) for each dimension, or for the two in the middle, height and width.
Status LowerPermute(const Node& node, Builder& build) {
  std::string from(node.String("src_format")), to(node.String("dst_format"));
  const Value x = node.Input(0);
  if (x.dim(0) != static_cast<int64_t>(from.size())) {
    const auto spatial = [](std::string& s) { std::erase_if(s, [](char c) { return c == 'N' || c == 'C'; }); };
    spatial(from);
    spatial(to);
  }
  if (x.dim(0) != static_cast<int64_t>(from.size())) return Error(Code::kUnsupportedShape, "must have an entry for each dimension, or each but N and C").What("input 0");
  TFLOWER_TRY(const std::vector<int32_t> places, Permutation(from, to));
  TFLOWER_TRY(const Value order, build.Vector(std::span<const int32_t>(places)));
  return build.Bind(0, build.Emit(tfl::Gather{}, {x, order}));
}

// Numbers of dimensions in one format, as numbers in another. Negative ones count from the end.
Status LowerDimMap(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int32_t> places, Permutation(node.String("dst_format"), node.String("src_format")));
  TFLOWER_TRY(const Value map, build.Vector(std::span<const int32_t>(places)));
  TFLOWER_TRY(const Value x, AsInt32(build, node.Input(0)));
  const Expr numbers(build, x);
  const Expr positive = Where(numbers < 0, numbers + static_cast<double>(places.size()), numbers);
  TFLOWER_TRY(const Value y, Emit(tfl::Gather{}, {Expr(build, map), positive}).result());
  return build.Bind(0, CastTo(build, y, node.Input(0).dtype()));
}

// Where each of the tensors that are concatenated begins. Inputs: the dimension, the shapes.
Status LowerConcatOffset(const Node& node, Builder& build) {
  if (node.num_inputs() < 2) return Error(Code::kInvalidGraph, "there is nothing to concatenate");
  const Expr dim(build, node.Input(0));
  const Value first = node.Input(1);
  if (first.dim(0) < 1) return Error(Code::kUnsupportedShape, "the number of dimensions must be known, at least 1").What("input 1");
  TFLOWER_TRY(const Value numbers, CountAlong(build, first, 0));
  const Expr along = Expr(build, numbers) == Where(dim < 0, dim + static_cast<double>(first.dim(0)), dim);
  const Expr unit = Cast(along, first.dtype());
  Expr offset = Expr(build, first) * 0;
  for (int i = 1; i < node.num_inputs(); ++i) {
    TFLOWER_CHECK(build.Bind(i - 1, offset.result()));
    offset = offset + Expr(build, node.Input(i)) * unit;
  }
  return Ok();
}

Status LowerParallelConcat(const Node& node, Builder& build) {
  if (node.num_inputs() < 1) return Error(Code::kInvalidGraph, "there is nothing to concatenate");
  if (node.num_inputs() == 1) return build.Bind(0, node.Input(0));
  return build.Bind(0, build.Emit(tfl::Concatenation{.axis = 0}, node.Inputs()));
}

// ---- slices as XLA has them, whose start is moved so that they fit

// Inputs: x, update, start.
Status LowerDynamicUpdate(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value start, AsInt32(build, node.Input(2)));
  return build.Bind(0, build.Emit(tfl::DynamicUpdateSlice{}, {node.Input(0), node.Input(1), start}));
}

// Inputs: x, start, size.
Status LowerDynamicSlice(const Node& node, Builder& build) {
  const Expr start(build, AsInt32(build, node.Input(1))), size(build, AsInt32(build, node.Input(2)));
  const Expr room = Expr(build, ShapeOf(build, node.Input(0))) - size;
  return build.Bind(0, Emit(tfl::Slice{}, {Expr(build, node.Input(0)), Max(Min(start, room), 0.0), size}).result());
}

// ---- rows

// Inputs: x, numbers of rows, rows.
template <Scattering how>
Status LowerInplace(const Node& node, Builder& build) {
  const int32_t last[] = {node.Input(1).rank()};
  TFLOWER_TRY(const Value indices, InsertDims(build, node.Input(1), last));
  return build.Bind(0, ScatterInto(build, how, node.Input(0), indices, node.Input(2)));
}

// ---- a matrix with three diagonals

// Rows of x [..., rows, columns] moved down by one (up: back by one), zeros behind.
Expr Moved(Builder& build, const Value& x, bool up) {
  const int rank = x.rank();
  std::vector<int32_t> pads(static_cast<size_t>(rank) * 2, 0), begin(static_cast<size_t>(rank), 0);
  pads[static_cast<size_t>(rank - 2) * 2 + (up ? 1 : 0)] = 1;
  begin[static_cast<size_t>(rank - 2)] = up ? 1 : 0;
  const Expr padding(build, build.Constant<int32_t>(std::array<int64_t, 2>{rank, 2}, pads));
  const Expr from(build, build.Vector(std::span<const int32_t>(begin)));
  return Emit(tfl::Slice{}, {Emit(tfl::Pad{}, {Expr(build, x), padding}), from, Expr(build, ShapeOf(build, x))});
}

// Inputs: the diagonals [..., 1, rows], upper, main, lower; the right-hand side [..., rows, columns].
Status LowerTridiagonal(const Node& node, Builder& build) {
  TFLOWER_TRY(const Working working, Working::Of(build, node.Type("T"), kF32));
  TFLOWER_TRY(const Value x, working.Enter(build, node.Input(3)));
  std::vector<Expr> diagonals;
  for (int i = 0; i < 3; ++i) {
    TFLOWER_TRY(const Value row, working.Enter(build, node.Input(i)));
    std::vector<int32_t> order(static_cast<size_t>(row.rank()));
    for (size_t k = 0; k < order.size(); ++k) order[k] = static_cast<int32_t>(k);
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    diagonals.push_back(Emit(tfl::Transpose{}, {Expr(build, row), Expr(build, build.Vector(std::span<const int32_t>(order)))}));
  }
  const Expr sum = diagonals[0] * Moved(build, x, true) + diagonals[1] * Expr(build, x) + diagonals[2] * Moved(build, x, false);
  TFLOWER_TRY(const Value y, sum.result());
  return build.Bind(0, working.Leave(build, y));
}

constexpr Operand kDiagonal = Of(kFloats, 2, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"DataFormatVecPermute", {Index(1, 2)}, kFormatAttrs, LowerPermute, "GATHER"},
    {"DataFormatDimMap", {Index()}, kFormatAttrs, LowerDimMap, "ADD CAST GATHER LESS SELECT SELECT_V2"},
    {"ConcatOffset", {Of(kI32, 0, 0), Variadic(Index(1, 1))}, kOffsetAttrs, LowerConcatOffset, "ADD CAST EQUAL LESS MUL RANGE SELECT SELECT_V2 SHAPE"},
    {"ParallelConcat", {Variadic()}, kParallelAttrs, LowerParallelConcat, "CONCATENATION"},
    {"InplaceUpdate", {Any(), Of(kI32, 1, 1), Any()}, kT, LowerInplace<Scattering::kUpdate>, kScatterEmits},
    {"InplaceAdd", {Any(), Of(kI32, 1, 1), Any()}, kT, LowerInplace<Scattering::kAdd>, kScatterEmits},
    {"InplaceSub", {Any(), Of(kI32, 1, 1), Any()}, kT, LowerInplace<Scattering::kSub>, kScatterEmits},
    {"XlaDynamicUpdateSlice", {Any(), Any(), Index(1, 1)}, kXlaAttrs, LowerDynamicUpdate, "CAST DYNAMIC_UPDATE_SLICE"},
    {"XlaDynamicSlice", {Any(), Index(1, 1), Index(1, 1)}, kXlaAttrs, LowerDynamicSlice, "CAST MAXIMUM MINIMUM SHAPE SLICE SUB"},
    {"TridiagonalMatMul", {kDiagonal, kDiagonal, kDiagonal, kDiagonal}, kT, LowerTridiagonal, "ADD CAST MUL PAD SHAPE SLICE TRANSPOSE"},
};
}  // namespace
TFLOWER_OP_FAMILY(layouts, kOps);
}  // namespace tflower::tf_ops
