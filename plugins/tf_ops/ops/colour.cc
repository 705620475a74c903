// Colours: RGBToHSV, HSVToRGB, AdjustHue, AdjustSaturation, AdjustContrastv2 in elementwise operators on the three planes of the last
// dimension.  Source: tf.image.rgb_to_hsv; hue, saturation and value are in [0, 1].
#include <array>

#include "index.h"
#include "scalars.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T", DType::kFloat32)};

using Planes = std::array<Value, 3>;

Result<Planes> SplitPlanes(Builder& build, const Value& x) {
  if (x.dim(-1) != 3) return Error(Code::kInvalidGraph, "the last dimension must be 3").What("input 0");
  TFLOWER_TRY(const Value axis, build.Scalar<int32_t>(x.rank() - 1));
  const Value in[] = {axis, x};
  TFLOWER_TRY(const std::vector<Value> out, build.EmitAll(tfl::Split{.num_splits = 3}, in, 3));
  return Planes{out[0], out[1], out[2]};
}
Result<Value> JoinPlanes(Builder& build, const Planes& p) { return build.Emit(tfl::Concatenation{.axis = p[0].rank() - 1}, {p[0], p[1], p[2]}); }

// offset + (a - b) / (6 range)
Result<Value> HueFrom(Builder& build, const Value& a, const Value& b, const Value& six_ranges, float offset) {
  TFLOWER_TRY(const Value difference, build.Emit(tfl::Sub{}, {a, b}));
  TFLOWER_TRY(const Value part, build.Emit(tfl::Div{}, {difference, six_ranges}));
  return With<tfl::Add>(build, part, offset);
}

// Which plane is the largest decides the third of the circle; of equal ones the first. Grey has hue 0.
Result<Value> Hue(Builder& build, const Planes& rgb, const Value& value, const Value& range) {
  TFLOWER_TRY(const Value six_ranges, With<tfl::Mul>(build, range, 6));
  TFLOWER_TRY(const Value from_red, HueFrom(build, rgb[1], rgb[2], six_ranges, 0));
  TFLOWER_TRY(const Value from_green, HueFrom(build, rgb[2], rgb[0], six_ranges, 2.0f / 6));
  TFLOWER_TRY(const Value from_blue, HueFrom(build, rgb[0], rgb[1], six_ranges, 4.0f / 6));
  TFLOWER_TRY(const Value is_red, build.Emit(tfl::Equal{}, {rgb[0], value}));
  TFLOWER_TRY(const Value is_green, build.Emit(tfl::Equal{}, {rgb[1], value}));
  TFLOWER_TRY(const Value others, build.Emit(tfl::SelectV2{}, {is_green, from_green, from_blue}));
  TFLOWER_TRY(const Value hue, build.Emit(tfl::SelectV2{}, {is_red, from_red, others}));
  TFLOWER_TRY(const Value is_negative, With<tfl::Less>(build, hue, 0));
  TFLOWER_TRY(const Value turned, With<tfl::Add>(build, hue, 1));
  TFLOWER_TRY(const Value positive, build.Emit(tfl::SelectV2{}, {is_negative, turned, hue}));
  TFLOWER_TRY(const Value has_colour, With<tfl::Greater>(build, range, 0));
  TFLOWER_TRY(const Value zero, build.Scalar(0.0f));
  return build.Emit(tfl::SelectV2{}, {has_colour, positive, zero});
}

Result<Planes> ToHsv(Builder& build, const Planes& rgb) {
  TFLOWER_TRY(const Value larger, build.Emit(tfl::Maximum{}, {rgb[0], rgb[1]}));
  TFLOWER_TRY(const Value value, build.Emit(tfl::Maximum{}, {larger, rgb[2]}));
  TFLOWER_TRY(const Value smaller, build.Emit(tfl::Minimum{}, {rgb[0], rgb[1]}));
  TFLOWER_TRY(const Value smallest, build.Emit(tfl::Minimum{}, {smaller, rgb[2]}));
  TFLOWER_TRY(const Value range, build.Emit(tfl::Sub{}, {value, smallest}));
  TFLOWER_TRY(const Value ratio, build.Emit(tfl::Div{}, {range, value}));
  TFLOWER_TRY(const Value is_bright, With<tfl::Greater>(build, value, 0));
  TFLOWER_TRY(const Value zero, build.Scalar(0.0f));
  TFLOWER_TRY(const Value saturation, build.Emit(tfl::SelectV2{}, {is_bright, ratio, zero}));
  TFLOWER_TRY(const Value hue, Hue(build, rgb, value, range));
  return Planes{hue, saturation, value};
}

Result<Value> Clip01(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value below, With<tfl::Minimum>(build, x, 1));
  return With<tfl::Maximum>(build, below, 0);
}

// A plane is full where six times the hue is far from (red) or near to (green, blue) `centre`.
Result<Value> PlaneOf(Builder& build, const Value& six_hues, float centre, bool far, const Value& saturation, const Value& rest, const Value& value) {
  TFLOWER_TRY(const Value difference, With<tfl::Sub>(build, six_hues, centre));
  TFLOWER_TRY(const Value distance, build.Emit(tfl::Abs{}, {difference}));
  Value ramp;
  if (far) {
    TFLOWER_TRY(ramp, With<tfl::Sub>(build, distance, 1));
  } else {
    TFLOWER_TRY(const Value two, build.Scalar(2.0f));
    TFLOWER_TRY(ramp, build.Emit(tfl::Sub{}, {two, distance}));
  }
  TFLOWER_TRY(const Value share, Clip01(build, ramp));
  TFLOWER_TRY(const Value coloured, build.Emit(tfl::Mul{}, {saturation, share}));
  TFLOWER_TRY(const Value sum, build.Emit(tfl::Add{}, {rest, coloured}));
  return build.Emit(tfl::Mul{}, {sum, value});
}

Result<Planes> ToRgb(Builder& build, const Planes& hsv) {
  TFLOWER_TRY(const Value six_hues, With<tfl::Mul>(build, hsv[0], 6));
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  TFLOWER_TRY(const Value rest, build.Emit(tfl::Sub{}, {one, hsv[1]}));
  TFLOWER_TRY(const Value red, PlaneOf(build, six_hues, 3, true, hsv[1], rest, hsv[2]));
  TFLOWER_TRY(const Value green, PlaneOf(build, six_hues, 2, false, hsv[1], rest, hsv[2]));
  TFLOWER_TRY(const Value blue, PlaneOf(build, six_hues, 4, false, hsv[1], rest, hsv[2]));
  return Planes{red, green, blue};
}

Result<Value> LowerToHsv(const Node& node, Builder& build) {
  TFLOWER_TRY(const Planes rgb, SplitPlanes(build, node.Input(0)));
  TFLOWER_TRY(const Planes hsv, ToHsv(build, rgb));
  return JoinPlanes(build, hsv);
}
Result<Value> LowerToRgb(const Node& node, Builder& build) {
  TFLOWER_TRY(const Planes hsv, SplitPlanes(build, node.Input(0)));
  TFLOWER_TRY(const Planes rgb, ToRgb(build, hsv));
  return JoinPlanes(build, rgb);
}

// Turns the hue by a part of the circle.
Result<Value> LowerAdjustHue(const Node& node, Builder& build) {
  TFLOWER_TRY(const Planes rgb, SplitPlanes(build, node.Input(0)));
  TFLOWER_TRY(Planes hsv, ToHsv(build, rgb));
  TFLOWER_TRY(const Value turned, build.Emit(tfl::Add{}, {hsv[0], node.Input(1)}));
  TFLOWER_TRY(hsv[0], With<tfl::FloorMod>(build, turned, 1));
  TFLOWER_TRY(const Planes adjusted, ToRgb(build, hsv));
  return JoinPlanes(build, adjusted);
}

Result<Value> LowerAdjustSaturation(const Node& node, Builder& build) {
  TFLOWER_TRY(const Planes rgb, SplitPlanes(build, node.Input(0)));
  TFLOWER_TRY(Planes hsv, ToHsv(build, rgb));
  TFLOWER_TRY(const Value scaled, build.Emit(tfl::Mul{}, {hsv[1], node.Input(1)}));
  TFLOWER_TRY(hsv[1], Clip01(build, scaled));
  TFLOWER_TRY(const Planes adjusted, ToRgb(build, hsv));
  return JoinPlanes(build, adjusted);
}

// The distance of each pixel from its image's mean, by channel, is scaled.
Result<Value> LowerAdjustContrast(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value axes, build.Vector({x.rank() - 3, x.rank() - 2}));
  TFLOWER_TRY(const Value mean, build.Emit(tfl::Mean{.keep_dims = true}, {x, axes}));
  TFLOWER_TRY(const Value distance, build.Emit(tfl::Sub{}, {x, mean}));
  TFLOWER_TRY(const Value scaled, build.Emit(tfl::Mul{}, {distance, node.Input(1)}));
  return build.Emit(tfl::Add{}, {scaled, mean});
}

constexpr Operand kPixels = Of(kFloats, 1, TFLOWER_MAX_RANK), kImages = Of(kFloats, 3, TFLOWER_MAX_RANK), kNumber = Of(kF32, 0, 0);
constexpr const char* kEmits =
    "ABS ADD CAST CONCATENATION DIV EQUAL FLOOR_MOD GREATER LESS MAXIMUM MINIMUM MUL SELECT_V2 SPLIT SUB";

constexpr OpDef kOps[] = {
    {"RGBToHSV", {kPixels}, kT, InFloat32<LowerToHsv>, kEmits},
    {"HSVToRGB", {kPixels}, kT, InFloat32<LowerToRgb>, kEmits},
    {"AdjustHue", {kImages, kNumber}, kT, InFloat32<LowerAdjustHue>, kEmits},
    {"AdjustSaturation", {kImages, kNumber}, kT, InFloat32<LowerAdjustSaturation>, kEmits},
    {"AdjustContrastv2", {kImages, kNumber}, kT, InFloat32<LowerAdjustContrast>, "ADD CAST MEAN MUL SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(colour, kOps);
}  // namespace tflower::tf_ops
