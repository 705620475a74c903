// Gradients of layers, for models that train on the device: BiasAddGrad; FusedBatchNormGrad(V2, V3); Conv2DBackpropFilter as a convolution of
// the input by the gradient; MaxPoolGrad and AvgPoolGrad by adding up what each window sends to its pixels.  Source: tf.gradients.
#include "elementwise.h"
#include "gathered_windows.h"
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kBiasAttrs[] = {Type("T"), String("data_format", OneOf("NHWC", "NCHW"), "NHWC")};
constexpr AttrDef kNormAttrs[] = {Type("T", DType::kFloat32), Type("U", DType::kFloat32), Float("epsilon", 1e-4),
                                  String("data_format", OneOf("NHWC", "NCHW", "NDHWC", "NCDHW"), "NHWC"), Bool("is_training", true)};
constexpr AttrDef kConvAttrs[] = {Ints("strides"), String("padding", OneOf("SAME", "VALID", "EXPLICIT")), IntsOrEmpty("explicit_paddings"),
                                  String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Ints("dilations", kAnyValue, kOnes4), NoEffect("use_cudnn_on_gpu"), Type("T")};
constexpr AttrDef kPoolAttrs[] = {Ints("ksize"), Ints("strides"), String("padding", OneOf("SAME", "VALID", "EXPLICIT")), IntsOrEmpty("explicit_paddings"),
                                  String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Type("T", DType::kFloat32)};

// A node's operands in float32, and the way back for its results.
struct Tensors {
  const Node& node;
  Builder& build;
  Working working;
  static Result<Tensors> Of(const Node& node, Builder& build) {
    TFLOWER_TRY(const Working working, Working::Of(build, node.Type("T"), kF32));
    return Tensors{node, build, working};
  }
  Result<Value> In(int i) const { return working.Enter(build, node.Input(i)); }
  Result<Value> Image(int i) const {
    TFLOWER_TRY(const Value v, In(i));
    return ToNhwc(node, build, v);
  }
  Status Bind(int i, const Result<Value>& y) const {
    if (!y.ok()) return y.error();
    return build.Bind(i, working.Leave(build, y.value()));
  }
};

// All dimensions of x but that of its channels.
std::vector<int32_t> AllButChannels(const Node& node, int rank) {
  const int channels = node.String("data_format")[1] == 'C' && rank > 2 ? 1 : rank - 1;
  std::vector<int32_t> axes;
  for (int i = 0; i < rank; ++i) if (i != channels) axes.push_back(i);
  return axes;
}

Status LowerBias(const Node& node, Builder& build) {
  const std::vector<int32_t> axes = AllButChannels(node, node.Input(0).rank());
  TFLOWER_TRY(const Value axis, build.Vector(std::span<const int32_t>(axes)));
  TFLOWER_TRY(const Tensors t, Tensors::Of(node, build));
  TFLOWER_TRY(const Value dy, t.In(0));
  return t.Bind(0, build.Emit(tfl::Sum{.keep_dims = false}, {dy, axis}));
}

// ---- batch normalisation

// A vector of channels in the shape that x broadcasts with.
Expr AlongChannels(const Node& node, Builder& build, const Expr& v, int rank) {
  if (node.String("data_format")[1] != 'C') return v;
  std::vector<int32_t> dims(static_cast<size_t>(rank) - 1, 1);
  dims[0] = -1;
  return Emit(tfl::Reshape{}, {v, Expr(build, build.Vector(std::span<const int32_t>(dims)))});
}

// Inputs: gradient, x, scale, mean, variance (the batch's in training, as the outputs 3 and 4 of FusedBatchNorm).
Status LowerNorm(const Node& node, Builder& build) {
  const int rank = node.Input(1).rank();
  TFLOWER_TRY(const Tensors t, Tensors::Of(node, build));
  const auto in = [&](int i) { return Expr(build, t.In(i)); };
  const auto wide = [&](const Expr& v) { return AlongChannels(node, build, v, rank); };
  const Expr axes(build, build.Vector(std::span<const int32_t>(AllButChannels(node, rank))));
  const auto sum = [&](const Expr& x) { return Emit(tfl::Sum{.keep_dims = false}, {x, axes}); };
  const auto mean = [&](const Expr& x) { return Emit(tfl::Mean{.keep_dims = false}, {x, axes}); };
  const Expr dy = in(0), centred = in(1) - wide(in(3));
  const Expr inverse = Rsqrt(in(4) + static_cast<double>(node.Float("epsilon")));
  Expr through = dy;
  if (node.Bool("is_training")) through = dy - wide(mean(dy)) - centred * wide(inverse * inverse * mean(dy * centred));
  TFLOWER_CHECK(t.Bind(0, (through * wide(in(2) * inverse)).result()));
  TFLOWER_CHECK(build.Bind(1, (sum(dy * centred) * inverse).result()));
  return build.Bind(2, sum(dy).result());
}

// ---- convolution

constexpr int64_t kMaxFilter = 1 << 20;

struct Axis {
  int64_t in, out, kernel, stride, dilation, before, after;
};
Result<Axis> AxisOf(int64_t in, int64_t out, int64_t kernel, int32_t stride, int32_t dilation, const Padding& p, int32_t before, int32_t after) {
  if (in < 1 || out < 1 || kernel < 1) return Error(Code::kUnsupportedShape, "height and width of all operands must be known").Hint("give the input's shape with --input-shape");
  Axis a{in, out, kernel, stride, dilation, before, after};
  if (p.kind != tfl::Padding::SAME) return a;
  const int64_t total = std::max<int64_t>((out - 1) * stride + (kernel - 1) * dilation + 1 - in, 0);
  a.before = total / 2;
  a.after = total - a.before;
  return a;
}

Result<Value> Permuted(Builder& build, const Value& x, std::initializer_list<int32_t> order) {
  TFLOWER_TRY(const Value operand, build.Vector(order));
  return build.Emit(tfl::Transpose{}, {x, operand});
}

// Inputs: x, the filter's shape [h, w, in, out], gradient. Each element of the filter saw x at places `dilation` apart, and met the gradient's
// elements `stride` apart: a convolution with these two changed over, where channels are the batch.
Status LowerConvFilter(const Node& node, Builder& build) {
  TFLOWER_TRY(const Tensors t, Tensors::Of(node, build));
  TFLOWER_TRY(const HW stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const HW dilation, WindowAttr(node, "dilations"));
  TFLOWER_TRY(const Padding padding, PaddingAttr(node));
  TFLOWER_TRY(const std::vector<int64_t> filter, build.Ints(node.Input(1), "input 1"));
  const auto possible = [](int64_t size) { return size >= 1 && size <= kMaxFilter; };
  if (filter.size() != 4 || !std::all_of(filter.begin(), filter.end(), possible))
    return Error(Code::kInvalidGraph, "must be 4 sizes, of 1 to " + std::to_string(kMaxFilter)).What("input 1");
  TFLOWER_TRY(const Value x, t.Image(0));
  TFLOWER_TRY(const Value dy, t.Image(2));
  if (x.dim(3) != filter[2]) return Error(Code::kUnsupportedShape, "convolutions in groups have no gradient of their filter here").What("input 1");
  TFLOWER_TRY(const Axis h, AxisOf(x.dim(1), dy.dim(1), filter[0], stride.h, dilation.h, padding, padding.top, padding.bottom));
  TFLOWER_TRY(const Axis w, AxisOf(x.dim(2), dy.dim(2), filter[1], stride.w, dilation.w, padding, padding.left, padding.right));
  const auto narrow = [](int64_t v) { return static_cast<int32_t>(v); };
  TFLOWER_TRY(const Value framed, PadExplicit(build, x, {.kind = tfl::Padding::VALID, .is_explicit = true, .top = narrow(h.before), .bottom = narrow(h.after),
                                                         .left = narrow(w.before), .right = narrow(w.after)}));
  TFLOWER_TRY(const Value image, Permuted(build, framed, {3, 1, 2, 0}));
  TFLOWER_TRY(const Value kernel, Permuted(build, dy, {3, 1, 2, 0}));
  const std::vector<float> zeros(static_cast<size_t>(filter[3]), 0.0f);
  TFLOWER_TRY(const Value bias, build.Constant<float>(std::array<int64_t, 1>{filter[3]}, zeros));
  const tfl::Conv2D conv{.padding = tfl::Padding::VALID, .stride_w = dilation.w, .stride_h = dilation.h, .dilation_w_factor = stride.w, .dilation_h_factor = stride.h};
  TFLOWER_TRY(const Value all, build.Emit(conv, {image, kernel, bias}));
  TFLOWER_TRY(const Value begin, build.Vector({0, 0, 0, 0}));
  TFLOWER_TRY(const Value size, build.Vector({-1, narrow(filter[0]), narrow(filter[1]), -1}));
  TFLOWER_TRY(const Value used, build.Emit(tfl::Slice{}, {all, begin, size}));
  return t.Bind(0, Permuted(build, used, {1, 2, 0, 3}));
}

// ---- pools

// What each pixel of each window gets, [batch, windows, pixels, channels], added up: an image like x.
Result<Value> SumAtPlaces(Builder& build, const GatheredWindows& g, const Value& shares, const Value& x) {
  const int64_t channels = x.dim(3), rows[] = {-1, g.out_h * g.out_w * g.window, channels};
  TFLOWER_TRY(const Value flat, ReshapeTo(build, shares, rows));
  TFLOWER_TRY(const Value by_place, Permuted(build, flat, {1, 0, 2}));
  TFLOWER_TRY(const Value places, build.Vector(std::span<const int32_t>(g.places)));
  TFLOWER_TRY(const Value count, build.Scalar(static_cast<int32_t>(x.dim(1) * x.dim(2))));
  TFLOWER_TRY(const Value sums, build.Emit(tfl::UnsortedSegmentSum{}, {by_place, places, count}));
  TFLOWER_TRY(const Value images, Permuted(build, sums, {1, 0, 2}));
  const int64_t dims[] = {x.dim(0), x.dim(1), x.dim(2), channels};
  return ReshapeTo(build, images, dims);
}

Result<GatheredWindows> WindowsOf(const Node& node, Builder& build, const Value& x) {
  TFLOWER_TRY(const HW size, WindowAttr(node, "ksize"));
  TFLOWER_TRY(const HW stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const Padding padding, PaddingAttr(node));
  if (padding.is_explicit) return Error(Code::kUnsupportedAttribute, "is EXPLICIT; only SAME and VALID are supported").What("padding");
  if (x.dim(3) < 1) return Error(Code::kUnsupportedShape, "the number of channels must be known").What("input 0");
  return GatherWindows(build, x, size, stride, padding);
}

// The gradient of each window beside its pixels: [batch, windows, 1, channels].
Result<Value> OfWindows(Builder& build, const GatheredWindows& g, const Value& dy) {
  const int64_t dims[] = {-1, g.out_h * g.out_w, 1, dy.dim(3)};
  return ReshapeTo(build, dy, dims);
}

// Inputs: x, the pool's result, gradient. All of it goes to the first of the largest.
Status LowerMaxPool(const Node& node, Builder& build) {
  TFLOWER_TRY(const Tensors t, Tensors::Of(node, build));
  TFLOWER_TRY(const Value x, t.Image(0));
  TFLOWER_TRY(const Value dy, t.Image(2));
  TFLOWER_TRY(const GatheredWindows g, WindowsOf(node, build, x));
  TFLOWER_TRY(const Value axis, build.Scalar<int32_t>(2));
  TFLOWER_TRY(const Value best, build.Emit(tfl::ArgMax{.output_type = tfl::TensorType::INT32}, {g.pixels, axis}));
  TFLOWER_TRY(const Value beside, build.Emit(tfl::ExpandDims{}, {best, axis}));
  std::vector<int32_t> numbers(static_cast<size_t>(g.window));
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int32_t>(i);
  TFLOWER_TRY(const Value pixel, build.Constant<int32_t>(std::array<int64_t, 2>{g.window, 1}, numbers));
  TFLOWER_TRY(const Value gradient, OfWindows(build, g, dy));
  TFLOWER_TRY(const Value shares, Where(Expr(build, beside) == Expr(build, pixel), Expr(build, gradient), 0.0).result());
  TFLOWER_TRY(const Value y, SumAtPlaces(build, g, shares, x));
  return t.Bind(0, FromNhwc(node, build, y));
}

// Pixels that stand in for those outside of the image get nothing: of each place in a window, the first counts.
std::vector<float> EqualShares(const GatheredWindows& g) {
  std::vector<float> shares(g.places.size(), 0.0f);
  const size_t window = static_cast<size_t>(g.window);
  for (size_t begin = 0; begin < shares.size(); begin += window) {
    const auto first = g.places.begin() + static_cast<std::ptrdiff_t>(begin);
    float count = 0;
    for (size_t i = 0; i < window; ++i) {
      const auto at = first + static_cast<std::ptrdiff_t>(i);
      shares[begin + i] = std::find(first, at, *at) == at ? 1.0f : 0.0f;
      count += shares[begin + i];
    }
    for (size_t i = 0; i < window; ++i) shares[begin + i] /= count;
  }
  return shares;
}

// Inputs: the shape of x, gradient.
Status LowerAvgPool(const Node& node, Builder& build) {
  TFLOWER_TRY(const Tensors t, Tensors::Of(node, build));
  TFLOWER_TRY(const Value zero, build.Scalar(0.0f));
  TFLOWER_TRY(const Value shape, AsInt32(build, node.Input(0)));
  TFLOWER_TRY(const Value like, build.Emit(tfl::Fill{}, {shape, zero}));
  if (like.rank() != 4) return Error(Code::kInvalidGraph, "must have 4 elements").What("input 0");
  TFLOWER_TRY(const Value x, ToNhwc(node, build, like));
  TFLOWER_TRY(const Value dy, t.Image(1));
  TFLOWER_TRY(const GatheredWindows g, WindowsOf(node, build, x));
  TFLOWER_TRY(const Value weights, build.Constant<float>(std::array<int64_t, 3>{g.out_h * g.out_w, g.window, 1}, EqualShares(g)));
  TFLOWER_TRY(const Value gradient, OfWindows(build, g, dy));
  TFLOWER_TRY(const Value shares, build.Emit(tfl::Mul{}, {gradient, weights}));
  TFLOWER_TRY(const Value y, SumAtPlaces(build, g, shares, x));
  return t.Bind(0, FromNhwc(node, build, y));
}

constexpr Operand kImage = Float(4), kData = Of(kFloats, 4, 5), kVector = Float(1);
constexpr const char* kNormEmits = "ADD CAST MEAN MUL RESHAPE RSQRT SUB SUM";
constexpr const char* kPoolEmits =
    "ARG_MAX CAST EQUAL EXPAND_DIMS FILL GATHER MUL PAD RESHAPE SELECT SELECT_V2 SHAPE TRANSPOSE UNSORTED_SEGMENT_SUM";

constexpr OpDef kOps[] = {
    {"BiasAddGrad", {Of(kFloats, 2, TFLOWER_MAX_RANK)}, kBiasAttrs, LowerBias, "CAST SUM"},
    {"FusedBatchNormGrad", {kData, kData, kVector, kVector, kVector}, kNormAttrs, LowerNorm, kNormEmits},
    {"FusedBatchNormGradV2", {kData, kData, kVector, kVector, kVector}, kNormAttrs, LowerNorm, kNormEmits},
    {"FusedBatchNormGradV3", {kData, kData, kVector, kVector, kVector, Any()}, kNormAttrs, LowerNorm, kNormEmits},
    {"Conv2DBackpropFilter", {kImage, Index(1, 1), kImage}, kConvAttrs, LowerConvFilter, "CAST CONV_2D PAD SLICE TRANSPOSE"},
    {"MaxPoolGrad", {kImage, kImage, kImage}, kPoolAttrs, LowerMaxPool, kPoolEmits},
    {"AvgPoolGrad", {Index(1, 1), kImage}, kPoolAttrs, LowerAvgPool, kPoolEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(layer_gradients, kOps);
}  // namespace tflower::tf_ops
