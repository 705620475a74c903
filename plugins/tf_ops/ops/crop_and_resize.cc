// CropAndResize: boxes cut out of images and resampled to one size, by GATHERs of the pixels around each sample.
// Source: tf.image.crop_and_resize; boxes are [y1, x1, y2, x2] in units of the image's size - 1, in any order.
#include "index.h"
#include "scalars.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Type("T"), String("method", OneOf("bilinear", "nearest"), "bilinear"), Float("extrapolation_value", 0)};

Result<Value> ToInt(Builder& build, const Value& x) {
  return build.Emit(tfl::Cast{.in_data_type = tfl::TensorType::FLOAT32, .out_data_type = tfl::TensorType::INT32}, {x});
}

// Samples along height or width, for all boxes: [boxes, samples].
struct Samples {
  Value inside;      // bool: not beyond the image's edge
  Value low, high;   // int32 pixels around them
  Value share;       // of the higher pixel
};

// Where box sides `from` and `to` ([boxes, 1]) put `count` samples of an axis of `size` pixels: [boxes, count].
Result<Value> Positions(Builder& build, const Value& from, const Value& to, int64_t count, int64_t size) {
  const float last = static_cast<float>(size - 1);
  if (count == 1) {
    TFLOWER_TRY(const Value sum, build.Emit(tfl::Add{}, {from, to}));
    TFLOWER_TRY(const Value middle, With<tfl::Mul>(build, sum, 0.5f));
    return With<tfl::Mul>(build, middle, last);
  }
  std::vector<float> steps;
  for (int64_t i = 0; i < count; ++i) steps.push_back(static_cast<float>(i));
  TFLOWER_TRY(const Value counts, build.Constant<float>(std::span<const int64_t>(&count, 1), steps));
  TFLOWER_TRY(const Value extent, build.Emit(tfl::Sub{}, {to, from}));
  TFLOWER_TRY(const Value pixels, With<tfl::Mul>(build, extent, last));
  TFLOWER_TRY(const Value step, With<tfl::Div>(build, pixels, static_cast<float>(count - 1)));
  TFLOWER_TRY(const Value start, With<tfl::Mul>(build, from, last));
  TFLOWER_TRY(const Value offsets, build.Emit(tfl::Mul{}, {step, counts}));
  return build.Emit(tfl::Add{}, {offsets, start});
}

Result<Samples> SamplesAt(Builder& build, const Value& at, int64_t size, bool nearest) {
  const float last = static_cast<float>(size - 1);
  Samples s;
  TFLOWER_TRY(const Value after_first, With<tfl::GreaterEqual>(build, at, 0));
  TFLOWER_TRY(const Value before_last, With<tfl::LessEqual>(build, at, last));
  TFLOWER_TRY(s.inside, build.Emit(tfl::LogicalAnd{}, {after_first, before_last}));
  TFLOWER_TRY(const Value below, With<tfl::Minimum>(build, at, last));
  TFLOWER_TRY(const Value clamped, With<tfl::Maximum>(build, below, 0));
  if (nearest) {  // halves away from 0
    TFLOWER_TRY(const Value moved, With<tfl::Add>(build, clamped, 0.5f));
    TFLOWER_TRY(const Value floor, build.Emit(tfl::Floor{}, {moved}));
    TFLOWER_TRY(s.low, ToInt(build, floor));
    return s;
  }
  TFLOWER_TRY(const Value floor, build.Emit(tfl::Floor{}, {clamped}));
  TFLOWER_TRY(const Value ceil, build.Emit(tfl::Ceil{}, {clamped}));
  TFLOWER_TRY(s.share, build.Emit(tfl::Sub{}, {clamped, floor}));
  TFLOWER_TRY(s.low, ToInt(build, floor));
  TFLOWER_TRY(s.high, ToInt(build, ceil));
  return s;
}

struct Crop {
  Value pixels;  // [all pixels of all images, channels]
  Value images;  // which image each box is of, [boxes, 1]
  int64_t height, width, rows, columns;
};

// v [boxes, n] with a dimension of 1 at each of `axes` of the result.
Result<Value> Spread(Builder& build, const Value& v, std::initializer_list<int32_t> axes) {
  return InsertDims(build, v, std::span<const int32_t>(axes.begin(), axes.size()));
}

// The pixels at rows y and columns x: [boxes, rows, columns, channels].
Result<Value> PixelsAt(Builder& build, const Crop& crop, const Value& y, const Value& x) {
  TFLOWER_TRY(const Value height, build.Scalar(static_cast<int32_t>(crop.height)));
  TFLOWER_TRY(const Value width, build.Scalar(static_cast<int32_t>(crop.width)));
  TFLOWER_TRY(const Value first_row, build.Emit(tfl::Mul{}, {crop.images, height}));
  TFLOWER_TRY(const Value row, build.Emit(tfl::Add{}, {first_row, y}));
  TFLOWER_TRY(const Value start, build.Emit(tfl::Mul{}, {row, width}));
  TFLOWER_TRY(const Value starts, Spread(build, start, {2}));
  TFLOWER_TRY(const Value columns, Spread(build, x, {1}));
  TFLOWER_TRY(const Value indices, build.Emit(tfl::Add{}, {starts, columns}));
  return build.Emit(tfl::Gather{}, {crop.pixels, indices});
}

// a + (b - a) * share
Result<Value> Blend(Builder& build, const Value& a, const Value& b, const Value& share) {
  TFLOWER_TRY(const Value difference, build.Emit(tfl::Sub{}, {b, a}));
  TFLOWER_TRY(const Value part, build.Emit(tfl::Mul{}, {difference, share}));
  return build.Emit(tfl::Add{}, {a, part});
}

Result<Value> Bilinear(Builder& build, const Crop& crop, const Samples& y, const Samples& x) {
  TFLOWER_TRY(const Value top_left, PixelsAt(build, crop, y.low, x.low));
  TFLOWER_TRY(const Value top_right, PixelsAt(build, crop, y.low, x.high));
  TFLOWER_TRY(const Value bottom_left, PixelsAt(build, crop, y.high, x.low));
  TFLOWER_TRY(const Value bottom_right, PixelsAt(build, crop, y.high, x.high));
  TFLOWER_TRY(const Value across, Spread(build, x.share, {1, 3}));
  TFLOWER_TRY(const Value down, Spread(build, y.share, {2, 3}));
  TFLOWER_TRY(const Value top, Blend(build, top_left, top_right, across));
  TFLOWER_TRY(const Value bottom, Blend(build, bottom_left, bottom_right, across));
  return Blend(build, top, bottom, down);
}

Result<Crop> ReadCrop(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  for (int i = 1; i < 4; ++i)
    if (x.dim(i) < 1) return Error(Code::kUnsupportedShape, "height, width and channels must be known").What("input 0").Hint("give the shape with --input-shape");
  TFLOWER_TRY(const std::vector<int64_t> size, build.Ints(node.Input(3), "input 3 (crop_size)"));
  if (size.size() != 2 || size[0] < 1 || size[1] < 1 || size[0] > INT32_MAX || size[1] > INT32_MAX)
    return Error(Code::kInvalidGraph, "must be two positive numbers").What("input 3 (crop_size)");
  TFLOWER_TRY(const Value image, CastTo(build, x, DType::kFloat32));  // the result is float32, whatever the image is
  Crop crop{{}, {}, x.dim(1), x.dim(2), size[0], size[1]};
  const int64_t pixels[] = {-1, x.dim(3)};
  const int32_t column = 1;
  TFLOWER_TRY(crop.pixels, ReshapeTo(build, image, pixels));
  TFLOWER_TRY(crop.images, InsertDims(build, node.Input(2), std::span<const int32_t>(&column, 1)));
  return crop;
}

Status LowerCropAndResize(const Node& node, Builder& build) {
  TFLOWER_TRY(const Crop crop, ReadCrop(node, build));
  if (node.Input(1).dim(1) != 4) return Error(Code::kInvalidGraph, "must be [boxes, 4]").What("input 1 (boxes)");
  const bool nearest = node.String("method") == "nearest";
  TFLOWER_TRY(const Value axis, build.Scalar<int32_t>(1));
  const Value split[] = {axis, node.Input(1)};
  TFLOWER_TRY(const std::vector<Value> sides, build.EmitAll(tfl::Split{.num_splits = 4}, split, 4));
  TFLOWER_TRY(const Value at_y, Positions(build, sides[0], sides[2], crop.rows, crop.height));
  TFLOWER_TRY(const Value at_x, Positions(build, sides[1], sides[3], crop.columns, crop.width));
  TFLOWER_TRY(const Samples y, SamplesAt(build, at_y, crop.height, nearest));
  TFLOWER_TRY(const Samples x, SamplesAt(build, at_x, crop.width, nearest));
  TFLOWER_TRY(const Value sampled, nearest ? PixelsAt(build, crop, y.low, x.low) : Bilinear(build, crop, y, x));
  TFLOWER_TRY(const Value inside_y, Spread(build, y.inside, {2, 3}));
  TFLOWER_TRY(const Value inside_x, Spread(build, x.inside, {1, 3}));
  TFLOWER_TRY(const Value inside, build.Emit(tfl::LogicalAnd{}, {inside_y, inside_x}));
  TFLOWER_TRY(const Value outside, build.Scalar(node.Float("extrapolation_value")));
  return build.Bind(0, build.Emit(tfl::SelectV2{}, {inside, sampled, outside}));
}

constexpr const char* kEmits = "ADD CAST CEIL DIV EXPAND_DIMS FLOOR GATHER GREATER_EQUAL LESS_EQUAL LOGICAL_AND MAXIMUM MINIMUM MUL RESHAPE SELECT_V2 SPLIT SUB";

constexpr OpDef kOps[] = {
    {"CropAndResize", {Ranked(4, 4), Of(kF32, 2, 2), Of(kI32, 1, 1), Of(kI32, 1, 1)}, kAttrs, LowerCropAndResize, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(crop_and_resize, kOps);
}  // namespace tflower::tf_ops
