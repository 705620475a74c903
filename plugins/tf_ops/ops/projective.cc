// ImageProjectiveTransformV2, V3 -> GATHERs of the pixels that each pixel of the result comes from, in float32.
// A transform (a0 a1 a2 b0 b1 b2 c0 c1) takes (x, y) of the result to ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), k = c0 x + c1 y + 1.
// Source: tf.raw_ops.ImageProjectiveTransformV3.
#include "index.h"
#include "scalars.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Type("dtype"), String("interpolation", OneOf("NEAREST", "BILINEAR")),
                              String("fill_mode", OneOf("CONSTANT", "REFLECT", "WRAP", "NEAREST"), "CONSTANT")};

constexpr int64_t kMaxPixels = int64_t{1} << 22;  // coordinates are in the file

struct Image {
  Value pixels;  // [all pixels of all images, channels]
  Value first;   // of each image, [images, 1], int32
  Value fill;    // a number
  int64_t h = 0, w = 0, out_h = 0, out_w = 0;
};

// Coordinates of the result's pixels along one axis, [1, out_h * out_w].
Result<Value> Grid(Builder& build, const Image& image, bool vertical) {
  std::vector<float> at;
  for (int64_t y = 0; y < image.out_h; ++y)
    for (int64_t x = 0; x < image.out_w; ++x) at.push_back(static_cast<float>(vertical ? y : x));
  const int64_t dims[] = {1, image.out_h * image.out_w};
  return build.Constant<float>(dims, at);
}

struct Point {
  Value x, y;
};

// a x + b y + c, [transforms, pixels].
Result<Value> Line(Builder& build, const Point& p, const Value& a, const Value& b, const Value& c) {
  TFLOWER_TRY(const Value along, build.Emit(tfl::Mul{}, {a, p.x}));
  TFLOWER_TRY(const Value down, build.Emit(tfl::Mul{}, {b, p.y}));
  TFLOWER_TRY(const Value sum, build.Emit(tfl::Add{}, {along, down}));
  return build.Emit(tfl::Add{}, {sum, c});
}

Result<Value> Floored(Builder& build, const Value& v, double divisor) {
  TFLOWER_TRY(const Value quotient, With<tfl::Div>(build, v, divisor));
  return build.Emit(tfl::Floor{}, {quotient});
}
Result<Value> Choose(Builder& build, const Value& condition, const Value& a, const Value& b) { return build.Emit(tfl::SelectV2{}, {condition, a, b}); }

// v below 0 or above size - 1, moved by as many times `size` as it has multiples of size - 1.
Result<Value> Wrapped(Builder& build, const Value& v, int64_t size) {
  const double n = static_cast<double>(size), last = n - 1;
  TFLOWER_TRY(const Value negative, build.Emit(tfl::Neg{}, {v}));
  TFLOWER_TRY(const Value times_below, Floored(build, negative, last));
  TFLOWER_TRY(const Value more, With<tfl::Add>(build, times_below, 1));
  TFLOWER_TRY(const Value up, With<tfl::Mul>(build, more, n));
  TFLOWER_TRY(const Value raised, build.Emit(tfl::Add{}, {v, up}));
  TFLOWER_TRY(const Value times_above, Floored(build, v, last));
  TFLOWER_TRY(const Value down, With<tfl::Mul>(build, times_above, n));
  TFLOWER_TRY(const Value lowered, build.Emit(tfl::Sub{}, {v, down}));
  TFLOWER_TRY(const Value is_below, With<tfl::Less>(build, v, 0));
  TFLOWER_TRY(const Value is_above, With<tfl::Greater>(build, v, last));
  TFLOWER_TRY(const Value high, Choose(build, is_above, lowered, v));
  return Choose(build, is_below, raised, high);
}

// v reflected at -1/2 and size - 1/2, as often as needed.
Result<Value> Reflected(Builder& build, const Value& v, int64_t size) {
  const double n = static_cast<double>(size);
  TFLOWER_TRY(const Value negative, build.Emit(tfl::Neg{}, {v}));
  TFLOWER_TRY(const Value mirrored, With<tfl::Sub>(build, negative, 1));
  TFLOWER_TRY(const Value is_below, With<tfl::Less>(build, v, 0));
  TFLOWER_TRY(const Value positive, Choose(build, is_below, mirrored, v));
  TFLOWER_TRY(const Value periods, Floored(build, positive, 2 * n));
  TFLOWER_TRY(const Value past, With<tfl::Mul>(build, periods, 2 * n));
  TFLOWER_TRY(const Value within, build.Emit(tfl::Sub{}, {positive, past}));
  TFLOWER_TRY(const Value back, Number<tfl::Sub>(build, 2 * n - 1, within));
  TFLOWER_TRY(const Value is_second, With<tfl::GreaterEqual>(build, within, n));
  TFLOWER_TRY(const Value inside, Choose(build, is_second, back, within));
  TFLOWER_TRY(const Value is_inside, With<tfl::LessEqual>(build, v, n - 1));  // what lies within half a pixel of the edge is not moved
  TFLOWER_TRY(const Value is_positive, With<tfl::GreaterEqual>(build, v, 0));
  TFLOWER_TRY(const Value is_kept, build.Emit(tfl::LogicalAnd{}, {is_inside, is_positive}));
  return Choose(build, is_kept, v, inside);
}

// A coordinate along an axis of `size`, as the fill mode takes it back into the image.
Result<Value> TakenBack(Builder& build, Value v, int64_t size, std::string_view fill_mode) {
  if (fill_mode == "CONSTANT") return v;
  if (fill_mode == "WRAP" && size > 1) {
    TFLOWER_TRY(v, Wrapped(build, v, size));
  }
  if (fill_mode == "REFLECT" && size > 1) {
    TFLOWER_TRY(v, Reflected(build, v, size));
  }
  TFLOWER_TRY(const Value low, With<tfl::Maximum>(build, v, 0));
  return With<tfl::Minimum>(build, low, static_cast<double>(size - 1));
}

// Whole coordinates, at most half a pixel off: whether they are in the image, and as an index that is.
struct Place {
  Value is_inside, index;
};
Result<Place> PlaceOf(Builder& build, const Value& v, int64_t size) {
  const double last = static_cast<double>(size - 1);
  TFLOWER_TRY(const Value after, With<tfl::Greater>(build, v, -0.5));
  TFLOWER_TRY(const Value before, With<tfl::Less>(build, v, last + 0.5));
  TFLOWER_TRY(const Value is_inside, build.Emit(tfl::LogicalAnd{}, {after, before}));
  TFLOWER_TRY(const Value low, With<tfl::Maximum>(build, v, 0));
  TFLOWER_TRY(const Value high, With<tfl::Minimum>(build, low, last));
  TFLOWER_TRY(const Value moved, With<tfl::Add>(build, high, 0.5));
  TFLOWER_TRY(const Value whole, build.Emit(tfl::Floor{}, {moved}));
  TFLOWER_TRY(const Value index, CastTo(build, whole, DType::kInt32));
  return Place{is_inside, index};
}

// [..., pixels] as [..., pixels, 1], beside channels.
Result<Value> ForChannels(Builder& build, const Value& v) {
  const int32_t last = 2;
  return InsertDims(build, v, std::span<const int32_t>(&last, 1));
}

// The pixels nearest to p, [images, pixels, channels]; the fill value outside of the image.
Result<Value> PixelsAt(Builder& build, const Image& image, const Point& p) {
  TFLOWER_TRY(const Place x, PlaceOf(build, p.x, image.w));
  TFLOWER_TRY(const Place y, PlaceOf(build, p.y, image.h));
  TFLOWER_TRY(const Value row, With<tfl::Mul>(build, y.index, static_cast<double>(image.w)));
  TFLOWER_TRY(const Value within, build.Emit(tfl::Add{}, {row, x.index}));
  TFLOWER_TRY(const Value index, build.Emit(tfl::Add{}, {within, image.first}));
  TFLOWER_TRY(const Value pixels, build.Emit(tfl::Gather{}, {image.pixels, index}));
  TFLOWER_TRY(const Value is_inside, build.Emit(tfl::LogicalAnd{}, {x.is_inside, y.is_inside}));
  TFLOWER_TRY(const Value mask, ForChannels(build, is_inside));
  return Choose(build, mask, pixels, image.fill);
}

// a + (b - a) * share
Result<Value> Blend(Builder& build, const Value& a, const Value& b, const Value& share) {
  TFLOWER_TRY(const Value difference, build.Emit(tfl::Sub{}, {b, a}));
  TFLOWER_TRY(const Value part, build.Emit(tfl::Mul{}, {difference, share}));
  return build.Emit(tfl::Add{}, {a, part});
}

Result<Value> Bilinear(Builder& build, const Image& image, const Point& p) {
  TFLOWER_TRY(const Value left, build.Emit(tfl::Floor{}, {p.x}));
  TFLOWER_TRY(const Value top, build.Emit(tfl::Floor{}, {p.y}));
  TFLOWER_TRY(const Value right, With<tfl::Add>(build, left, 1));
  TFLOWER_TRY(const Value bottom, With<tfl::Add>(build, top, 1));
  TFLOWER_TRY(const Value across, build.Emit(tfl::Sub{}, {p.x, left}));
  TFLOWER_TRY(const Value down, build.Emit(tfl::Sub{}, {p.y, top}));
  TFLOWER_TRY(const Value share_x, ForChannels(build, across));
  TFLOWER_TRY(const Value share_y, ForChannels(build, down));
  TFLOWER_TRY(const Value top_left, PixelsAt(build, image, {left, top}));
  TFLOWER_TRY(const Value top_right, PixelsAt(build, image, {right, top}));
  TFLOWER_TRY(const Value bottom_left, PixelsAt(build, image, {left, bottom}));
  TFLOWER_TRY(const Value bottom_right, PixelsAt(build, image, {right, bottom}));
  TFLOWER_TRY(const Value upper, Blend(build, top_left, top_right, share_x));
  TFLOWER_TRY(const Value lower, Blend(build, bottom_left, bottom_right, share_x));
  return Blend(build, upper, lower, share_y);
}

Result<Image> ReadImage(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const std::vector<int64_t> size, build.Ints(node.Input(2), "input 2 (output_shape)"));
  for (int i = 1; i < 4; ++i)
    if (x.dim(i) < 1 || x.dim(i) > INT32_MAX) return Error(Code::kUnsupportedShape, "height, width and channels must be known").What("input 0").Hint("give the shape with --input-shape");
  if (x.dim(1) > INT32_MAX / x.dim(2)) return Error(Code::kUnsupportedShape, "an image of more pixels than an int32 counts").What("input 0");
  if (size.size() != 2 || size[0] < 1 || size[1] < 1 || size[0] > kMaxPixels / size[1])
    return Error(Code::kUnsupportedShape, "must be two positive numbers, of at most " + std::to_string(kMaxPixels) + " pixels").What("input 2 (output_shape)");
  Image image{.h = x.dim(1), .w = x.dim(2), .out_h = size[0], .out_w = size[1]};
  const int64_t pixels[] = {-1, x.dim(3)}, column[] = {-1, 1};
  TFLOWER_TRY(const Value wide, CastTo(build, x, DType::kFloat32));
  TFLOWER_TRY(image.pixels, ReshapeTo(build, wide, pixels));
  TFLOWER_TRY(const Value shape, ShapeOf(build, x));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value images, build.Emit(tfl::Gather{}, {shape, zero}));
  TFLOWER_TRY(const Value numbers, build.Emit(tfl::Range{}, {zero, images, one}));
  TFLOWER_TRY(const Value first, With<tfl::Mul>(build, numbers, static_cast<double>(image.h * image.w)));
  TFLOWER_TRY(image.first, ReshapeTo(build, first, column));
  TFLOWER_TRY(image.fill, node.num_inputs() > 3 ? Result<Value>(node.Input(3)) : build.Scalar(0.0f));
  return image;
}

Status LowerTransform(const Node& node, Builder& build) {
  TFLOWER_TRY(const Image image, ReadImage(node, build));
  if (node.Input(1).dim(1) != 8) return Error(Code::kInvalidGraph, "must be [transforms, 8]").What("input 1 (transforms)");
  TFLOWER_TRY(const Value axis, build.Scalar<int32_t>(1));
  const Value split[] = {axis, node.Input(1)};
  TFLOWER_TRY(const std::vector<Value> t, build.EmitAll(tfl::Split{.num_splits = 8}, split, 8));
  TFLOWER_TRY(const Value grid_x, Grid(build, image, false));
  TFLOWER_TRY(const Value grid_y, Grid(build, image, true));
  const Point grid{grid_x, grid_y};
  TFLOWER_TRY(const Value one, build.Scalar(1.0f));
  TFLOWER_TRY(const Value k, Line(build, grid, t[6], t[7], one));
  TFLOWER_TRY(const Value ax, Line(build, grid, t[0], t[1], t[2]));
  TFLOWER_TRY(const Value by, Line(build, grid, t[3], t[4], t[5]));
  TFLOWER_TRY(const Value far_x, build.Emit(tfl::Div{}, {ax, k}));
  TFLOWER_TRY(const Value far_y, build.Emit(tfl::Div{}, {by, k}));
  Point p;
  TFLOWER_TRY(p.x, TakenBack(build, far_x, image.w, node.String("fill_mode")));
  TFLOWER_TRY(p.y, TakenBack(build, far_y, image.h, node.String("fill_mode")));
  TFLOWER_TRY(const Value sampled, node.String("interpolation") == "NEAREST" ? PixelsAt(build, image, p) : Bilinear(build, image, p));
  TFLOWER_TRY(const Value is_finite, With<tfl::NotEqual>(build, k, 0));
  TFLOWER_TRY(const Value mask, ForChannels(build, is_finite));
  TFLOWER_TRY(const Value flat, Choose(build, mask, sampled, image.fill));
  const Value x = node.Input(0);
  const int64_t dims[] = {x.dim(0), image.out_h, image.out_w, x.dim(3)};
  TFLOWER_TRY(const Value y, ReshapeTo(build, flat, dims));
  return build.Bind(0, CastTo(build, y, x.dtype()));
}

constexpr Operand kImages = Ranked(4, 4), kTransforms = Of(kF32, 2, 2), kSize = Of(kI32, 1, 1), kNumber = Of(kF32, 0, 0);
constexpr const char* kEmits =
    "ADD CAST DIV EXPAND_DIMS FLOOR GATHER GREATER GREATER_EQUAL LESS LESS_EQUAL LOGICAL_AND MAXIMUM MINIMUM MUL NEG NOT_EQUAL RANGE RESHAPE SELECT_V2 SHAPE SPLIT SUB";

constexpr OpDef kOps[] = {
    {"ImageProjectiveTransformV2", {kImages, kTransforms, kSize}, kAttrs, LowerTransform, kEmits},
    {"ImageProjectiveTransformV3", {kImages, kTransforms, kSize, kNumber}, kAttrs, LowerTransform, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(projective, kOps);
}  // namespace tflower::tf_ops
