// Simulated quantisation: QuantizeAndDequantize, V2, V3, V4 -> x scaled to integers, rounded, scaled back, in float32.
// The range is given, or that of x: then it is found at run time. It is widened on one side, so that 0 and the other end are levels.
// Source: tf.quantization.quantize_and_dequantize_v2.
#include <algorithm>

#include "index.h"
#include "scalars.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kV1Attrs[] = {Bool("signed_input", true), Int("num_bits", 8), Bool("range_given", false), Float("input_min", 0), Float("input_max", 0), Type("T")};
constexpr AttrDef kV2Attrs[] = {Bool("signed_input", true), Int("num_bits", 8), Bool("range_given", false), Type("T"),
                                String("round_mode", OneOf("HALF_TO_EVEN", "HALF_UP"), "HALF_TO_EVEN"), Bool("narrow_range", false), Int("axis", -1)};
constexpr AttrDef kV3Attrs[] = {Bool("signed_input", true), Bool("range_given", true), Type("T"), Bool("narrow_range", false), Int("axis", -1)};

struct Scheme {
  bool is_signed = true, is_given = false, narrow = false, half_up = false;
  int64_t bits = 8, axis = -1;
  double lowest() const { return is_signed ? -static_cast<double>(int64_t{1} << (bits - 1)) + (narrow ? 1 : 0) : 0; }
  double highest() const { return static_cast<double>((int64_t{1} << (is_signed ? bits - 1 : bits)) - 1); }
};

struct Range {
  Value min, max;  // scalars, or of a rank that broadcasts with x
};

// Of all of x, or of each slice along an axis.
Result<Range> RangeOf(Builder& build, const Value& x, int64_t axis) {
  std::vector<int32_t> axes;
  for (int i = 0; i < x.rank(); ++i) if (i != axis) axes.push_back(i);
  TFLOWER_TRY(const Value a, build.Vector(std::span<const int32_t>(axes)));
  TFLOWER_TRY(const Value min, build.Emit(tfl::ReduceMin{.keep_dims = true}, {x, a}));
  TFLOWER_TRY(const Value max, build.Emit(tfl::ReduceMax{.keep_dims = true}, {x, a}));
  return Range{min, max};
}

// A given range, [] or [slices], so that it broadcasts with x.
Result<Value> Bound(Builder& build, const Value& x, const Value& v, int64_t axis) {
  if (axis < 0) return v;
  std::vector<int64_t> dims(static_cast<size_t>(x.rank()), 1);
  dims[static_cast<size_t>(axis)] = v.num_elements();
  return ReshapeTo(build, v, dims);
}

// The distance of levels: the larger of what both ends ask for, an end of the wrong sign asking for nothing.
Result<Value> DistanceOf(Builder& build, const Scheme& q, const Range& range) {
  TFLOWER_TRY(const Value upper, With<tfl::Div>(build, range.max, q.highest()));
  Value wanted = upper;
  if (q.lowest() != 0) {
    TFLOWER_TRY(const Value lower, With<tfl::Div>(build, range.min, q.lowest()));
    TFLOWER_TRY(wanted, build.Emit(tfl::Maximum{}, {upper, lower}));
  }
  return With<tfl::Maximum>(build, wanted, 1e-37);
}

Result<Value> Rounded(Builder& build, const Scheme& q, const Value& x) {
  if (!q.half_up) return build.Emit(tfl::Round{}, {x});
  TFLOWER_TRY(const Value moved, With<tfl::Add>(build, x, 0.5));
  return build.Emit(tfl::Floor{}, {moved});
}

// Without a given range every element lies within, but for the rounding of the highest.
Result<Value> Requantized(Builder& build, const Scheme& q, const Value& x, const Range& range) {
  TFLOWER_TRY(const Value distance, DistanceOf(build, q, range));
  TFLOWER_TRY(const Value scaled, build.Emit(tfl::Div{}, {x, distance}));
  Value level = scaled;
  if (q.is_given) {
    TFLOWER_TRY(const Value below, With<tfl::Minimum>(build, scaled, q.highest()));
    TFLOWER_TRY(level, With<tfl::Maximum>(build, below, q.lowest()));
  }
  TFLOWER_TRY(level, Rounded(build, q, level));
  if (!q.is_given && q.half_up) {
    TFLOWER_TRY(level, With<tfl::Minimum>(build, level, q.highest()));
  }
  return build.Emit(tfl::Mul{}, {level, distance});
}

Result<Value> Lower(const Node& node, Builder& build, Scheme q, const Value& min, const Value& max) {
  const Value x = node.Input(0);
  if (q.bits < 1 || q.bits > 62 || (q.is_signed && q.bits < 2)) return Error(Code::kInvalidGraph, std::to_string(q.bits) + " is not possible").What("num_bits");
  if (q.axis < -1 || q.axis >= x.rank()) return Error(Code::kInvalidGraph, std::to_string(q.axis) + " is out of range").What("axis");
  Range range{min, max};
  if (q.is_given) {
    TFLOWER_TRY(range.min, Bound(build, x, min, q.axis));
    TFLOWER_TRY(range.max, Bound(build, x, max, q.axis));
  } else {
    TFLOWER_TRY(range, RangeOf(build, x, q.axis));
  }
  return Requantized(build, q, x, range);
}

Result<Value> LowerV1(const Node& node, Builder& build) {
  const Scheme q{.is_signed = node.Bool("signed_input"), .is_given = node.Bool("range_given"), .bits = node.Int("num_bits")};
  TFLOWER_TRY(const Value min, build.Scalar(node.Float("input_min")));
  TFLOWER_TRY(const Value max, build.Scalar(node.Float("input_max")));
  return Lower(node, build, q, min, max);
}
Result<Value> LowerV2(const Node& node, Builder& build) {
  const Scheme q{.is_signed = node.Bool("signed_input"), .is_given = node.Bool("range_given"), .narrow = node.Bool("narrow_range"),
                 .half_up = node.String("round_mode") == "HALF_UP", .bits = node.Int("num_bits"), .axis = node.Int("axis")};
  return Lower(node, build, q, node.Input(1), node.Input(2));
}
Result<Value> LowerV3(const Node& node, Builder& build) {
  TFLOWER_TRY(const int64_t bits, build.Int(node.Input(3), "input 3 (num_bits)"));
  const Scheme q{.is_signed = node.Bool("signed_input"), .is_given = node.Bool("range_given"), .narrow = node.Bool("narrow_range"), .bits = bits, .axis = node.Int("axis")};
  return Lower(node, build, q, node.Input(1), node.Input(2));
}

constexpr Operand kBound = Of(kFloats, 0, 1);
constexpr const char* kEmits = "ADD CAST DIV FLOOR MAXIMUM MINIMUM MUL REDUCE_MAX REDUCE_MIN RESHAPE ROUND";

constexpr OpDef kOps[] = {
    {"QuantizeAndDequantize", {Float()}, kV1Attrs, InFloat32<LowerV1>, kEmits},
    {"QuantizeAndDequantizeV2", {Float(), kBound, kBound}, kV2Attrs, InFloat32<LowerV2>, kEmits},
    {"QuantizeAndDequantizeV3", {Float(), kBound, kBound, Of(kI32, 0, 0)}, kV3Attrs, InFloat32<LowerV3>, kEmits},
    {"QuantizeAndDequantizeV4", {Float(), kBound, kBound}, kV2Attrs, InFloat32<LowerV2>, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(quantize, kOps);
}  // namespace tflower::tf_ops
