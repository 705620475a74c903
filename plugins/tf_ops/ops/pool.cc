// Pooling: AvgPool -> AVERAGE_POOL_2D, MaxPool -> MAX_POOL_2D. Padding never counts: not in the average, not in the maximum. EXPLICIT padding
// of a maximum becomes a PADV2 of -infinity. Integers, and MaxPoolWithArgmax, gather the windows.
// NHWC [batch, height, width, channels]; NCHW is transposed on the way in, and rules cancel the pairs.  Source: tf.nn.avg_pool2d, schema Pool2DOptions.
#include <limits>

#include "gathered_windows.h"
#include "index.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kPoolAttrs[] = {
    Ints("ksize"), Ints("strides"), String("padding", OneOf("SAME", "VALID")), String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Type("T"),
};
constexpr AttrDef kMaxPoolAttrs[] = {
    Ints("ksize"), Ints("strides"), String("padding", OneOf("SAME", "VALID", "EXPLICIT")), IntsOrEmpty("explicit_paddings"),
    String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Type("T", DType::kFloat32),
};
constexpr AttrDef kMaxPoolV2Attrs[] = {String("padding", OneOf("SAME", "VALID")), String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Type("T", DType::kFloat32)};
constexpr AttrDef kArgmaxAttrs[] = {
    Ints("ksize"), Ints("strides"), String("padding", OneOf("SAME", "VALID")), Type("Targmax", DType::kInt64), Bool("include_batch_in_index", false),
    Type("T", DType::kFloat32),
};

template <class TflPool>
Result<Value> EmitPool(const Node& node, Builder& build, const Value& x, HW size, HW stride, tfl::Padding padding) {
  TFLOWER_TRY(const Value y, build.Emit(TflPool{.padding = padding, .stride_w = stride.w, .stride_h = stride.h, .filter_width = size.w, .filter_height = size.h}, {x}));
  return FromNhwc(node, build, y);
}

tfl::Padding KindOf(const Node& node) { return node.String("padding") == "SAME" ? tfl::Padding::SAME : tfl::Padding::VALID; }

Result<Value> LowerAvgPool(const Node& node, Builder& build) {
  TFLOWER_TRY(const HW size, WindowAttr(node, "ksize"));
  TFLOWER_TRY(const HW stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const Value x, ToNhwc(node, build, node.Input(0)));
  return EmitPool<tfl::AveragePool2D>(node, build, x, size, stride, KindOf(node));
}

// [batch, windows, channels] as an image.
Result<Value> AsImage(Builder& build, const GatheredWindows& g, const Value& y) {
  const int64_t dims[] = {y.dim(0), g.out_h, g.out_w, y.dim(2)};
  return ReshapeTo(build, y, dims);
}

Result<Value> LargestOf(Builder& build, const GatheredWindows& g) {
  TFLOWER_TRY(const Value axis, build.Vector({2}));
  TFLOWER_TRY(const Value y, build.Emit(tfl::ReduceMax{.keep_dims = false}, {g.pixels, axis}));
  return AsImage(build, g, y);
}

Result<Value> EmitMaxPool(const Node& node, Builder& build, HW size, HW stride, const Padding& p) {
  TFLOWER_TRY(Value x, ToNhwc(node, build, node.Input(0)));
  if (x.dtype() != DType::kFloat32) {
    TFLOWER_TRY(const GatheredWindows g, GatherWindows(build, x, size, stride, p));
    TFLOWER_TRY(const Value y, LargestOf(build, g));
    return FromNhwc(node, build, y);
  }
  if (p.is_explicit) {
    const int32_t paddings[] = {0, 0, p.top, p.bottom, p.left, p.right, 0, 0};
    const int64_t dims[] = {4, 2};
    TFLOWER_TRY(const Value operand, build.Constant<int32_t>(dims, paddings));
    TFLOWER_TRY(const Value nothing, build.Scalar(-std::numeric_limits<float>::infinity()));
    TFLOWER_TRY(x, build.Emit(tfl::PadV2{}, {x, operand, nothing}));
  }
  return EmitPool<tfl::MaxPool2D>(node, build, x, size, stride, p.kind);
}

Result<Value> LowerMaxPool(const Node& node, Builder& build) {
  TFLOWER_TRY(const HW size, WindowAttr(node, "ksize"));
  TFLOWER_TRY(const HW stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const Padding padding, PaddingAttr(node));
  return EmitMaxPool(node, build, size, stride, padding);
}
Result<Value> LowerMaxPoolV2(const Node& node, Builder& build) {
  TFLOWER_TRY(const HW size, WindowOperand(node, build, node.Input(1), "input 1 (ksize)"));
  TFLOWER_TRY(const HW stride, WindowOperand(node, build, node.Input(2), "input 2 (strides)"));
  return EmitMaxPool(node, build, size, stride, {.kind = KindOf(node)});
}

// Entries of a list attribute of an op without data_format.
Result<HW> WindowNhwc(const Node& node, std::string_view name) {
  const std::span<const int64_t> v = node.Ints(name);
  if (v.size() != 4 || v[0] != 1 || v[3] != 1 || v[1] < 1 || v[2] < 1 || v[1] > INT32_MAX || v[2] > INT32_MAX)
    return Error(Code::kUnsupportedAttribute, "must be [1, h, w, 1] with positive h and w").What(name);
  return HW{static_cast<int32_t>(v[1]), static_cast<int32_t>(v[2])};
}

// Where the largest pixels are: [batch, windows, channels], places in the image.
Result<Value> PlacesOfLargest(Builder& build, const GatheredWindows& g) {
  TFLOWER_TRY(const Value axis, build.Scalar<int32_t>(2));
  TFLOWER_TRY(const Value within, build.Emit(tfl::ArgMax{.output_type = tfl::TensorType::INT32}, {g.pixels, axis}));
  std::vector<int32_t> starts;
  for (int64_t i = 0; i < g.out_h * g.out_w; ++i) starts.push_back(static_cast<int32_t>(i * g.window));
  const int64_t column[] = {g.out_h * g.out_w, 1}, all[] = {static_cast<int64_t>(g.places.size())};
  TFLOWER_TRY(const Value start, build.Constant<int32_t>(column, starts));
  TFLOWER_TRY(const Value index, build.Emit(tfl::Add{}, {within, start}));
  TFLOWER_TRY(const Value places, build.Constant<int32_t>(all, g.places));
  return build.Emit(tfl::Gather{}, {places, index});
}

// v + step * (0, 1, 2, ...) along `axis`.
Result<Value> AddCounts(Builder& build, const Value& v, int axis, int32_t step) {
  TFLOWER_TRY(const Value shape, ShapeOf(build, v));
  TFLOWER_TRY(const Value at, build.Scalar<int32_t>(axis));
  TFLOWER_TRY(const Value size, build.Emit(tfl::Gather{}, {shape, at}));
  TFLOWER_TRY(const Value zero, build.Scalar<int32_t>(0));
  TFLOWER_TRY(const Value one, build.Scalar<int32_t>(1));
  TFLOWER_TRY(const Value counts, build.Emit(tfl::Range{}, {zero, size, one}));
  std::vector<int64_t> dims(static_cast<size_t>(v.rank()), 1);
  dims[static_cast<size_t>(axis)] = -1;
  TFLOWER_TRY(const Value along, ReshapeTo(build, counts, dims));
  TFLOWER_TRY(const Value steps, build.Scalar(step));
  TFLOWER_TRY(const Value offsets, build.Emit(tfl::Mul{}, {along, steps}));
  return build.Emit(tfl::Add{}, {v, offsets});
}

// The index is ((batch if asked for * height + y) * width + x) * channels + channel.
Result<std::vector<Value>> LowerWithArgmax(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const HW size, WindowNhwc(node, "ksize"));
  TFLOWER_TRY(const HW stride, WindowNhwc(node, "strides"));
  const Padding padding{.kind = KindOf(node)};
  if (x.dim(1) > 0 && x.dim(2) > 0 && x.dim(3) > 0 && x.dim(1) > INT32_MAX / x.dim(2) / x.dim(3))
    return Error(Code::kUnsupportedShape, "an image of more elements than an int32 counts").What("input 0");
  TFLOWER_TRY(const GatheredWindows g, GatherWindows(build, x, size, stride, padding));
  const bool is_float = x.dtype() == DType::kFloat32;
  TFLOWER_TRY(const Value largest, is_float ? build.Emit(tfl::MaxPool2D{.padding = padding.kind, .stride_w = stride.w, .stride_h = stride.h, .filter_width = size.w,
                                                                       .filter_height = size.h}, {x}) : LargestOf(build, g));
  TFLOWER_TRY(const Value places, PlacesOfLargest(build, g));
  const int32_t channels = static_cast<int32_t>(x.dim(3));
  TFLOWER_TRY(const Value factor, build.Scalar(channels));
  TFLOWER_TRY(const Value starts, build.Emit(tfl::Mul{}, {places, factor}));
  TFLOWER_TRY(Value index, AddCounts(build, starts, 2, 1));
  if (node.Bool("include_batch_in_index")) {
    TFLOWER_TRY(index, AddCounts(build, index, 0, static_cast<int32_t>(x.dim(1) * x.dim(2)) * channels));
  }
  TFLOWER_TRY(const Value image, AsImage(build, g, index));
  TFLOWER_TRY(const Value typed, CastTo(build, image, node.Type("Targmax")));
  return std::vector<Value>{largest, typed};
}

// Of others than float32, REDUCE_MAX over gathered windows.
constexpr DTypeSet kPooled = kF32 | kIndex | Types({DType::kInt8, DType::kUInt8, DType::kInt16});
constexpr TypeRule kRule{.native = kPooled, .bits = Bits::kOrder, .operands = 1, .results = 1};
constexpr TypeRule kArgmaxRule{.native = kF32 | kI32 | Types({DType::kInt8, DType::kUInt8}), .bits = Bits::kOrder, .operands = 1, .results = 1};

constexpr Operand kImages = Ranked(4, 4), kWindow = Of(kI32, 1, 1);
constexpr const char* kMaxEmits = "ADD ARG_MAX CAST GATHER MAX_POOL_2D MUL PADV2 RANGE REDUCE_MAX RESHAPE SHAPE TRANSPOSE";

constexpr OpDef kOps[] = {
    {"AvgPool", {Float(4)}, kPoolAttrs, InFloat32<LowerAvgPool>, "AVERAGE_POOL_2D CAST TRANSPOSE"},
    {"MaxPool", {kImages}, kMaxPoolAttrs, Typed<LowerMaxPool, kRule>, kMaxEmits},
    {"MaxPoolV2", {kImages, kWindow, kWindow}, kMaxPoolV2Attrs, Typed<LowerMaxPoolV2, kRule>, kMaxEmits},
    {"MaxPoolWithArgmax", {kImages}, kArgmaxAttrs, Typed<LowerWithArgmax, kArgmaxRule>, kMaxEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(pool, kOps);
}  // namespace tflower::tf_ops
