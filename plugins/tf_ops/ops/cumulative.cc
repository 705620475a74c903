// Cumsum -> CUMSUM. Cumprod, which TFLite does not have, in log2(n) steps: each multiplies every element by the one 1, 2, 4, ... places
// before it, where there is one.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Bool("exclusive", false), Bool("reverse", false), Type("T"), Type("Tidx", DType::kInt32)};

Status LowerCumsum(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, node.Input(1), x.rank(), "input 1"));
  TFLOWER_TRY(const Value operand, build.Scalar<int32_t>(axis));
  return build.Bind(0, build.Emit(tfl::Cumsum{.exclusive = node.Bool("exclusive"), .reverse = node.Bool("reverse")}, {x, operand}));
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

Status LowerCumprod(const Node& node, Builder& build) {
  Value x = node.Input(0);
  TFLOWER_TRY(const int32_t axis, AxisOperand(build, node.Input(1), x.rank(), "input 1"));
  const Scan scan{axis, x.dim(axis), node.Bool("reverse")};
  if (scan.size < 0 || scan.size > INT32_MAX)
    return Error(Code::kUnsupportedShape, "dimension " + std::to_string(axis) + " must be known").What("input 0")
        .Hint("give the shape with --input-shape");
  if (node.Bool("exclusive") && scan.size > 0) {
    TFLOWER_TRY(x, Shift(build, x, scan, 1));
  }
  for (int64_t by = 1; by < scan.size; by *= 2) {
    TFLOWER_TRY(const Value before, Shift(build, x, scan, by));
    TFLOWER_TRY(x, build.Emit(tfl::Mul{}, {x, before}));
  }
  return build.Bind(0, x);
}

constexpr OpDef kOps[] = {
    {"Cumsum", {Ranked(1, TFLOWER_MAX_RANK), Index(0, 0)}, kAttrs, LowerCumsum, "CUMSUM"},
    {"Cumprod", {Ranked(1, TFLOWER_MAX_RANK), Index(0, 0)}, kAttrs, LowerCumprod, "MUL PADV2 SLICE"},
};
}  // namespace
TFLOWER_OP_FAMILY(cumulative, kOps);
}  // namespace tflower::tf_ops
