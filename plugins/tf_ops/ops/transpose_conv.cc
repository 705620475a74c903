// Transposed convolution: Conv2DBackpropInput -> TRANSPOSE_CONV; with an unknown batch -> CONV_2D + DEPTH_TO_SPACE, or reshapes where the
// strides differ.
//
// TRANSPOSE_CONV wants its output's shape as an operand. With an unknown batch that would be arithmetic on SHAPE at run time, which keeps
// delegates out; the sub-pixel form needs none. Along one axis, with stride s, filter w of k taps and padding p:
//   out[y] = sum_i x[i] w[z - s i],  z = y + p = s q + r,  so  = sum_j x[q - j] w[r + s j],  j < J = ceil(k / s)
// which is, for each of the s phases r, a convolution of J taps; the phases are channels that DEPTH_TO_SPACE spreads out. It takes square
// blocks only. Phases of one row are neighbours in memory already, so a stride of (1, s) needs one RESHAPE; others a TRANSPOSE, too.
// Source: tf.raw_ops.Conv2DBackpropInput (filter [h, w, out, in]), schema TransposeConvOptions, DepthToSpaceOptions.
#include <algorithm>

#include "working.h"
#include "window.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {
    Ints("strides"), String("padding", OneOf("SAME", "VALID", "EXPLICIT")), IntsOrEmpty("explicit_paddings"),
    String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Ints("dilations", kAnyValue, kOnes4), NoEffect("use_cudnn_on_gpu"), Type("T"),
};

// Above it, TRANSPOSE_CONV: nearly all phases would be zeros.
constexpr int64_t kMaxPhaseChannels = int64_t{1} << 20;

// One axis of the sub-pixel form.
struct Axis {
  int64_t in, out, kernel, stride, pad;  // pad: zeros before, of the convolution that this one undoes
  int64_t taps() const { return (kernel + stride - 1) / stride; }
  int64_t first() const { return pad / stride; }                // q of the first output
  int64_t last() const { return (pad + out - 1) / stride; }     // q of the last
  int64_t pad_before() const { return taps() - 1 - first(); }   // zeros (or, negative, elements to skip) before the input
  int64_t pad_after() const { return last() - (in - 1); }
  int64_t crop() const { return pad - stride * first(); }       // outputs of the first q that are not wanted
  int64_t spread() const { return stride * (last() - first() + 1); }
};

Result<Axis> AxisOf(int64_t in, int64_t out, int64_t kernel, int64_t stride, const Padding& padding, int64_t explicit_before) {
  if (in < 1 || out < 1) return Error(Code::kUnsupportedShape, "height and width must be known").What("input 0 (output shape)").Hint("give the input's shape with --input-shape");
  int64_t pad = 0;
  if (padding.is_explicit) pad = explicit_before;
  else if (padding.kind == tfl::Padding::SAME) pad = std::max<int64_t>((in - 1) * stride + kernel - out, 0) / 2;
  return Axis{in, out, kernel, stride, pad};
}

struct Request {
  Value x, filter;  // x in NHWC
  HW stride;
  Padding padding;
  Value output_shape;               // NHWC order, int32
  int64_t out_h = -1, out_w = -1;   // -1 = unknown
  bool known_batch = false;
};

// [kh, kw, out, in] -> [sh * sw * out, taps_h, taps_w, in]; all of it folds when the filter is constant.
Result<Value> SubPixelWeights(Builder& build, const Value& filter, const Axis& h, const Axis& w) {
  const int32_t sh = static_cast<int32_t>(h.stride), sw = static_cast<int32_t>(w.stride), jh = static_cast<int32_t>(h.taps()), jw = static_cast<int32_t>(w.taps());
  const int32_t out = static_cast<int32_t>(filter.dim(2)), in = static_cast<int32_t>(filter.dim(3));
  Value v = filter;
  if (sh * jh != h.kernel || sw * jw != w.kernel) {
    const int32_t paddings[] = {0, static_cast<int32_t>(sh * jh - h.kernel), 0, static_cast<int32_t>(sw * jw - w.kernel), 0, 0, 0, 0};
    const int64_t dims[] = {4, 2};
    TFLOWER_TRY(const Value pad, build.Constant<int32_t>(dims, paddings));
    TFLOWER_TRY(v, build.Emit(tfl::Pad{}, {v, pad}));
  }
  TFLOWER_TRY(const Value split, build.Vector({jh, sh, jw, sw, out, in}));
  TFLOWER_TRY(v, build.Emit(tfl::Reshape{}, {v, split}));
  for (const int32_t axis : {0, 2}) {
    TFLOWER_TRY(const Value axes, build.Vector({axis}));
    TFLOWER_TRY(v, build.Emit(tfl::ReverseV2{}, {v, axes}));
  }
  TFLOWER_TRY(const Value perm, build.Vector({1, 3, 4, 0, 2, 5}));
  TFLOWER_TRY(v, build.Emit(tfl::Transpose{}, {v, perm}));
  TFLOWER_TRY(const Value merged, build.Vector({sh * sw * out, jh, jw, in}));
  return build.Emit(tfl::Reshape{}, {v, merged});
}

// x with zeros around it, or without the border that no output sees.
Result<Value> Frame(Builder& build, Value x, const Axis& h, const Axis& w) {
  const auto skip = [](int64_t pad) { return static_cast<int32_t>(std::max<int64_t>(-pad, 0)); };
  const auto zeros = [](int64_t pad) { return static_cast<int32_t>(std::max<int64_t>(pad, 0)); };
  if (std::min({h.pad_before(), h.pad_after(), w.pad_before(), w.pad_after()}) < 0) {
    TFLOWER_TRY(const Value begin, build.Vector({0, skip(h.pad_before()), skip(w.pad_before()), 0}));
    TFLOWER_TRY(const Value size, build.Vector({-1, static_cast<int32_t>(h.in) - skip(h.pad_before()) - skip(h.pad_after()),
                                                static_cast<int32_t>(w.in) - skip(w.pad_before()) - skip(w.pad_after()), -1}));
    TFLOWER_TRY(x, build.Emit(tfl::Slice{}, {x, begin, size}));
  }
  return PadExplicit(build, x, {.kind = tfl::Padding::VALID, .is_explicit = true, .top = zeros(h.pad_before()), .bottom = zeros(h.pad_after()),
                                .left = zeros(w.pad_before()), .right = zeros(w.pad_after())});
}

// [batch, h, w, sh * sw * c] -> [batch, h * sh, w * sw, c]
Result<Value> Spread(Builder& build, const Value& phases, const Axis& h, const Axis& w) {
  if (h.stride == 1 && w.stride == 1) return phases;
  if (h.stride == w.stride) return build.Emit(tfl::DepthToSpace{.block_size = static_cast<int32_t>(h.stride)}, {phases});
  const int64_t channels = phases.dim(3) / (h.stride * w.stride);
  Value v = phases;
  if (h.stride != 1) {
    TFLOWER_TRY(const Value split, build.Vector(std::vector<int64_t>{phases.dim(0), phases.dim(1), phases.dim(2), h.stride, w.stride * channels}));
    TFLOWER_TRY(v, build.Emit(tfl::Reshape{}, {v, split}));
    TFLOWER_TRY(const Value perm, build.Vector({0, 1, 3, 2, 4}));
    TFLOWER_TRY(v, build.Emit(tfl::Transpose{}, {v, perm}));
  }
  TFLOWER_TRY(const Value merged, build.Vector(std::vector<int64_t>{phases.dim(0), phases.dim(1) * h.stride, phases.dim(2) * w.stride, channels}));
  return build.Emit(tfl::Reshape{}, {v, merged});
}

Result<Value> SubPixel(Builder& build, const Request& r, const Axis& h, const Axis& w) {
  TFLOWER_TRY(const Value weights, SubPixelWeights(build, r.filter, h, w));
  TFLOWER_TRY(const Value x, Frame(build, r.x, h, w));
  const int64_t channels = h.stride * w.stride * r.filter.dim(2);
  const std::vector<float> zeros(static_cast<size_t>(channels), 0.0f);
  TFLOWER_TRY(const Value bias, build.Constant<float>(std::span<const int64_t>(&channels, 1), zeros));
  TFLOWER_TRY(const Value phases, build.Emit(tfl::Conv2D{.padding = tfl::Padding::VALID, .stride_w = 1, .stride_h = 1}, {x, weights, bias}));
  TFLOWER_TRY(const Value spread, Spread(build, phases, h, w));
  if (h.crop() == 0 && w.crop() == 0 && h.spread() == h.out && w.spread() == w.out) return spread;
  TFLOWER_TRY(const Value begin, build.Vector({0, static_cast<int32_t>(h.crop()), static_cast<int32_t>(w.crop()), 0}));
  TFLOWER_TRY(const Value size, build.Vector({-1, static_cast<int32_t>(h.out), static_cast<int32_t>(w.out), -1}));
  return build.Emit(tfl::Slice{}, {spread, begin, size});
}

Result<Value> Direct(Builder& build, const Request& r) {
  TFLOWER_TRY(const Value perm, build.Vector({2, 0, 1, 3}));
  TFLOWER_TRY(const Value ohwi, build.Emit(tfl::Transpose{}, {r.filter, perm}));
  return build.Emit(tfl::TransposeConv{.padding = r.padding.kind, .stride_w = r.stride.w, .stride_h = r.stride.h}, {r.output_shape, ohwi, r.x});
}

Result<Request> ReadRequest(const Node& node, Builder& build, const Value& filter) {
  Request r;
  TFLOWER_TRY(r.stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const HW dilation, WindowAttr(node, "dilations"));
  if (dilation.h != 1 || dilation.w != 1) return Error(Code::kUnsupportedAttribute, "must be 1: TFLite has no dilated transposed convolution").What("dilations");
  TFLOWER_TRY(r.padding, PaddingAttr(node));
  TFLOWER_TRY(r.x, ToNhwc(node, build, node.Input(2)));
  r.filter = filter;
  if (!r.filter.is_static() || r.x.dim(3) < 0) return Error(Code::kUnsupportedShape, "the filter's shape and the channels must be known").What("input 1 (filter)");
  r.output_shape = node.Input(0);
  const Layout layout = LayoutOf(node);
  if (layout.channels_first) {
    TFLOWER_TRY(const Value order, build.Vector({0, 2, 3, 1}));
    TFLOWER_TRY(r.output_shape, build.Emit(tfl::Gather{}, {r.output_shape, order}));
  }
  const Result<Elements> shape = build.ReadElements(r.output_shape);
  if (shape.ok() && shape.value().values.size() == 4) {
    const Elements& e = shape.value();
    r.known_batch = e.known[0] != 0;
    r.out_h = e.known[1] != 0 ? e.values[1] : -1;
    r.out_w = e.known[2] != 0 ? e.values[2] : -1;
  }
  return r;
}

Result<Value> Lower(const Node& node, Builder& build, const Value& filter) {
  TFLOWER_TRY(const Request r, ReadRequest(node, build, filter));
  const bool sub_pixel = r.filter.is_constant() && r.out_h > 0 && r.out_w > 0 && r.x.dim(1) > 0 && r.x.dim(2) > 0 &&
                         r.stride.h <= kMaxPhaseChannels / r.stride.w && r.stride.h * r.stride.w <= kMaxPhaseChannels / std::max<int64_t>(r.filter.dim(2), 1);
  if (!sub_pixel || (r.known_batch && !r.padding.is_explicit)) {
    if (r.padding.is_explicit) return Error(Code::kUnsupportedAttribute, "EXPLICIT needs a constant filter, known height and width and moderate strides").What("padding");
    TFLOWER_TRY(const Value y, Direct(build, r));
    return FromNhwc(node, build, y);
  }
  TFLOWER_TRY(const Axis h, AxisOf(r.x.dim(1), r.out_h, r.filter.dim(0), r.stride.h, r.padding, r.padding.top));
  TFLOWER_TRY(const Axis w, AxisOf(r.x.dim(2), r.out_w, r.filter.dim(1), r.stride.w, r.padding, r.padding.left));
  TFLOWER_TRY(const Value y, SubPixel(build, r, h, w));
  return FromNhwc(node, build, y);
}

Result<Value> LowerTransposeConv(const Node& node, Builder& build) { return Lower(node, build, node.Input(1)); }

// [h, w, channels, m] as a filter of all channels, [h, w, channels, channels * m], zero between different ones.
Result<Value> FullFilter(Builder& build, const Value& filter) {
  constexpr int64_t kMaxElements = int64_t{1} << 24;
  if (!filter.is_static()) return Error(Code::kUnsupportedShape, "the filter's shape must be known").What("input 1 (filter)");
  const int64_t channels = filter.dim(2), m = filter.dim(3), all = channels * m;
  if (channels > kMaxElements || m > kMaxElements || all > kMaxElements / std::max<int64_t>(channels, 1) || filter.num_elements() > kMaxElements / std::max<int64_t>(channels, 1))
    return Error(Code::kUnsupportedShape, "a depthwise filter of so many channels, of which a full one must be made").What("input 1 (filter)");
  std::vector<float> same(static_cast<size_t>(channels * all), 0.0f);
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t i = 0; i < m; ++i) same[static_cast<size_t>(c * all + c * m + i)] = 1;
  const int64_t dims[] = {channels, all};
  TFLOWER_TRY(const Value mask, build.Constant<float>(dims, same));
  TFLOWER_TRY(const Value shape, build.Vector(std::vector<int64_t>{filter.dim(0), filter.dim(1), 1, all}));
  TFLOWER_TRY(const Value rows, build.Emit(tfl::Reshape{}, {filter, shape}));
  return build.Emit(tfl::Mul{}, {rows, mask});
}
Result<Value> LowerDepthwise(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value filter, FullFilter(build, node.Input(1)));
  return Lower(node, build, filter);
}

constexpr const char* kEmits = "CAST CONV_2D DEPTH_TO_SPACE GATHER MUL PAD RESHAPE REVERSE_V2 SLICE TRANSPOSE TRANSPOSE_CONV";

constexpr OpDef kOps[] = {
    {"Conv2DBackpropInput", {Index(1, 1), Float(4), Float(4)}, kAttrs, InFloat32<LowerTransposeConv>, kEmits},
    {"DepthwiseConv2dNativeBackpropInput", {Index(1, 1), Float(4), Float(4)}, kAttrs, InFloat32<LowerDepthwise>, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(transpose_conv, kOps);
}  // namespace tflower::tf_ops
