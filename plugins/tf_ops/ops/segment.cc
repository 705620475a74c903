// Segment reductions: rows of a tensor reduced by the segment that each belongs to -> SEGMENT_SUM, UNSORTED_SEGMENT_*; means by counts.
// The sparse ones gather the rows first. Source: tf.math.segment_sum, tf.math.unsorted_segment_sum, tf.sparse.segment_mean.
#include <cmath>
#include <limits>

#include "elementwise.h"
#include "scalars.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Type("T"), Type("Tindices")};
constexpr AttrDef kUnsortedAttrs[] = {Type("T"), Type("Tindices"), Type("Tnumsegments", DType::kInt32)};
constexpr AttrDef kSparseAttrs[] = {Type("T"), Type("Tidx", DType::kInt32), Type("Tsegmentids", DType::kInt32), NoEffect("sparse_gradient")};
constexpr AttrDef kSparseCountAttrs[] = {Type("T"), Type("Tidx", DType::kInt32), Type("Tsegmentids", DType::kInt32),
                                         Type("Tnumsegments", DType::kInt32), NoEffect("sparse_gradient")};

// Segments above this are not counted when converting.
constexpr int64_t kMaxSegments = 1 << 20;

// Ascending segment ids of the rows.
struct Segments {
  Value ids;      // int32
  Value count;    // the number of segments, int32; null: one more than the last id
  bool known = false;
  std::vector<int32_t> sizes;  // rows of each segment; where known

  bool has_gaps() const { return std::find(sizes.begin(), sizes.end(), 0) != sizes.end(); }
  std::vector<int64_t> ColumnDims(int rank) const {
    std::vector<int64_t> dims(static_cast<size_t>(std::max(rank, 1)), 1);
    dims[0] = static_cast<int64_t>(sizes.size());
    return dims;
  }
};

Status CountKnown(std::span<const int64_t> ids, Segments& s) {
  for (size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < (i == 0 ? 0 : ids[i - 1])) return Error(Code::kInvalidGraph, "segment ids must ascend from 0 on").What("segment_ids");
  if (!ids.empty() && ids.back() >= kMaxSegments)
    return Error(Code::kUnsupportedShape, std::to_string(ids.back()) + " is too large: at most " + std::to_string(kMaxSegments) + " segments").What("segment_ids");
  s.sizes.assign(ids.empty() ? 0 : static_cast<size_t>(ids.back()) + 1, 0);
  for (int64_t id : ids) ++s.sizes[static_cast<size_t>(id)];
  return Ok();
}

Result<Segments> ReadSegments(Builder& build, const Value& ids, const Value& count) {
  Segments s;
  TFLOWER_TRY(s.ids, AsInt32(build, ids));
  if (count) {
    TFLOWER_TRY(s.count, AsInt32(build, count));
    return s;
  }
  const Result<Elements> e = build.ReadElements(s.ids);
  s.known = e.ok() && e.value().all_known();
  if (s.known) TFLOWER_CHECK(CountKnown(e.value().values, s));
  return s;
}

// SEGMENT_SUM in stock runtimes does not take ids that leave some out.
Result<Value> Sum(Builder& build, const Value& x, const Segments& s) {
  if (s.count) return build.Emit(tfl::UnsortedSegmentSum{}, {x, s.ids, s.count});
  if (!s.known || !s.has_gaps()) return build.Emit(tfl::SegmentSum{}, {x, s.ids});
  TFLOWER_TRY(const Value count, build.Scalar(static_cast<int32_t>(s.sizes.size())));
  return build.Emit(tfl::UnsortedSegmentSum{}, {x, s.ids, count});
}

enum class Scale { kNone, kCount, kRootOfCount };

Result<Value> DivideByKnown(Builder& build, const Value& sum, const Segments& s, Scale scale) {
  std::vector<float> divisors;
  for (int32_t size : s.sizes) {
    const float n = static_cast<float>(std::max(size, 1));
    divisors.push_back(scale == Scale::kCount ? n : std::sqrt(n));
  }
  TFLOWER_TRY(const Value divisor, build.Constant<float>(s.ColumnDims(sum.rank()), divisors));
  return build.Emit(tfl::Div{}, {sum, divisor});
}

Result<Value> Columns(Builder& build, const Value& x, int64_t from, int64_t count) {
  TFLOWER_TRY(const Value begin, build.Vector({0, static_cast<int32_t>(from)}));
  TFLOWER_TRY(const Value size, build.Vector({-1, static_cast<int32_t>(count)}));
  return build.Emit(tfl::Slice{}, {x, begin, size});
}

// Ids that are computed at run time: a column of ones is summed with the rows, so that both have the same unknown number of segments.
Result<Value> ScaleByComputed(Builder& build, const Value& x, const Segments& s, Scale scale) {
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
  int64_t inner = 1;
  for (size_t i = 1; i < dims.size(); ++i) {
    if (dims[i] < 0) return Error(Code::kUnsupportedShape, "all but the first dimension must be known").What("input 0").Hint("give the shape with --input-shape");
    inner *= dims[i];
  }
  dims[0] = -1;
  const int64_t matrix[] = {-1, inner}, column[] = {-1, 1};
  TFLOWER_TRY(const Value rows, ReshapeTo(build, x, matrix));
  TFLOWER_TRY(const Value shape, ShapeOf(build, s.ids));
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  TFLOWER_TRY(const Value filled, build.Emit(tfl::Fill{}, {shape, one}));
  TFLOWER_TRY(const Value ones, ReshapeTo(build, filled, column));
  TFLOWER_TRY(const Value both, build.Emit(tfl::Concatenation{.axis = 1}, {rows, ones}));
  TFLOWER_TRY(const Value sums, Sum(build, both, s));
  TFLOWER_TRY(const Value sum, Columns(build, sums, 0, inner));
  TFLOWER_TRY(const Value counts, Columns(build, sums, inner, 1));
  TFLOWER_TRY(Value divisor, build.Emit(tfl::Maximum{}, {counts, one}));
  if (scale == Scale::kRootOfCount) {
    TFLOWER_TRY(divisor, build.Emit(tfl::Sqrt{}, {divisor}));
  }
  TFLOWER_TRY(const Value mean, build.Emit(tfl::Div{}, {sum, divisor}));
  return ReshapeTo(build, mean, dims);
}

Result<Value> ScaledSum(Builder& build, const Value& x, const Segments& s, Scale scale) {
  if (scale == Scale::kNone) return Sum(build, x, s);
  if (!s.known) return ScaleByComputed(build, x, s, scale);
  TFLOWER_TRY(const Value sum, Sum(build, x, s));
  return DivideByKnown(build, sum, s, scale);
}

template <Scale kScale>
Result<Value> LowerSegmentSum(const Node& node, Builder& build) {
  TFLOWER_TRY(const Segments s, ReadSegments(build, node.Input(1), Value()));
  return ScaledSum(build, node.Input(0), s, kScale);
}

// Inputs: data, indices of its rows, their segment ids, and perhaps the number of segments.
template <Scale kScale>
Result<Value> LowerSparseSegment(const Node& node, Builder& build) {
  TFLOWER_TRY(const Segments s, ReadSegments(build, node.Input(2), node.num_inputs() > 3 ? node.Input(3) : Value()));
  TFLOWER_TRY(const Value rows, build.Emit(tfl::Gather{}, {node.Input(0), node.Input(1)}));
  return ScaledSum(build, rows, s, kScale);
}

// Segments without rows are `empty` in TF; kNaturally: what the operator gives them.
enum class Empty { kNaturally, kZero };

// The operator, in the type that it has for x.
template <class TflOp, Bits kBits>
Result<Value> Reduced(Builder& build, const Value& x, const Value& ids, const Value& count) {
  TFLOWER_TRY(const Working working, Working::Of(build, x.dtype(), kF32 | kI32, kBits));
  TFLOWER_TRY(const Value data, working.Enter(build, x));
  TFLOWER_TRY(const Value y, build.Emit(TflOp{}, {data, ids, count}));
  return working.Leave(build, y);
}

// Ids that are computed at run time: there is one segment more than the largest of them says.
template <class TflOp, Bits kBits>
Result<Value> ReduceComputed(const Node& node, Builder& build, const Value& ids, bool zero_if_empty) {
  TFLOWER_TRY(const Value axis, build.Vector({0}));
  TFLOWER_TRY(const Value none, build.Vector({-1}));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value some, build.Emit(tfl::Concatenation{.axis = 0}, {ids, none}));
  TFLOWER_TRY(const Value last, build.Emit(tfl::ReduceMax{.keep_dims = false}, {some, axis}));
  TFLOWER_TRY(const Value count, build.Emit(tfl::Add{}, {last, one}));
  TFLOWER_TRY(const Value y, (Reduced<TflOp, kBits>(build, node.Input(0), ids, count)));
  if (!zero_if_empty) return y;
  TFLOWER_TRY(const Value shape, ShapeOf(build, ids));
  TFLOWER_TRY(const Value ones, build.Emit(tfl::Fill{}, {shape, one}));
  TFLOWER_TRY(const Value sizes, build.Emit(tfl::UnsortedSegmentSum{}, {ones, ids, count}));
  TFLOWER_TRY(const Value nothing, build.Scalar<int32_t>(0));
  TFLOWER_TRY(Value filled, build.Emit(tfl::Greater{}, {sizes, nothing}));
  std::vector<int64_t> column(static_cast<size_t>(y.rank()), 1);
  column[0] = -1;
  TFLOWER_TRY(filled, ReshapeTo(build, filled, column));
  TFLOWER_TRY(const Value zero, ZeroOf(build, y.dtype()));
  return build.Emit(tfl::SelectV2{}, {filled, y, zero});
}

template <class TflOp, Bits kBits, Empty kEmpty>
Result<Value> SegmentsOf(const Node& node, Builder& build) {
  TFLOWER_TRY(const Segments s, ReadSegments(build, node.Input(1), Value()));
  if (!s.known) return ReduceComputed<TflOp, kBits>(node, build, s.ids, kEmpty == Empty::kZero);
  TFLOWER_TRY(const Value count, build.Scalar(static_cast<int32_t>(s.sizes.size())));
  TFLOWER_TRY(const Value y, (Reduced<TflOp, kBits>(build, node.Input(0), s.ids, count)));
  if (kEmpty == Empty::kNaturally || !s.has_gaps()) return y;
  std::vector<uint8_t> filled;
  for (int32_t size : s.sizes) filled.push_back(size != 0);
  TFLOWER_TRY(const Value mask, build.ConstantBytes(DType::kBool, s.ColumnDims(y.rank()), filled.data(), filled.size()));
  TFLOWER_TRY(const Value zero, ZeroOf(build, y.dtype()));
  return build.Emit(tfl::SelectV2{}, {mask, y, zero});
}
template <class TflOp, Bits kBits, Empty kEmpty>
Status LowerSegment(const Node& node, Builder& build) { return build.Bind(0, SegmentsOf<TflOp, kBits, kEmpty>(node, build)); }

template <class TflOp>
Result<Value> LowerUnsorted(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value ids, AsInt32(build, node.Input(1)));
  TFLOWER_TRY(const Value count, AsInt32(build, node.Input(2)));
  return build.Emit(TflOp{}, {node.Input(0), ids, count});
}

// The smallest finite number of a narrow type, or the largest; 0 for others.
double LimitOf(DType type, bool smallest) {
  double limit = 0;
  if (type == DType::kFloat16) return smallest ? -65504.0 : 65504.0;
  if (type == DType::kBFloat16) return smallest ? -0x1.fep127 : 0x1.fep127;
  if (BitsOf(type) < 32) VisitNumeric(type, [&](auto zero) { using Limits = std::numeric_limits<decltype(zero)>; limit = static_cast<double>(smallest ? Limits::lowest() : Limits::max()); });
  return limit;
}

// Maxima and minima. A segment without rows gets the type's limit, of a wider type's the nearest.
template <class TflOp, class TflWithin, bool kIsMax>
Status LowerUnsortedExtreme(const Node& node, Builder& build) {
  const DType type = node.Input(0).dtype();
  TFLOWER_TRY(const Working working, Working::Of(build, type, kF32 | kI32, Bits::kOrder));
  TFLOWER_TRY(const Value ids, AsInt32(build, node.Input(1)));
  TFLOWER_TRY(const Value count, AsInt32(build, node.Input(2)));
  TFLOWER_TRY(const Value data, working.Enter(build, node.Input(0)));
  TFLOWER_TRY(Value y, build.Emit(TflOp{}, {data, ids, count}));
  if (BitsOf(type) < 32) {
    TFLOWER_TRY(const Value limit, build.ScalarOf(y.dtype(), LimitOf(type, kIsMax)));
    TFLOWER_TRY(y, build.Emit(TflWithin{}, {y, limit}));
  }
  return build.Bind(0, working.Leave(build, y));
}

constexpr Operand kData = Of(kRealNumbers, 1, TFLOWER_MAX_RANK);
constexpr Operand kFloatData = Of(kFloats, 1, TFLOWER_MAX_RANK);
constexpr TypeRule kSums{.native = kF32 | kI32, .bits = Bits::kLow, .operands = 1};
constexpr Operand kIds = Index(1, 1), kAnyIds = Index(0, TFLOWER_MAX_RANK), kCount = Index(0, 0);
constexpr const char* kSumEmits = "BITCAST CAST SEGMENT_SUM UNSORTED_SEGMENT_SUM";
constexpr const char* kMeanEmits = "CAST CONCATENATION DIV FILL MAXIMUM RESHAPE SEGMENT_SUM SHAPE SLICE SQRT UNSORTED_SEGMENT_SUM";
constexpr const char* kSparseEmits = "BITCAST CAST CONCATENATION DIV FILL GATHER MAXIMUM RESHAPE SEGMENT_SUM SHAPE SLICE SQRT UNSORTED_SEGMENT_SUM";

constexpr const char* kMaxEmits = "ADD BITCAST BITWISE_XOR CAST CONCATENATION FILL GREATER REDUCE_MAX RESHAPE SELECT_V2 SHAPE UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM";
constexpr const char* kMinEmits = "ADD BITCAST BITWISE_XOR CAST CONCATENATION FILL GREATER REDUCE_MAX RESHAPE SELECT_V2 SHAPE UNSORTED_SEGMENT_MIN UNSORTED_SEGMENT_SUM";

constexpr OpDef kOps[] = {
    {"SegmentSum", {kData, kIds}, kAttrs, Typed<LowerSegmentSum<Scale::kNone>, kSums>, kSumEmits},
    {"SegmentMean", {kFloatData, kIds}, kAttrs, InFloat32<LowerSegmentSum<Scale::kCount>>, kMeanEmits},
    {"SegmentMax", {kData, kIds}, kAttrs, LowerSegment<tfl::UnsortedSegmentMax, Bits::kOrder, Empty::kZero>, kMaxEmits},
    {"SegmentMin", {kData, kIds}, kAttrs, LowerSegment<tfl::UnsortedSegmentMin, Bits::kOrder, Empty::kZero>, kMinEmits},
    {"SegmentProd", {kData, kIds}, kAttrs, LowerSegment<tfl::UnsortedSegmentProd, Bits::kLow, Empty::kNaturally>, "ADD BITCAST CAST CONCATENATION REDUCE_MAX UNSORTED_SEGMENT_PROD"},
    {"SparseSegmentSum", {kData, kIds, kIds}, kSparseAttrs, Typed<LowerSparseSegment<Scale::kNone>, kSums>, kSparseEmits},
    {"SparseSegmentMean", {kFloatData, kIds, kIds}, kSparseAttrs, InFloat32<LowerSparseSegment<Scale::kCount>>, kSparseEmits},
    {"SparseSegmentSqrtN", {kFloatData, kIds, kIds}, kSparseAttrs, InFloat32<LowerSparseSegment<Scale::kRootOfCount>>, kSparseEmits},
    {"SparseSegmentSumWithNumSegments", {kData, kIds, kIds, kCount}, kSparseCountAttrs, Typed<LowerSparseSegment<Scale::kNone>, kSums>, kSparseEmits},
    {"SparseSegmentMeanWithNumSegments", {kFloatData, kIds, kIds, kCount}, kSparseCountAttrs, InFloat32<LowerSparseSegment<Scale::kCount>>, kSparseEmits},
    {"SparseSegmentSqrtNWithNumSegments", {kFloatData, kIds, kIds, kCount}, kSparseCountAttrs, InFloat32<LowerSparseSegment<Scale::kRootOfCount>>, kSparseEmits},
    {"UnsortedSegmentSum", {kData, kAnyIds, kCount}, kUnsortedAttrs, Typed<LowerUnsorted<tfl::UnsortedSegmentSum>, kSums>, "BITCAST CAST UNSORTED_SEGMENT_SUM"},
    {"UnsortedSegmentMax", {kData, kAnyIds, kCount}, kUnsortedAttrs, LowerUnsortedExtreme<tfl::UnsortedSegmentMax, tfl::Maximum, true>, "BITCAST BITWISE_XOR CAST MAXIMUM UNSORTED_SEGMENT_MAX"},
    {"UnsortedSegmentMin", {kData, kAnyIds, kCount}, kUnsortedAttrs, LowerUnsortedExtreme<tfl::UnsortedSegmentMin, tfl::Minimum, false>, "BITCAST BITWISE_XOR CAST MINIMUM UNSORTED_SEGMENT_MIN"},
    {"UnsortedSegmentProd", {kData, kAnyIds, kCount}, kUnsortedAttrs, Typed<LowerUnsorted<tfl::UnsortedSegmentProd>, kSums>, "BITCAST CAST UNSORTED_SEGMENT_PROD"},
};
}  // namespace
TFLOWER_OP_FAMILY(segment, kOps);
}  // namespace tflower::tf_ops
