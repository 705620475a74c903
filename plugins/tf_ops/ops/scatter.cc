// ScatterNd -> SCATTER_ND; TensorScatterAdd, -Sub as a SCATTER_ND into zeros that is added or subtracted; TensorScatterUpdate as a GATHER
// from what is there and the updates behind it; TensorScatterMax and -Min as an update by the larger or smaller of what is there and what
// comes; SparseToDense -> SPARSE_TO_DENSE. Of updates of one element the last counts, as in TF on CPU.
#include "scatter.h"

#include <limits>

#include "elementwise.h"
#include "re_im.h"

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

// The sizes of x's indexed dimensions, K of them.
Result<Value> OuterShape(Builder& build, const Scatter& s) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, s.x));
  TFLOWER_TRY(const Value begin, build.Vector({0}));
  TFLOWER_TRY(const Value depth, build.Vector({s.depth}));
  return build.Emit(tfl::Slice{}, {shape, begin, depth});
}

// Position of each index row [n, K] in the flattened first K dimensions of x: [n].
Result<Value> Positions(Builder& build, const Scatter& s, int64_t n) {
  Value at;
  TFLOWER_TRY(const Value outer, OuterShape(build, s));
  for (int32_t k = 0; k < s.depth; ++k) {
    TFLOWER_TRY(const Value axis, build.Scalar(k));
    TFLOWER_TRY(const Value column, s.depth == 1 ? ReshapeTo(build, s.indices, std::span<const int64_t>(&n, 1)) : build.Emit(tfl::Gather{.axis = 1}, {s.indices, axis}));
    if (k == 0) {
      at = column;
      continue;
    }
    TFLOWER_TRY(const Value size, ElementOf(build, outer, k));
    TFLOWER_TRY(const Value rows, build.Emit(tfl::Mul{}, {at, size}));
    TFLOWER_TRY(at, build.Emit(tfl::Add{}, {rows, column}));
  }
  return at;
}

// Whether updates i and j have the same position: [n, n].
Result<Value> SamePosition(Builder& build, const Value& positions, int64_t n) {
  const int64_t column_dims[] = {n, 1}, row_dims[] = {1, n};
  TFLOWER_TRY(const Value column, ReshapeTo(build, positions, column_dims));
  TFLOWER_TRY(const Value row, ReshapeTo(build, positions, row_dims));
  return build.Emit(tfl::Equal{}, {column, row});
}

// How many updates there are; -1: not known before run time.
int64_t CountRows(const Scatter& s) {
  int64_t n = 1;
  for (int i = 0; i + 1 < s.indices.rank(); ++i) {
    if (s.indices.dim(i) < 0) return -1;
    if (__builtin_mul_overflow(n, s.indices.dim(i), &n)) return INT64_MAX;
  }
  return n;
}

// The same, few enough to be compared with each other.
Result<int64_t> CountUpdates(const Scatter& s) {
  const int64_t n = CountRows(s);
  if (n >= 0 && n <= kMaxComputedUpdates) return n;
  return Error(Code::kUnsupportedShape, "there must be a known number of at most " + std::to_string(kMaxComputedUpdates) + " indices").What("input 1");
}

// [n, what is left of x].
Result<Value> RowsShape(Builder& build, const Scatter& s, int64_t n) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, s.x));
  TFLOWER_TRY(const Value all, build.Vector({-1}));
  TFLOWER_TRY(const Value from, build.Vector({s.depth}));
  TFLOWER_TRY(const Value inner, build.Emit(tfl::Slice{}, {shape, from, all}));
  TFLOWER_TRY(const Value count, build.Vector({static_cast<int32_t>(std::clamp<int64_t>(n, -1, INT32_MAX))}));
  return build.Emit(tfl::Concatenation{.axis = 0}, {count, inner});
}

// Updates as [n, what is left of x], indices as [n, K]; n need not be known.
Status FlattenAny(Builder& build, Scatter& s) {
  const int64_t rows[] = {-1, s.depth};
  TFLOWER_TRY(const Value target, RowsShape(build, s, CountRows(s)));
  TFLOWER_TRY(s.indices, ReshapeTo(build, s.indices, rows));
  TFLOWER_TRY(s.updates, ReshapeBy(build, s.updates, target));
  return Ok();
}

// The rows of x, then the updates: which of them comes to each place. The last update that goes there, else what is there.
Result<Value> Picks(Builder& build, const Scatter& s, const Value& rows) {
  TFLOWER_TRY(const Value positions, Positions(build, s, -1));
  TFLOWER_TRY(const Value there, CountAlong(build, rows, 0));
  TFLOWER_TRY(const Value shape, ShapeOf(build, rows));
  TFLOWER_TRY(const Value size, ElementOf(build, shape, 0));
  TFLOWER_TRY(const Value numbers, CountAlong(build, positions, 0));
  TFLOWER_TRY(const Value behind, build.Emit(tfl::Add{}, {numbers, size}));
  TFLOWER_TRY(const Value last, build.Emit(tfl::UnsortedSegmentMax{}, {behind, positions, size}));
  return build.Emit(tfl::Maximum{}, {last, there});
}

Result<Value> Update(Builder& build, Scatter s) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, s.x));
  TFLOWER_TRY(const Value rows_shape, RowsShape(build, s, -1));
  TFLOWER_CHECK(FlattenAny(build, s));
  TFLOWER_TRY(const Value rows, s.depth == 1 ? Result<Value>(s.x) : ReshapeBy(build, s.x, rows_shape));
  TFLOWER_TRY(const Value picks, Picks(build, s, rows));
  TFLOWER_TRY(const Value all, build.Emit(tfl::Concatenation{.axis = 0}, {rows, s.updates}));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Gather{}, {all, picks}));
  return ReshapeBy(build, y, shape);
}

// What the updates of one element come to is put in the place of each of them, so that it does not matter which one counts.
template <class TflReduce>
Status Join(Builder& build, Scatter& s, const Value& none) {
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
  TFLOWER_TRY(const Value candidates, build.Emit(tfl::SelectV2{}, {same, row, none}));
  TFLOWER_TRY(const Value axis, build.Vector({1}));
  TFLOWER_TRY(s.updates, build.Emit(TflReduce{.keep_dims = false}, {candidates, axis}));
  return Ok();
}

// The smallest number of a type, or the largest: it loses against all others, where maxima or minima are looked for.
template <class T>
Result<Value> Limit(Builder& build, bool smallest) {
  using Limits = std::numeric_limits<T>;
  if (Limits::has_infinity) return build.Scalar(smallest ? -Limits::infinity() : Limits::infinity());
  return build.Scalar(smallest ? Limits::lowest() : Limits::max());
}
Result<Value> LimitOf(Builder& build, DType dtype, bool smallest) {
  if (dtype == DType::kFloat32) return Limit<float>(build, smallest);
  return dtype == DType::kInt64 ? Limit<int64_t>(build, smallest) : Limit<int32_t>(build, smallest);
}

// What the updates of one element come to, brought together with what is there by TflOp.
template <class TflOp, class TflReduce>
Result<Value> Combine(Builder& build, Scatter s, const Result<Value>& neutral) {
  if (!neutral.ok()) return neutral.error();
  TFLOWER_CHECK(Join<TflReduce>(build, s, neutral.value()));
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

// Complex numbers part by part.
template <Scattering how>
Result<Value> LowerTensorScatter(const Node& node, Builder& build) {
  const bool is_move = how == Scattering::kUpdate;
  if (is_move || !Contains(kComplexTypes, node.Input(0).dtype())) return ScatterInto(build, how, node.Input(0), node.Input(1), node.Input(2));
  TFLOWER_TRY(ReIm x, PartsOf(build, node.Input(0)));
  TFLOWER_TRY(const ReIm updates, PartsOf(build, node.Input(2)));
  TFLOWER_TRY(x.re, ScatterInto(build, how, x.re, node.Input(1), updates.re));
  TFLOWER_TRY(x.im, ScatterInto(build, how, x.im, node.Input(1), updates.im));
  return JoinParts(build, x);
}

Result<Value> LowerScatterNd(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value indices, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const Value shape, AsInt32(build, node.Input(2)));
  TFLOWER_TRY(ReIm updates, PartsOf(build, node.Input(1)));
  TFLOWER_TRY(updates.re, build.Emit(tfl::ScatterNd{}, {indices, updates.re, shape}));
  if (!updates.im) return updates.re;
  TFLOWER_TRY(updates.im, build.Emit(tfl::ScatterNd{}, {indices, updates.im, shape}));
  return JoinParts(build, updates);
}

constexpr AttrDef kSparseAttrs[] = {NoEffect("validate_indices"), Type("T"), Type("Tindices")};
constexpr Operand kIndices = Of(kIndex | Types({DType::kInt16}), 1, TFLOWER_MAX_RANK);
constexpr Operand kReals = In(kRealNumbers);

constexpr TypeRule kUpdates{.native = kAnyType};
constexpr TypeRule kSums{.native = kF32 | kIndex | kComplexTypes, .bits = Bits::kLow, .operands = 1 | 4};
constexpr TypeRule kExtremes{.native = kF32 | kIndex, .bits = Bits::kOrder, .operands = 1 | 4};
constexpr TypeRule kScattered{.native = kF32 | kIndex | kComplexTypes | Types({DType::kInt8, DType::kUInt8, DType::kBool}), .bits = Bits::kLow, .operands = 2};

constexpr OpDef kOps[] = {
    {"ScatterNd", {kIndices, Any(), Of(kIndex | Types({DType::kInt16}), 1, 1)}, kScatterAttrs, Typed<LowerScatterNd, kScattered>, "BITCAST CAST IMAG PACK REAL SCATTER_ND"},
    {"SparseToDense", {Index(0, 2), Index(1, 1), Ranked(0, 1), Ranked(0, 0)}, kSparseAttrs, Rename<tfl::SparseToDense>,
     "SPARSE_TO_DENSE"},
    {"TensorScatterUpdate", {Any(), kIndices, Any()}, kScatterAttrs, Typed<LowerTensorScatter<Scattering::kUpdate>, kUpdates>, kScatterEmits},
    {"TensorScatterMax", {kReals, kIndices, kReals}, kScatterAttrs, Typed<LowerTensorScatter<Scattering::kMax>, kExtremes>, kScatterEmits},
    {"TensorScatterMin", {kReals, kIndices, kReals}, kScatterAttrs, Typed<LowerTensorScatter<Scattering::kMin>, kExtremes>, kScatterEmits},
    {"TensorScatterAdd", {Any(), kIndices, Any()}, kScatterAttrs, Typed<LowerTensorScatter<Scattering::kAdd>, kSums>, kScatterEmits},
    {"ScatterNdNonAliasingAdd", {Any(), kIndices, Any()}, kScatterAttrs, Typed<LowerTensorScatter<Scattering::kAdd>, kSums>, kScatterEmits},
    {"TensorScatterSub", {Any(), kIndices, Any()}, kScatterAttrs, Typed<LowerTensorScatter<Scattering::kSub>, kSums>, kScatterEmits},
};
}  // namespace

Result<Value> ScatterInto(Builder& build, Scattering how, const Value& x, const Value& indices, const Value& updates) {
  TFLOWER_TRY(const Scatter s, ReadScatter(build, x, indices, updates));
  switch (how) {
    case Scattering::kUpdate: return Update(build, s);
    case Scattering::kAdd: return Accumulate<tfl::Add>(build, s);
    case Scattering::kSub: return Accumulate<tfl::Sub>(build, s);
    case Scattering::kMul: return Combine<tfl::Mul, tfl::ReduceProd>(build, s, build.ScalarOf(x.dtype(), 1));
    case Scattering::kDiv: return Combine<tfl::Div, tfl::ReduceProd>(build, s, build.ScalarOf(x.dtype(), 1));
    case Scattering::kMin: return Combine<tfl::Minimum, tfl::ReduceMin>(build, s, LimitOf(build, x.dtype(), false));
    case Scattering::kMax: return Combine<tfl::Maximum, tfl::ReduceMax>(build, s, LimitOf(build, x.dtype(), true));
  }
  return Error(Code::kInternal, "no such scattering");
}

TFLOWER_OP_FAMILY(scatter, kOps);
}  // namespace tflower::tf_ops
