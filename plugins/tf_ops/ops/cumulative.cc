// Cumsum -> CUMSUM. Cumprod, which TFLite does not have, in log2(n) steps: each multiplies every element by the one 1, 2, 4, ... places
// before it, where there is one. Along a dimension of unknown size, as products over rows of a masked square.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Bool("exclusive", false), Bool("reverse", false), Type("T"), Type("Tidx", DType::kInt32)};

Status LowerCumsum(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value axis, AxisOrValue(build, node.Input(1), x.rank(), "input 1"));
  return build.Bind(0, build.Emit(tfl::Cumsum{.exclusive = node.Bool("exclusive"), .reverse = node.Bool("reverse")}, {x, axis}));
}

struct Scan {
  int32_t axis;
  int64_t size;   // of the axis
  bool reverse;   // products of the elements after, not before
};

// x with its elements `by` places later along the axis (earlier, if reverse), and ones where nothing moves in.
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
  TFLOWER_TRY(const Value one, build.ScalarOf(x.dtype(), 1));
  return build.Emit(tfl::PadV2{}, {kept, paddings, one});
}

// Which elements j of the axis are factors of element i: a bool [n, n] of run-time size.
Result<Value> FactorMask(Builder& build, const Value& x, const Scan& scan, bool exclusive) {
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

// For each element a copy of the whole axis, ones in place of what is no factor, multiplied up. Quadratic, but of any size.
Result<Value> ProductsOfSquare(Builder& build, const Value& x, const Scan& scan, bool exclusive) {
  TFLOWER_TRY(Value mask, FactorMask(build, x, scan, exclusive));
  std::vector<int32_t> trailing;
  for (int i = scan.axis + 1; i < x.rank(); ++i) trailing.push_back(2 + i - scan.axis - 1);
  TFLOWER_TRY(mask, InsertDims(build, mask, trailing));
  TFLOWER_TRY(const Value rows, InsertDims(build, x, std::span<const int32_t>(&scan.axis, 1)));
  TFLOWER_TRY(const Value one, build.ScalarOf(x.dtype(), 1));
  TFLOWER_TRY(const Value factors, build.Emit(tfl::SelectV2{}, {mask, rows, one}));
  TFLOWER_TRY(const Value axis, build.Vector({scan.axis + 1}));
  return build.Emit(tfl::ReduceProd{.keep_dims = false}, {factors, axis});
}

Status LowerCumprod(const Node& node, Builder& build) {
  Value x = node.Input(0);
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, node.Input(1), x.rank(), "input 1"));
  const Scan scan{axis, x.dim(axis), node.Bool("reverse")};
  if (scan.size < 0) return build.Bind(0, ProductsOfSquare(build, x, scan, node.Bool("exclusive")));
  if (scan.size > INT32_MAX) return Error(Code::kUnsupportedShape, "dimension " + std::to_string(axis) + " is too large").What("input 0");
  if (node.Bool("exclusive") && scan.size > 0) {
    TFLOWER_TRY(x, Shift(build, x, scan, 1));
  }
  for (int64_t by = 1; by < scan.size; by *= 2) {
    TFLOWER_TRY(const Value before, Shift(build, x, scan, by));
    TFLOWER_TRY(x, build.Emit(tfl::Mul{}, {x, before}));
  }
  return build.Bind(0, x);
}

constexpr const char* kProductEmits = "EXPAND_DIMS GATHER LESS LESS_EQUAL MUL PADV2 RANGE REDUCE_PROD RESHAPE SELECT_V2 SHAPE SLICE";

constexpr OpDef kOps[] = {
    {"Cumsum", {Ranked(1, TFLOWER_MAX_RANK), Index(0, 0)}, kAttrs, LowerCumsum, "CAST CUMSUM"},
    {"Cumprod", {Ranked(1, TFLOWER_MAX_RANK), Index(0, 0)}, kAttrs, LowerCumprod, kProductEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(cumulative, kOps);
}  // namespace tflower::tf_ops
