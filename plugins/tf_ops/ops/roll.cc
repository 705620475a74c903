// Roll by known shifts -> SLICE, SLICE, CONCATENATION for each axis.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kRollAttrs[] = {Type("T"), Type("Tshift"), Type("Taxis")};

Result<Value> SliceAlong(Builder& build, const Value& x, int32_t axis, int64_t from, int64_t count) {
  std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), size(static_cast<size_t>(x.rank()), -1);
  begin[static_cast<size_t>(axis)] = from;
  size[static_cast<size_t>(axis)] = count;
  TFLOWER_TRY(const Value b, build.Vector(std::span<const int64_t>(begin)));
  TFLOWER_TRY(const Value s, build.Vector(std::span<const int64_t>(size)));
  return build.Emit(tfl::Slice{}, {x, b, s});
}

// The last `shift` elements come first.
Result<Value> RollAxis(Builder& build, const Value& x, int32_t axis, int64_t shift) {
  const int64_t n = x.dim(axis);
  if (n < 0)
    return Error(Code::kUnsupportedShape, "dimension " + std::to_string(axis) + " is rolled, so its size must be known").What("input 0")
        .Hint("give the shape with --input-shape");
  if (n == 0 || shift % n == 0) return x;
  const int64_t by = (shift % n + n) % n;
  TFLOWER_TRY(const Value tail, SliceAlong(build, x, axis, n - by, by));
  TFLOWER_TRY(const Value head, SliceAlong(build, x, axis, 0, n - by));
  return build.Emit(tfl::Concatenation{.axis = axis}, {tail, head});
}

// Shifts of an axis that is named several times add up.
Status LowerRoll(const Node& node, Builder& build) {
  Value x = node.Input(0);
  TFLOWER_TRY(const std::vector<int64_t> shifts, build.Ints(node.Input(1), "input 1"));
  TFLOWER_TRY(const std::vector<int64_t> axes, build.Ints(node.Input(2), "input 2"));
  if (shifts.size() != axes.size()) return Error(Code::kInvalidGraph, "must have one shift for each axis").What("input 1");
  std::vector<int64_t> total(static_cast<size_t>(x.rank()), 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    TFLOWER_TRY(const int32_t axis, NormalAxis(axes[i], x.rank(), "input 2"));
    if (__builtin_add_overflow(total[static_cast<size_t>(axis)], shifts[i], &total[static_cast<size_t>(axis)]))
      return Error(Code::kInvalidGraph, "shifts are too large").What("input 1");
  }
  for (int32_t axis = 0; axis < x.rank(); ++axis) {
    if (total[static_cast<size_t>(axis)] == 0) continue;
    TFLOWER_TRY(x, RollAxis(build, x, axis, total[static_cast<size_t>(axis)]));
  }
  return build.Bind(0, x);
}

constexpr OpDef kOps[] = {
    {"Roll", {Ranked(1, TFLOWER_MAX_RANK), Index(0, 1), Index(0, 1)}, kRollAttrs, LowerRoll, "CONCATENATION SLICE"},
};
}  // namespace
TFLOWER_OP_FAMILY(roll, kOps);
}  // namespace tflower::tf_ops
