// Cumsum -> CUMSUM. Cumprod and CumulativeLogsumexp, which TFLite does not have, in log2(n) steps: each combines every element with the one
// 1, 2, 4, ... places before it, where there is one. Along a dimension of unknown size, as reductions over rows of a masked square.
#include <limits>

#include "elementwise.h"
#include "moved_axis.h"
#include "re_im.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Bool("exclusive", false), Bool("reverse", false), Type("T"), Type("Tidx", DType::kInt32)};

Result<Value> LowerCumsum(const Node& node, Builder& build) {
  const tfl::Cumsum op{.exclusive = node.Bool("exclusive"), .reverse = node.Bool("reverse")};
  TFLOWER_TRY(const Value axis, AxisOrValue(build, node.Input(1), node.Input(0).rank(), "input 1"));
  TFLOWER_TRY(ReIm x, PartsOf(build, node.Input(0)));
  TFLOWER_TRY(x.re, build.Emit(op, {x.re, axis}));
  if (!x.im) return x.re;
  TFLOWER_TRY(x.im, build.Emit(op, {x.im, axis}));
  return JoinParts(build, x);
}

// What is accumulated.
struct Operation {
  double neutral;
  Expr (*combine)(const Expr& a, const Expr& b);
  Expr (*reduce)(const Expr& x, const Expr& axis);
};

Expr Product(const Expr& a, const Expr& b) { return a * b; }
Expr ProductOver(const Expr& x, const Expr& axis) { return Emit(tfl::ReduceProd{.keep_dims = false}, {x, axis}); }

// log(e^a + e^b), also of infinities.
Expr LogSum(const Expr& a, const Expr& b) {
  constexpr double kLog2 = 0.69314718055994530942;
  const Expr larger = Max(a, b);
  return larger + Where(a == b, kLog2, Log1p(Exp(Min(a, b) - larger)));
}
Expr LogSumOver(const Expr& x, const Expr& axis) {
  constexpr double kLowest = std::numeric_limits<float>::lowest();
  const auto largest = [&](bool keep) { return Max(Emit(tfl::ReduceMax{.keep_dims = keep}, {x, axis}), kLowest); };
  return Log(Emit(tfl::Sum{.keep_dims = false}, {Exp(x - largest(true)), axis})) + largest(false);
}

constexpr Operation kProduct{1, Product, ProductOver};
constexpr Operation kLogSum{-std::numeric_limits<double>::infinity(), LogSum, LogSumOver};

struct Scan {
  const Operation& operation;
  int32_t axis;
  int64_t size;   // of the axis
  bool reverse;   // of the elements after, not before
};

Result<Value> NeutralOf(Builder& build, const Value& x, const Scan& scan) {
  if (!Contains(kComplexTypes, x.dtype())) return build.ScalarOf(x.dtype(), scan.operation.neutral);
  TFLOWER_TRY(const Value real, build.ScalarOf(DType::kFloat32, scan.operation.neutral));
  return CastTo(build, real, x.dtype());
}

// x with its elements `by` places later along the axis (earlier, if reverse), and the neutral element where nothing moves in.
Result<Value> Shift(Builder& build, const Value& x, const Scan& scan, int64_t by) {
  const size_t axis = static_cast<size_t>(scan.axis), rank = static_cast<size_t>(x.rank());
  std::vector<int64_t> begin(rank, 0), size(rank, -1);
  begin[axis] = scan.reverse ? by : 0;
  size[axis] = scan.size - by;
  std::vector<int32_t> edges(2 * rank, 0);
  edges[2 * axis + (scan.reverse ? 1 : 0)] = static_cast<int32_t>(by);
  const int64_t edge_dims[] = {x.rank(), 2};
  TFLOWER_TRY(const Value from, build.Vector(std::span<const int64_t>(begin)));
  TFLOWER_TRY(const Value count, build.Vector(std::span<const int64_t>(size)));
  TFLOWER_TRY(const Value kept, build.Emit(tfl::Slice{}, {x, from, count}));
  TFLOWER_TRY(const Value paddings, build.Constant<int32_t>(edge_dims, edges));
  TFLOWER_TRY(const Value neutral, NeutralOf(build, x, scan));
  return build.Emit(tfl::PadV2{}, {kept, paddings, neutral});
}

// Which elements j of the axis count for element i: a bool [n, n] of run-time size.
Result<Value> OperandMask(Builder& build, const Value& x, const Scan& scan, bool exclusive) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value axis, build.Scalar(scan.axis));
  TFLOWER_TRY(const Value size, build.Emit(tfl::Gather{}, {shape, axis}));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value j, build.Emit(tfl::Range{}, {zero, size, one}));
  const int64_t column[] = {-1, 1};
  TFLOWER_TRY(const Value i, ReshapeTo(build, j, column));
  const std::vector<Value> order = scan.reverse ? std::vector<Value>{i, j} : std::vector<Value>{j, i};
  return exclusive ? build.Emit(tfl::Less{}, order) : build.Emit(tfl::LessEqual{}, order);
}

// For each element a copy of the whole axis, the neutral element in place of what does not count, reduced. Quadratic, but of any size.
Result<Value> ReduceSquare(Builder& build, const Value& x, const Scan& scan, bool exclusive) {
  TFLOWER_TRY(Value mask, OperandMask(build, x, scan, exclusive));
  std::vector<int32_t> trailing;
  for (int i = scan.axis + 1; i < x.rank(); ++i) trailing.push_back(2 + i - scan.axis - 1);
  TFLOWER_TRY(mask, InsertDims(build, mask, trailing));
  TFLOWER_TRY(const Value rows, InsertDims(build, x, std::span<const int32_t>(&scan.axis, 1)));
  TFLOWER_TRY(const Value neutral, NeutralOf(build, x, scan));
  TFLOWER_TRY(const Value operands, build.Emit(tfl::SelectV2{}, {mask, rows, neutral}));
  TFLOWER_TRY(const Value axis, build.Vector({scan.axis + 1}));
  return scan.operation.reduce(Expr(build, operands), Expr(build, axis)).result();
}

Result<Value> Accumulate(Builder& build, Value x, const Scan& scan, bool exclusive) {
  if (scan.size < 0) return ReduceSquare(build, x, scan, exclusive);
  if (scan.size > INT32_MAX) return Error(Code::kUnsupportedShape, "dimension " + std::to_string(scan.axis) + " is too large").What("input 0");
  if (exclusive && scan.size > 0) {
    TFLOWER_TRY(x, Shift(build, x, scan, 1));
  }
  for (int64_t by = 1; by < scan.size; by *= 2) {
    TFLOWER_TRY(const Value before, Shift(build, x, scan, by));
    TFLOWER_TRY(x, scan.operation.combine(Expr(build, x), Expr(build, before)).result());
  }
  return x;
}

template <const Operation& kOperation>
Result<Value> LowerScan(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (!build.ReadElements(node.Input(1)).ok()) {
    const MovedAxis moved(build, node.Input(1), x.rank());
    TFLOWER_TRY(const Value first, moved.First(x));
    TFLOWER_TRY(const Value sums, Accumulate(build, first, {kOperation, 0, first.dim(0), node.Bool("reverse")}, node.Bool("exclusive")));
    return moved.Back(sums);
  }
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, node.Input(1), x.rank(), "input 1"));
  return Accumulate(build, x, {kOperation, axis, x.dim(axis), node.Bool("reverse")}, node.Bool("exclusive"));
}

constexpr const char* kProductEmits = TFLOWER_MOVED_AXIS_EMITS "BITCAST CAST EXPAND_DIMS GATHER LESS LESS_EQUAL MUL PADV2 RANGE REDUCE_PROD RESHAPE SELECT_V2 SHAPE SLICE";
constexpr const char* kLogSumEmits = TFLOWER_MOVED_AXIS_EMITS "ABS ADD CAST DIV EQUAL EXP EXPAND_DIMS GATHER LESS LESS_EQUAL LOG MAXIMUM MINIMUM MUL PADV2 RANGE REDUCE_MAX RESHAPE SELECT "
                                     "SELECT_V2 SHAPE SLICE SUB SUM";
constexpr Operand kVectors = Of(kNumbers, 1, TFLOWER_MAX_RANK);
constexpr TypeRule kWrapping{.native = kF32 | kIndex | kComplexTypes, .bits = Bits::kLow, .operands = 1};

constexpr OpDef kOps[] = {
    {"Cumsum", {kVectors, Index(0, 0)}, kAttrs, Typed<LowerCumsum, kWrapping>, "BITCAST CAST CUMSUM IMAG PACK REAL"},
    {"Cumprod", {kVectors, Index(0, 0)}, kAttrs, Typed<LowerScan<kProduct>, kWrapping>, kProductEmits},
    {"CumulativeLogsumexp", {Of(kFloats, 1, TFLOWER_MAX_RANK), Index(0, 0)}, kAttrs, InFloat32<LowerScan<kLogSum>>, kLogSumEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(cumulative, kOps);
}  // namespace tflower::tf_ops
