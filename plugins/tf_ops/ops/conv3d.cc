// 3-D convolution: Conv3D -> CONV_3D, Conv3DBackpropInputV2 -> CONV_3D_TRANSPOSE; pooling over volumes as two 2-D poolings.
// TF's filters [d, h, w, in, out] and, transposed, [d, h, w, out, in] are TFLite's. NCDHW is transposed on the way in and out.
// Source: tf.nn.conv3d, tf.nn.conv3d_transpose, tf.nn.max_pool3d, schema Conv3DOptions.
#include "index.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kConvAttrs[] = {
    Ints("strides"), String("padding", OneOf("SAME", "VALID")), String("data_format", OneOf("NDHWC", "NCDHW"), "NDHWC"),
    Ints("dilations", kAnyValue, kOnes5), Type("T"),
};
constexpr AttrDef kTransposeAttrs[] = {
    Ints("strides"), String("padding", OneOf("SAME", "VALID")), String("data_format", OneOf("NDHWC", "NCDHW"), "NDHWC"),
    Ints("dilations", kAnyValue, kOnes5), Type("T"), Type("Tshape", DType::kInt32),
};
constexpr AttrDef kPoolAttrs[] = {
    Ints("ksize"), Ints("strides"), String("padding", OneOf("SAME", "VALID")), String("data_format", OneOf("NDHWC", "NCDHW"), "NDHWC"), Type("T"),
};

struct DHW {
  int32_t d = 1, h = 1, w = 1;
};

bool ChannelsFirst(const Node& node) { return node.String("data_format") == "NCDHW"; }
tfl::Padding PaddingOf(const Node& node) { return node.String("padding") == "SAME" ? tfl::Padding::SAME : tfl::Padding::VALID; }

// Entries of a 5-element list attribute for depth, height and width; batch and channel entries must be 1.
Result<DHW> WindowAttr(const Node& node, std::string_view name) {
  const std::span<const int64_t> v = node.Ints(name);
  if (v.size() != 5) return Error(Code::kInvalidGraph, "must have 5 entries, has " + std::to_string(v.size())).What(name);
  const size_t first = ChannelsFirst(node) ? 2 : 1;
  if (v[0] != 1 || v[ChannelsFirst(node) ? 1 : 4] != 1)
    return Error(Code::kUnsupportedAttribute, "must be 1 for batch and channels").What(name).Hint("TFLite has no windows over batch or channels");
  for (size_t i = first; i < first + 3; ++i)
    if (v[i] < 1 || v[i] > INT32_MAX) return Error(Code::kInvalidGraph, "must be positive").What(name);
  return DHW{static_cast<int32_t>(v[first]), static_cast<int32_t>(v[first + 1]), static_cast<int32_t>(v[first + 2])};
}

Result<Value> ToNdhwc(const Node& node, Builder& build, const Value& x) {
  if (!ChannelsFirst(node)) return x;
  TFLOWER_TRY(const Value perm, build.Vector({0, 2, 3, 4, 1}));
  return build.Emit(tfl::Transpose{}, {x, perm});
}
Result<Value> FromNdhwc(const Node& node, Builder& build, const Value& y) {
  if (!ChannelsFirst(node)) return y;
  TFLOWER_TRY(const Value perm, build.Vector({0, 4, 1, 2, 3}));
  return build.Emit(tfl::Transpose{}, {y, perm});
}

template <class TflOp>
Result<TflOp> ReadConv(const Node& node) {
  TFLOWER_TRY(const DHW stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const DHW dilation, WindowAttr(node, "dilations"));
  return TflOp{.padding = PaddingOf(node), .stride_d = stride.d, .stride_w = stride.w, .stride_h = stride.h,
               .dilation_d_factor = dilation.d, .dilation_w_factor = dilation.w, .dilation_h_factor = dilation.h};
}

Result<Value> LowerConv3D(const Node& node, Builder& build) {
  TFLOWER_TRY(const tfl::Conv3D op, ReadConv<tfl::Conv3D>(node));
  TFLOWER_TRY(const Value x, ToNdhwc(node, build, node.Input(0)));
  TFLOWER_TRY(const Value y, build.Emit(op, {x, node.Input(1)}));
  return FromNdhwc(node, build, y);
}

Result<Value> LowerTransposed(const Node& node, Builder& build) {
  TFLOWER_TRY(const tfl::Conv3DTranspose op, ReadConv<tfl::Conv3DTranspose>(node));
  TFLOWER_TRY(Value shape, AsInt32(build, node.Input(0)));
  if (ChannelsFirst(node)) {
    TFLOWER_TRY(const Value order, build.Vector({0, 2, 3, 4, 1}));
    TFLOWER_TRY(shape, build.Emit(tfl::Gather{}, {shape, order}));
  }
  TFLOWER_TRY(const Value x, ToNdhwc(node, build, node.Input(2)));
  TFLOWER_TRY(const Value y, build.Emit(op, {shape, node.Input(1), x}));
  return FromNdhwc(node, build, y);
}

// A maximum over a box is the maximum over width and height, then over depth. So is the average where no window reaches into the padding;
// else too, since each pass divides by the number of elements that it saw: boxes are cut at borders to boxes.
// The passes: [B * D, H, W, C], then [B, D, H * W, C].
template <class TflPool>
Result<Value> LowerPool3D(const Node& node, Builder& build) {
  TFLOWER_TRY(const DHW size, WindowAttr(node, "ksize"));
  TFLOWER_TRY(const DHW stride, WindowAttr(node, "strides"));
  TFLOWER_TRY(const Value x, ToNdhwc(node, build, node.Input(0)));
  for (int i = 1; i < 5; ++i)
    if (x.dim(i) < 0)
      return Error(Code::kUnsupportedShape, "depth, height, width and channels must be known").What("input 0").Hint("give the shape with --input-shape");
  const tfl::Padding padding = PaddingOf(node);
  const int64_t planes[] = {x.dim(0) < 0 ? -1 : x.dim(0) * x.dim(1), x.dim(2), x.dim(3), x.dim(4)};
  TFLOWER_TRY(const Value flat, ReshapeTo(build, x, planes));
  TFLOWER_TRY(const Value pooled, build.Emit(TflPool{.padding = padding, .stride_w = stride.w, .stride_h = stride.h, .filter_width = size.w,
                                                     .filter_height = size.h}, {flat}));
  const int64_t columns[] = {x.dim(0), x.dim(1), pooled.dim(1) * pooled.dim(2), x.dim(4)};
  TFLOWER_TRY(const Value deep, ReshapeTo(build, pooled, columns));
  TFLOWER_TRY(const Value through, build.Emit(TflPool{.padding = padding, .stride_w = 1, .stride_h = stride.d, .filter_width = 1,
                                                      .filter_height = size.d}, {deep}));
  const int64_t volume[] = {x.dim(0), through.dim(1), pooled.dim(1), pooled.dim(2), x.dim(4)};
  TFLOWER_TRY(const Value y, ReshapeTo(build, through, volume));
  return FromNdhwc(node, build, y);
}

constexpr Operand kVolume = Float(5);

constexpr OpDef kOps[] = {
    {"Conv3D", {kVolume, kVolume}, kConvAttrs, InFloat32<LowerConv3D>, "CAST CONV_3D TRANSPOSE"},
    {"Conv3DBackpropInputV2", {Index(1, 1), kVolume, kVolume}, kTransposeAttrs, InFloat32<LowerTransposed>, "CAST CONV_3D_TRANSPOSE GATHER TRANSPOSE"},
    {"AvgPool3D", {kVolume}, kPoolAttrs, InFloat32<LowerPool3D<tfl::AveragePool2D>>, "CAST AVERAGE_POOL_2D RESHAPE TRANSPOSE"},
    {"MaxPool3D", {kVolume}, kPoolAttrs, InFloat32<LowerPool3D<tfl::MaxPool2D>>, "CAST MAX_POOL_2D RESHAPE TRANSPOSE"},
};
}  // namespace
TFLOWER_OP_FAMILY(conv3d, kOps);
}  // namespace tflower::tf_ops
