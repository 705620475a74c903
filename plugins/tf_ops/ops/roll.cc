// Roll by a known shift along a known dimension -> SLICE, SLICE, CONCATENATION for each axis; else a GATHER with computed indices. Where not
// even the axes are known, each dimension is rolled by the sum of the shifts that name it.
#include "by_numbers.h"

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
Result<Value> RollKnown(Builder& build, const Value& x, int32_t axis, int64_t shift) {
  const int64_t n = x.dim(axis);
  if (n == 0 || shift % n == 0) return x;
  const int64_t by = (shift % n + n) % n;
  TFLOWER_TRY(const Value tail, SliceAlong(build, x, axis, n - by, by));
  TFLOWER_TRY(const Value head, SliceAlong(build, x, axis, 0, n - by));
  return build.Emit(tfl::Concatenation{.axis = axis}, {tail, head});
}

// Element i comes from (i - shift) mod n; shift is an int32 scalar.
Result<Value> RollComputed(Builder& build, const Value& x, int32_t axis, const Value& shift) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value size, ElementOf(build, shape, axis));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value modulus, build.Emit(tfl::Maximum{}, {size, one}));  // of nothing, too, there is no division by 0
  TFLOWER_TRY(const Value by, build.Emit(tfl::FloorMod{}, {shift, modulus}));
  TFLOWER_TRY(const Value places, build.Emit(tfl::Range{}, {zero, size, one}));
  TFLOWER_TRY(const Value moved, build.Emit(tfl::Sub{}, {places, by}));
  TFLOWER_TRY(const Value from, build.Emit(tfl::FloorMod{}, {moved, modulus}));
  return build.Emit(tfl::Gather{.axis = axis}, {x, from});
}

// Shifts of an axis that is named several times add up.
Result<std::vector<int64_t>> TotalShifts(std::span<const int64_t> shifts, std::span<const int32_t> axes, int rank) {
  std::vector<int64_t> total(static_cast<size_t>(rank), 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    int64_t& sum = total[static_cast<size_t>(axes[i])];
    if (__builtin_add_overflow(sum, shifts[i], &sum)) return Error(Code::kInvalidGraph, "shifts are too large").What("input 1");
  }
  return total;
}

Result<Value> RollByConstants(Builder& build, Value x, std::span<const int64_t> total) {
  for (int32_t axis = 0; axis < x.rank(); ++axis) {
    const int64_t shift = total[static_cast<size_t>(axis)];
    if (shift == 0) continue;
    if (x.dim(axis) >= 0) {
      TFLOWER_TRY(x, RollKnown(build, x, axis, shift));
      continue;
    }
    if (shift < INT32_MIN || shift > INT32_MAX) return Error(Code::kUnsupportedAttribute, "shifts are too large").What("input 1");
    TFLOWER_TRY(const Value by, build.Scalar(static_cast<int32_t>(shift)));
    TFLOWER_TRY(x, RollComputed(build, x, axis, by));
  }
  return x;
}

// v as an int32 vector.
Result<Value> AsVector(Builder& build, const Value& v) {
  TFLOWER_TRY(const Value narrow, AsInt32(build, v));
  const int64_t all = -1;
  return ReshapeTo(build, narrow, std::span<const int64_t>(&all, 1));
}

// One roll after the other, for shifts that are computed at run time.
Result<Value> RollByValues(Builder& build, Value x, const Value& shifts, std::span<const int32_t> axes) {
  TFLOWER_TRY(const Value list, AsVector(build, shifts));
  for (size_t i = 0; i < axes.size(); ++i) {
    TFLOWER_TRY(const Value by, ElementOf(build, list, static_cast<int32_t>(i)));
    TFLOWER_TRY(x, RollComputed(build, x, axes[i], by));
  }
  return x;
}

// Axes that are computed at run time: an axis out of range is taken modulo the rank, as nothing can refuse it there.
Result<Value> RollAnywhere(Builder& build, Value x, const Value& shifts, const Value& axes) {
  TFLOWER_TRY(const Value by, AsVector(build, shifts));
  TFLOWER_TRY(const Value given, AsVector(build, axes));
  TFLOWER_TRY(const Value rank, build.Scalar<int32_t>(x.rank()));
  TFLOWER_TRY(const Value at, build.Emit(tfl::FloorMod{}, {given, rank}));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value first, build.Vector({0}));
  for (int32_t axis = 0; axis < x.rank(); ++axis) {
    TFLOWER_TRY(const Value number, build.Scalar(axis));
    TFLOWER_TRY(const Value named, build.Emit(tfl::Equal{}, {at, number}));
    TFLOWER_TRY(const Value own, build.Emit(tfl::SelectV2{}, {named, by, zero}));
    TFLOWER_TRY(const Value total, build.Emit(tfl::Sum{.keep_dims = false}, {own, first}));
    TFLOWER_TRY(x, RollComputed(build, x, axis, total));
  }
  return x;
}

Result<Value> LowerRoll(const Node& node, Builder& build) {
  const Value x = node.Input(0), shifts = node.Input(1);
  if (!build.ReadElements(node.Input(2)).ok()) return RollAnywhere(build, x, shifts, node.Input(2));
  TFLOWER_TRY(const std::vector<int64_t> given, build.Ints(node.Input(2), "input 2"));
  std::vector<int32_t> axes;
  for (int64_t a : given) {
    TFLOWER_TRY(const int32_t axis, NormalAxis(a, x.rank(), "input 2"));
    axes.push_back(axis);
  }
  if (shifts.num_elements() != static_cast<int64_t>(axes.size())) return Error(Code::kInvalidGraph, "must have one shift for each axis").What("input 1");
  const Result<Elements> known = build.ReadElements(shifts);
  if (!known.ok() || !known.value().all_known()) return RollByValues(build, x, shifts, axes);
  TFLOWER_TRY(const std::vector<int64_t> total, TotalShifts(known.value().values, axes, x.rank()));
  return RollByConstants(build, x, total);
}

constexpr OpDef kOps[] = {
    {"Roll", {Ranked(1, TFLOWER_MAX_RANK), Index(0, 1), Index(0, 1)}, kRollAttrs, ByNumbers<LowerRoll>,
     "CAST CONCATENATION EQUAL FLOOR_MOD GATHER MAXIMUM RANGE REDUCE_PROD RESHAPE SELECT_V2 SHAPE SLICE SUB SUM"},
};
}  // namespace
TFLOWER_OP_FAMILY(roll, kOps);
}  // namespace tflower::tf_ops
