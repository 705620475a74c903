// ScatterNd -> SCATTER_ND; TensorScatterAdd, -Sub, -Update as a SCATTER_ND into zeros that is added, subtracted or selected; TensorScatterMax
// and -Min as an update by the larger or smaller of what is there and what comes; SparseToDense -> SPARSE_TO_DENSE.
// Update selects, so that a NaN in an overwritten element goes away, and of updates of one element the last counts, as in TF on CPU.
#include "scatter.h"

#include <limits>
#include <map>

#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kScatterAttrs[] = {Type("T"), Type("Tindices"), String("bad_indices_policy", OneOf("", "DEFAULT", "ERROR"), "")};

// Above this, the pairwise comparison that finds overwritten updates at run time costs too much.
constexpr int64_t kMaxComputedUpdates = 1024;

// indices [..., K], each row the first K coordinates of an element or slice of x; updates [..., what is left of x].
struct Scatter {
  Value x, indices, updates;
  int depth = 0;            // K
  std::vector<int64_t> inner;  // shape of one update
};

Result<Scatter> ReadScatter(Builder& build, const Value& x, const Value& indices, const Value& updates) {
  Scatter s{x, {}, updates, 0, {}};
  TFLOWER_TRY(s.indices, AsInt32(build, indices));
  const int64_t depth = s.indices.dim(-1);
  if (depth < 1 || depth > s.x.rank())
    return Error(Code::kInvalidGraph, "its last dimension must be known, at least 1 and at most the rank of input 0").What("input 1");
  s.depth = static_cast<int>(depth);
  if (s.updates.rank() != s.indices.rank() - 1 + s.x.rank() - s.depth)
    return Error(Code::kInvalidGraph, "its rank does not fit inputs 0 and 1").What("input 2");
  s.inner.assign(s.x.dims().begin() + s.depth, s.x.dims().end());
  return s;
}

// Updates as [n, ...] and indices as [n, K].
Status Flatten(Builder& build, Scatter& s, int64_t n) {
  const int64_t index_dims[] = {n, s.depth};
  std::vector<int64_t> update_dims{n};
  update_dims.insert(update_dims.end(), s.inner.begin(), s.inner.end());
  TFLOWER_TRY(s.indices, ReshapeTo(build, s.indices, index_dims));
  TFLOWER_TRY(s.updates, ReshapeTo(build, s.updates, update_dims));
  return Ok();
}

// Indices known: drops the updates that a later one overwrites.
Status KeepLast(Builder& build, Scatter& s) {
  TFLOWER_TRY(const std::span<const int32_t> rows, build.DataAs<int32_t>(s.indices));
  const size_t depth = static_cast<size_t>(s.depth), n = depth == 0 ? 0 : rows.size() / depth;
  std::map<std::vector<int32_t>, int32_t> last;
  for (size_t i = 0; i < n; ++i) {
    const std::span<const int32_t> row = rows.subspan(i * depth, depth);
    last[{row.begin(), row.end()}] = static_cast<int32_t>(i);
  }
  if (last.size() == n) return Ok();
  std::vector<int32_t> kept, kept_rows;
  for (const auto& [row, i] : last) {
    kept.push_back(i);
    kept_rows.insert(kept_rows.end(), row.begin(), row.end());
  }
  TFLOWER_CHECK(Flatten(build, s, static_cast<int64_t>(n)));
  const int64_t dims[] = {static_cast<int64_t>(kept.size()), s.depth};
  TFLOWER_TRY(s.indices, build.Constant<int32_t>(dims, kept_rows));
  TFLOWER_TRY(const Value picks, build.Vector(std::span<const int32_t>(kept)));
  TFLOWER_TRY(s.updates, build.Emit(tfl::Gather{}, {s.updates, picks}));
  return Ok();
}

// Position of each index row [n, K] in the flattened first K dimensions of x: [n].
Result<Value> Positions(Builder& build, const Scatter& s, int64_t n) {
  std::vector<int32_t> strides(static_cast<size_t>(s.depth), 1);
  for (int i = s.depth - 1; i-- > 0;) {
    const int64_t stride = strides[static_cast<size_t>(i) + 1] * s.x.dim(i + 1);
    if (s.x.dim(i + 1) < 0 || stride > INT32_MAX)
      return Error(Code::kUnsupportedShape, "with indices that are computed at run time, the indexed dimensions must be known").What("input 0")
          .Hint("give the shape with --input-shape");
    strides[static_cast<size_t>(i)] = static_cast<int32_t>(stride);
  }
  if (s.depth == 1) return ReshapeTo(build, s.indices, std::span<const int64_t>(&n, 1));
  TFLOWER_TRY(const Value weights, build.Vector(std::span<const int32_t>(strides)));
  TFLOWER_TRY(const Value terms, build.Emit(tfl::Mul{}, {s.indices, weights}));
  TFLOWER_TRY(const Value axis, build.Vector({1}));
  return build.Emit(tfl::Sum{}, {terms, axis});
}

// Whether updates i and j have the same position: [n, n].
Result<Value> SamePosition(Builder& build, const Value& positions, int64_t n) {
  const int64_t column_dims[] = {n, 1}, row_dims[] = {1, n};
  TFLOWER_TRY(const Value column, ReshapeTo(build, positions, column_dims));
  TFLOWER_TRY(const Value row, ReshapeTo(build, positions, row_dims));
  return build.Emit(tfl::Equal{}, {column, row});
}

// For each of n updates, whether a later one has the same position: [n, 1].
Result<Value> Overwritten(Builder& build, const Value& positions, int64_t n) {
  const int64_t square[] = {n, n};
  std::vector<uint8_t> later(static_cast<size_t>(n * n));
  for (int64_t i = 0; i < n; ++i) for (int64_t j = 0; j < n; ++j) later[static_cast<size_t>(i * n + j)] = j > i;
  TFLOWER_TRY(const Value mask, build.ConstantBytes(DType::kBool, square, later.data(), later.size()));
  TFLOWER_TRY(const Value same, SamePosition(build, positions, n));
  TFLOWER_TRY(const Value both, build.Emit(tfl::LogicalAnd{}, {same, mask}));
  TFLOWER_TRY(const Value axis, build.Vector({1}));
  return build.Emit(tfl::ReduceAny{.keep_dims = true}, {both, axis});
}

// How many updates there are; few enough to be compared with each other.
Result<int64_t> CountUpdates(const Scatter& s) {
  int64_t n = 1;
  for (int i = 0; i + 1 < s.indices.rank(); ++i) {
    if (s.indices.dim(i) < 0 || n > kMaxComputedUpdates) n = kMaxComputedUpdates + 1;
    else n *= s.indices.dim(i);
  }
  if (n > kMaxComputedUpdates)
    return Error(Code::kUnsupportedShape, "indices that are computed at run time must be of a known number of at most " + std::to_string(kMaxComputedUpdates))
        .What("input 1");
  return n;
}

// Indices computed at run time: updates that a later one overwrites become zero, so that the sum of all is the last.
Status ZeroOverwritten(Builder& build, Scatter& s) {
  TFLOWER_TRY(const int64_t n, CountUpdates(s));
  if (n <= 1 || s.depth == 0) return Ok();
  TFLOWER_CHECK(Flatten(build, s, n));
  TFLOWER_TRY(const Value positions, Positions(build, s, n));
  TFLOWER_TRY(Value lost, Overwritten(build, positions, n));
  std::vector<int64_t> dims(1 + s.inner.size(), 1);
  dims[0] = n;
  TFLOWER_TRY(lost, ReshapeTo(build, lost, dims));
  TFLOWER_TRY(const Value zero, build.ScalarOf(s.updates.dtype(), 0));
  TFLOWER_TRY(s.updates, build.Emit(tfl::SelectV2{}, {lost, zero, s.updates}));
  return Ok();
}

// True where an update goes: a bool of x's rank, with ones for the dimensions of one update.
Result<Value> Hit(Builder& build, const Scatter& s, const Value& shape) {
  const std::span<const int64_t> rows = s.indices.dims().first(static_cast<size_t>(s.indices.rank()) - 1);
  if (std::any_of(rows.begin(), rows.end(), [](int64_t d) { return d < 0; }))
    return Error(Code::kUnsupportedShape, "the number of indices must be known").What("input 1");
  int64_t n = 1;
  for (int64_t d : rows) n *= d;
  const std::vector<int32_t> ones(static_cast<size_t>(n), 1);
  TFLOWER_TRY(const Value marks, build.Constant<int32_t>(rows, ones));
  TFLOWER_TRY(const Value begin, build.Vector({0}));
  TFLOWER_TRY(const Value depth, build.Vector({s.depth}));
  TFLOWER_TRY(const Value outer, build.Emit(tfl::Slice{}, {shape, begin, depth}));
  TFLOWER_TRY(const Value counts, build.Emit(tfl::ScatterNd{}, {s.indices, marks, outer}));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value hit, build.Emit(tfl::Greater{}, {counts, zero}));
  std::vector<int32_t> axes;
  for (int i = s.depth; i < s.x.rank(); ++i) axes.push_back(i);
  return InsertDims(build, hit, axes);
}

Result<Value> Overwrite(Builder& build, const Scatter& s) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, s.x));
  TFLOWER_TRY(const Value hit, Hit(build, s, shape));
  TFLOWER_TRY(const Value written, build.Emit(tfl::ScatterNd{}, {s.indices, s.updates, shape}));
  return build.Emit(tfl::SelectV2{}, {hit, written, s.x});
}

Result<Value> Update(Builder& build, Scatter s) {
  if (s.indices.is_constant()) TFLOWER_CHECK(KeepLast(build, s));
  else TFLOWER_CHECK(ZeroOverwritten(build, s));
  return Overwrite(build, s);
}

// What the updates of one element come to is put in the place of each of them, so that it does not matter which one counts.
template <class TflReduce>
Status Join(Builder& build, Scatter& s, double neutral) {
  TFLOWER_TRY(const int64_t n, CountUpdates(s));
  if (n <= 1 || s.depth == 0) return Ok();
  TFLOWER_CHECK(Flatten(build, s, n));
  TFLOWER_TRY(const Value positions, Positions(build, s, n));
  TFLOWER_TRY(Value same, SamePosition(build, positions, n));
  std::vector<int64_t> mask_dims(2 + s.inner.size(), 1), row_dims{1, n};
  mask_dims[0] = mask_dims[1] = n;
  row_dims.insert(row_dims.end(), s.inner.begin(), s.inner.end());
  TFLOWER_TRY(same, ReshapeTo(build, same, mask_dims));
  TFLOWER_TRY(const Value row, ReshapeTo(build, s.updates, row_dims));
  TFLOWER_TRY(const Value none, build.ScalarOf(row.dtype(), neutral));
  TFLOWER_TRY(const Value candidates, build.Emit(tfl::SelectV2{}, {same, row, none}));
  TFLOWER_TRY(const Value axis, build.Vector({1}));
  TFLOWER_TRY(s.updates, build.Emit(TflReduce{.keep_dims = false}, {candidates, axis}));
  return Ok();
}

// The largest (or smallest) number of a type that sorts before (or after) all others.
double Extreme(DType dtype, int sign) {
  if (dtype == DType::kFloat32) return sign * std::numeric_limits<double>::infinity();
  return sign < 0 ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int32_t>::max();
}

// What the updates of one element come to, brought together with what is there by TflOp.
template <class TflOp, class TflReduce>
Result<Value> Combine(Builder& build, Scatter s, double neutral) {
  TFLOWER_CHECK(Join<TflReduce>(build, s, neutral));
  TFLOWER_TRY(const Value there, build.Emit(tfl::GatherNd{}, {s.x, s.indices}));
  TFLOWER_TRY(s.updates, build.Emit(TflOp{}, {there, s.updates}));
  return Update(build, s);
}

template <class TflOp>
Result<Value> Accumulate(Builder& build, const Scatter& s) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, s.x));
  TFLOWER_TRY(const Value sums, build.Emit(tfl::ScatterNd{}, {s.indices, s.updates, shape}));
  return build.Emit(TflOp{}, {s.x, sums});
}

template <Scattering how>
Status LowerTensorScatter(const Node& node, Builder& build) {
  return build.Bind(0, ScatterInto(build, how, node.Input(0), node.Input(1), node.Input(2)));
}

Status LowerScatterNd(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value indices, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const Value shape, AsInt32(build, node.Input(2)));
  return build.Bind(0, build.Emit(tfl::ScatterNd{}, {indices, node.Input(1), shape}));
}

constexpr AttrDef kSparseAttrs[] = {NoEffect("validate_indices"), Type("T"), Type("Tindices")};
constexpr Operand kIndices = Of(kIndex | Types({DType::kInt16}), 1, TFLOWER_MAX_RANK);
constexpr Operand kFloatOrInt = Of(kF32 | kI32, 0, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"ScatterNd", {kIndices, Any(), Of(kIndex | Types({DType::kInt16}), 1, 1)}, kScatterAttrs, LowerScatterNd, "CAST SCATTER_ND"},
    {"SparseToDense", {Index(0, 2), Index(1, 1), Of(kF32 | kIndex, 0, 1), Of(kF32 | kIndex, 0, 0)}, kSparseAttrs, Rename<tfl::SparseToDense>,
     "SPARSE_TO_DENSE"},
    {"TensorScatterUpdate", {Any(), kIndices, Any()}, kScatterAttrs, LowerTensorScatter<Scattering::kUpdate>, kScatterEmits},
    {"TensorScatterMax", {kFloatOrInt, kIndices, kFloatOrInt}, kScatterAttrs, LowerTensorScatter<Scattering::kMax>, kScatterEmits},
    {"TensorScatterMin", {kFloatOrInt, kIndices, kFloatOrInt}, kScatterAttrs, LowerTensorScatter<Scattering::kMin>, kScatterEmits},
    {"TensorScatterAdd", {Any(), kIndices, Any()}, kScatterAttrs, LowerTensorScatter<Scattering::kAdd>, kScatterEmits},
    {"TensorScatterSub", {Any(), kIndices, Any()}, kScatterAttrs, LowerTensorScatter<Scattering::kSub>, kScatterEmits},
};
}  // namespace

Result<Value> ScatterInto(Builder& build, Scattering how, const Value& x, const Value& indices, const Value& updates) {
  TFLOWER_TRY(const Scatter s, ReadScatter(build, x, indices, updates));
  switch (how) {
    case Scattering::kUpdate: return Update(build, s);
    case Scattering::kUpdateDistinct: return Overwrite(build, s);
    case Scattering::kAdd: return Accumulate<tfl::Add>(build, s);
    case Scattering::kSub: return Accumulate<tfl::Sub>(build, s);
    case Scattering::kMul: return Combine<tfl::Mul, tfl::ReduceProd>(build, s, 1);
    case Scattering::kDiv: return Combine<tfl::Div, tfl::ReduceProd>(build, s, 1);
    case Scattering::kMin: return Combine<tfl::Minimum, tfl::ReduceMin>(build, s, Extreme(x.dtype(), 1));
    case Scattering::kMax: return Combine<tfl::Maximum, tfl::ReduceMax>(build, s, Extreme(x.dtype(), -1));
  }
  return Error(Code::kInternal, "no such scattering");
}

TFLOWER_OP_FAMILY(scatter, kOps);
}  // namespace tflower::tf_ops
