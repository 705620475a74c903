// CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV on int8, uint8 and int16 activations, with a scale for all weights or for each output channel.
// Source: TFLite Conv2DOptions, DepthwiseConv2DOptions, TransposeConvOptions and operator versions.
#include "common/packed_int.h"
#include "conv/conv_shape.h"
#include "depthwise/depthwise_shape.h"
#include "gemm/sizes.h"
#include "integer_depthwise/integer_depthwise.h"
#include "integer_gemm/layer.h"
#include "quantized_conv/conv_rows.h"
#include "transpose_conv/transpose_conv_shape.h"

namespace tflower::kernels {
namespace {

size_t ElementOf(const Tensor& t) { return t.dtype() == DType::kInt16 ? 2 : 1; }

struct Conv2D {
  Conv2DShape shape;
  IntegerLayer layer;
  int32_t x_zero = 0;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferConv2D(op, out));
    return CheckQuantizedLayer(op, 0, 1, 2, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, Conv2DShapeOf(op));
    TFLOWER_CHECK(CheckConv2DShape(shape));
    QuantizedLayer q;
    TFLOWER_CHECK(q.Prepare(op, 0, 1, 2, 0, op.Options<tfl::Conv2DOptions>().fused_activation_function));
    x_zero = q.x.zero;
    const auto count = [](int64_t n) { return static_cast<size_t>(n); };
    const IntegerLayer::Size size{count(shape.batch * shape.out_h * shape.out_w), count(shape.out_c / shape.groups),
                                  count(shape.kernel_h * shape.kernel_w * (shape.in_c / shape.groups)), count(shape.groups)};
    layer.Prepare(op, q, size, 0, 2, false, !RowsArePixels(shape), want);
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const { return layer.Pack(op, packed); }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const ConvRows rows{&shape, op.Input(0).raw(), ElementOf(op.Input(0)), x_zero};
    const auto row_count = static_cast<size_t>(shape.batch * shape.out_h * shape.out_w);
    layer.Run(op, {op.Input(0).raw(), static_cast<size_t>(shape.in_c), RowsArePixels(shape) ? RowSource{} : rows.Source(), op.Output(0).mutable_raw(), static_cast<size_t>(shape.out_c)},
              row_count, eval);
    return Ok();
  }
};

struct DepthwiseConv2D {
  IntegerDepthwise d;
  bool vectors = true;  // else plain loops over weights as bytes
  bool pack = true;     // once, constant weights
  size_t packed_bytes = 0;
  ByteWeights weights;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferDepthwise(op, out));
    return CheckQuantizedLayer(op, 0, 1, 2, 3);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(d.shape, DepthwiseShapeOf(op));
    QuantizedLayer q;
    TFLOWER_CHECK(q.Prepare(op, 0, 1, 2, 3, op.Options<tfl::DepthwiseConv2DOptions>().fused_activation_function));
    d.type = IntegerTypeOf(op.Input(0).dtype());
    d.unsigned_weights = op.Input(1).dtype() == DType::kUInt8;
    d.bytes = MultipliesBytes(d.type, d.unsigned_weights, q.w_zero);
    d.wide = q.wide;
    d.x_zero = q.x.zero, d.w_zero = q.w_zero;
    d.requantizer.type = op.Output(0).dtype();
    d.requantizer.zero = q.y.zero, d.requantizer.bounds = q.bounds;
    d.requantizer.Set(q.multipliers, static_cast<size_t>(d.shape.out_channels()));
    vectors = VectorsTakeDepthwise(d);
    pack = op.Input(1).is_constant();
    size_t scratch = BiasBytes();
    if (vectors) {
      packed_bytes = (IntegerDepthwisePackedBytes(d) + 63) / 64 * 64;
      scratch += IntegerDepthwiseScratchBytes(d, want.threads()) + (pack ? 0 : packed_bytes);
      if (pack) want.Packed(packed_bytes, 1 + d.bytes);
    } else {
      weights.Prepare(op, want);
    }
    want.Scratch(scratch);
    threads = want.threads();
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    if (!vectors) return weights.Pack(op, packed);
    if (!pack) return Ok();
    std::vector<int8_t> whole;
    if (IsSubByte(op.Input(1).dtype())) {
      whole.resize(static_cast<size_t>(op.Input(1).num_elements()));
      UnpackInts(op.Input(1), whole.data());
    }
    PackIntegerDepthwise(d, whole.empty() ? op.Input(1).raw() : whole.data(), packed);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    char* scratch = eval.scratch<char>();
    auto* const bias = reinterpret_cast<int64_t*>(scratch);
    for (int64_t c = 0; c < d.shape.out_channels(); ++c) bias[c] = op.HasInput(2) ? IntAt(op.Input(2), c) : 0;
    scratch += BiasBytes();
    if (!vectors) {
      IntegerDepthwiseRef(d, op.Input(0).raw(), weights.Bytes(op, eval), bias, op.Output(0).mutable_raw(), eval.parallel());
      return Ok();
    }
    const void* packed = eval.packed();
    if (!pack) {
      PackIntegerDepthwise(d, op.Input(1).raw(), scratch);
      packed = scratch;
      scratch += packed_bytes;
    }
    RunIntegerDepthwise(d, op.Input(0).raw(), packed, bias, op.Output(0).mutable_raw(), scratch, threads, eval.parallel());
    return Ok();
  }

 private:
  size_t BiasBytes() const { return (static_cast<size_t>(d.shape.out_channels()) * sizeof(int64_t) + 63) / 64 * 64; }
  int threads = 1;
};

struct TransposeConv {
  IntegerLayer layer;
  int32_t x_zero = 0;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferTransposeConv(op, out));
    return CheckQuantizedLayer(op, 2, 1, 3, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    QuantizedLayer q;
    TFLOWER_CHECK(q.Prepare(op, 2, 1, 3, 0, op.Options<tfl::TransposeConvOptions>().fused_activation_function));
    x_zero = q.x.zero;
    const Tensor filter = op.Input(1);
    TFLOWER_CHECK(CheckElements("filter", filter.dims()));
    TFLOWER_CHECK(CheckEmptyFilter(filter.dim(0) * filter.dim(3), filter.dim(1), std::max<int64_t>(1, filter.dim(2))));
    const auto count = [](int64_t n) { return static_cast<size_t>(n); };
    // How many rows there are is known at run time: so many that a block is as long as blocks get.
    const IntegerLayer::Size size{size_t{1} << 20, count(filter.dim(0)), count(filter.dim(1) * filter.dim(2) * filter.dim(3)), 1};
    layer.Prepare(op, q, size, 2, 3, false, true, want);
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const { return layer.Pack(op, packed); }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY(const TransposeConvShape shape, TransposeConvShapeOf(op, dims));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const TransposeConvRows rows{&shape, op.Input(2).raw(), ElementOf(op.Input(2)), x_zero};
    layer.Run(op, {op.Input(2).raw(), 0, rows.Source(), op.Output(0).mutable_raw(), static_cast<size_t>(shape.out_c)}, static_cast<size_t>(shape.batch * shape.out_h * shape.out_w), eval);
    return Ok();
  }
};

constexpr DTypeSet kWeights = kBytes | Types({DType::kInt4});
constexpr DTypeSet kBias = Types({DType::kInt32, DType::kInt64});

constexpr tflower_kernel kRows[] = {
    Kernel<Conv2D>(tfl::Builtin::CONV_2D, {.inputs = {kQuantized, kWeights, kBias}, .outputs = {kQuantized}}),
    Kernel<DepthwiseConv2D>(tfl::Builtin::DEPTHWISE_CONV_2D, {.inputs = {kQuantized, kWeights, kBias}, .outputs = {kQuantized}}),
    Kernel<TransposeConv>(tfl::Builtin::TRANSPOSE_CONV, {.inputs = {kI32, kWeights, kQuantized, kBias}, .outputs = {kQuantized}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_conv, kRows);
}  // namespace tflower::kernels
