// Windows laid out side by side: ExtractImagePatches -> SPACE_TO_DEPTH where windows neither overlap nor leave gaps, else a slice for each
// position in the window; Dilation2D -> slices, added to the filter and maximised.  Source: tf.image.extract_patches, tf.nn.dilation2d.
#include <limits>

#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kPatchAttrs[] = {Ints("ksizes", OneHW1), Ints("strides", OneHW1), Ints("rates", OneHW1), Type("T"), String("padding", OneOf("SAME", "VALID"))};
constexpr AttrDef kDilationAttrs[] = {Ints("strides", OneHW1), Ints("rates", OneHW1), Type("T"), String("padding", OneOf("SAME", "VALID"))};

// Each position in the window is an operator or more.
constexpr int64_t kMaxPositions = 1024;

// Height or width.
struct Axis {
  int64_t in = 0, out = 0;
  int64_t kernel = 1, stride = 1, rate = 1;
  int64_t before = 0, after = 0;  // padding
};

Result<Axis> ReadAxis(const Node& node, int dim, int64_t kernel) {
  const size_t i = static_cast<size_t>(dim);
  Axis a{.in = node.Input(0).dim(dim), .kernel = kernel, .stride = node.Ints("strides")[i], .rate = node.Ints("rates")[i]};
  if (a.in < 0 || kernel < 0 || node.Input(0).dim(3) < 0)
    return Error(Code::kUnsupportedShape, "height, width and channels must be known").What("input 0").Hint("give the shape with --input-shape");
  for (int64_t v : {a.kernel, a.stride, a.rate})
    if (v < 1 || v > INT32_MAX) return Error(Code::kInvalidGraph, "window, strides and rates must be positive").What("strides");
  const int64_t reach = (a.kernel - 1) * a.rate + 1;
  if (node.String("padding") == "SAME") {
    a.out = (a.in + a.stride - 1) / a.stride;
    const int64_t zeros = std::max<int64_t>((a.out - 1) * a.stride + reach - a.in, 0);
    a.before = zeros / 2;
    a.after = zeros - a.before;
  } else {
    a.out = a.in < reach ? 0 : (a.in - reach) / a.stride + 1;
  }
  if (a.out < 1) return Error(Code::kUnsupportedShape, "the window is larger than the image").What("input 0");
  return a;
}

Result<Value> PadWith(Builder& build, const Value& x, const Axis& h, const Axis& w, float filler) {
  if ((h.before | h.after | w.before | w.after) == 0) return x;
  const int64_t dims[] = {4, 2};
  const int32_t paddings[] = {0, 0, static_cast<int32_t>(h.before), static_cast<int32_t>(h.after), static_cast<int32_t>(w.before), static_cast<int32_t>(w.after), 0, 0};
  TFLOWER_TRY(const Value operand, build.Constant<int32_t>(dims, paddings));
  if (filler == 0) return build.Emit(tfl::Pad{}, {x, operand});
  TFLOWER_TRY(const Value number, build.Scalar(filler));
  return build.Emit(tfl::PadV2{}, {x, operand, number});
}

// What all windows have at row r and column c: [batch, h.out, w.out, channels].
Result<Value> Position(Builder& build, const Value& x, const Axis& h, const Axis& w, int64_t r, int64_t c) {
  const int64_t y = r * h.rate, left = c * w.rate;
  const int64_t begin[] = {0, y, left, 0}, end[] = {0, y + (h.out - 1) * h.stride + 1, left + (w.out - 1) * w.stride + 1, 0};
  const int64_t strides[] = {1, h.stride, w.stride, 1};
  TFLOWER_TRY(const Value b, build.Vector(std::span<const int64_t>(begin)));
  TFLOWER_TRY(const Value e, build.Vector(std::span<const int64_t>(end)));
  TFLOWER_TRY(const Value s, build.Vector(std::span<const int64_t>(strides)));
  return build.Emit(tfl::StridedSlice{.begin_mask = 0b1001, .end_mask = 0b1001}, {x, b, e, s});
}

// Windows side by side, as the tiles of a floor.
Result<Value> Tiles(Builder& build, const Value& x, const Axis& h, const Axis& w) {
  const int64_t channels = x.dim(3);
  Value y = x;
  if (h.out * h.kernel != h.in || w.out * w.kernel != w.in) {
    TFLOWER_TRY(const Value begin, build.Vector({0, 0, 0, 0}));
    TFLOWER_TRY(const Value size, build.Vector({-1, static_cast<int32_t>(h.out * h.kernel), static_cast<int32_t>(w.out * w.kernel), -1}));
    TFLOWER_TRY(y, build.Emit(tfl::Slice{}, {y, begin, size}));
  }
  if (h.kernel == w.kernel) return build.Emit(tfl::SpaceToDepth{.block_size = static_cast<int32_t>(h.kernel)}, {y});
  const int64_t rows[] = {-1, h.kernel, w.out, w.kernel * channels}, patches[] = {x.dim(0), h.out, w.out, h.kernel * w.kernel * channels};
  TFLOWER_TRY(const Value apart, ReshapeTo(build, y, rows));
  TFLOWER_TRY(const Value perm, build.Vector({0, 2, 1, 3}));
  TFLOWER_TRY(const Value turned, build.Emit(tfl::Transpose{}, {apart, perm}));
  return ReshapeTo(build, turned, patches);
}

Status CheckPositions(const Axis& h, const Axis& w, std::string_view what) {
  if (h.kernel <= kMaxPositions && w.kernel <= kMaxPositions && h.kernel * w.kernel <= kMaxPositions) return Ok();
  return Error(Code::kUnsupportedAttribute, "windows of more than " + std::to_string(kMaxPositions) + " pixels that overlap or leave gaps").What(what);
}

Status LowerPatches(const Node& node, Builder& build) {
  TFLOWER_TRY(const Axis h, ReadAxis(node, 1, node.Ints("ksizes")[1]));
  TFLOWER_TRY(const Axis w, ReadAxis(node, 2, node.Ints("ksizes")[2]));
  const bool padded = (h.before | h.after | w.before | w.after) != 0;
  if (!padded && h.stride == h.kernel && w.stride == w.kernel && h.rate == 1 && w.rate == 1) return build.Bind(0, Tiles(build, node.Input(0), h, w));
  TFLOWER_CHECK(CheckPositions(h, w, "ksizes"));
  TFLOWER_TRY(const Value x, PadWith(build, node.Input(0), h, w, 0));
  std::vector<Value> positions;
  for (int64_t r = 0; r < h.kernel; ++r) {
    for (int64_t c = 0; c < w.kernel; ++c) {
      TFLOWER_TRY(const Value position, Position(build, x, h, w, r, c));
      positions.push_back(position);
    }
  }
  if (positions.size() == 1) return build.Bind(0, positions[0]);
  return build.Bind(0, build.Emit(tfl::Concatenation{.axis = 3}, positions));
}

// filter[r, c] as [channels].
Result<Value> FilterAt(Builder& build, const Value& filter, int64_t r, int64_t c) {
  const int64_t channels = filter.dim(2);
  TFLOWER_TRY(const Value begin, build.Vector({static_cast<int32_t>(r), static_cast<int32_t>(c), 0}));
  TFLOWER_TRY(const Value size, build.Vector({1, 1, -1}));
  TFLOWER_TRY(const Value part, build.Emit(tfl::Slice{}, {filter, begin, size}));
  return ReshapeTo(build, part, std::span<const int64_t>(&channels, 1));
}

// The largest of x + filter in each window; beyond the border there is nothing.
Status LowerDilation(const Node& node, Builder& build) {
  const Value filter = node.Input(1);
  TFLOWER_TRY(const Axis h, ReadAxis(node, 1, filter.dim(0)));
  TFLOWER_TRY(const Axis w, ReadAxis(node, 2, filter.dim(1)));
  TFLOWER_CHECK(CheckPositions(h, w, "input 1 (filter)"));
  TFLOWER_TRY(const Value x, PadWith(build, node.Input(0), h, w, -std::numeric_limits<float>::infinity()));
  Value largest;
  for (int64_t r = 0; r < h.kernel; ++r) {
    for (int64_t c = 0; c < w.kernel; ++c) {
      TFLOWER_TRY(const Value position, Position(build, x, h, w, r, c));
      TFLOWER_TRY(const Value weight, FilterAt(build, filter, r, c));
      TFLOWER_TRY(const Value sum, build.Emit(tfl::Add{}, {position, weight}));
      if (!largest) largest = sum;
      else {
        TFLOWER_TRY(largest, build.Emit(tfl::Maximum{}, {largest, sum}));
      }
    }
  }
  return build.Bind(0, largest);
}

constexpr OpDef kOps[] = {
    {"ExtractImagePatches", {Ranked(4, 4)}, kPatchAttrs, LowerPatches, "CONCATENATION PAD RESHAPE SLICE SPACE_TO_DEPTH STRIDED_SLICE TRANSPOSE"},
    {"Dilation2D", {Of(kF32, 4, 4), Of(kF32, 3, 3)}, kDilationAttrs, LowerDilation, "ADD MAXIMUM PADV2 RESHAPE SLICE STRIDED_SLICE"},
};
}  // namespace
TFLOWER_OP_FAMILY(patches, kOps);
}  // namespace tflower::tf_ops
