// CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV on int8, uint8 and int16 activations, with a scale for all weights or for each output channel.
// Source: TFLite Conv2DOptions, DepthwiseConv2DOptions, TransposeConvOptions and operator versions.
#include "conv/conv_shape.h"
#include "depthwise/depthwise_shape.h"
#include "integer_gemm/layer.h"
#include "quantized_conv/conv_rows.h"
#include "quantized_conv/loops.h"
#include "transpose_conv/transpose_conv_shape.h"

namespace tflower::kernels {
namespace {

template <class Sum>
const Sum* BiasOf(const Op& op, int i) { return op.HasInput(i) ? op.Input(i).data<Sum>() : nullptr; }

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
  DepthwiseShape shape;
  QuantizedLayer q;
  ByteWeights weights;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferDepthwise(op, out));
    return CheckQuantizedLayer(op, 0, 1, 2, 3);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, DepthwiseShapeOf(op));
    TFLOWER_CHECK(q.Prepare(op, 0, 1, 2, 3, op.Options<tfl::DepthwiseConv2DOptions>().fused_activation_function));
    weights.Prepare(op, want);
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const { return weights.Pack(op, packed); }
  Status Eval(const Op& op, const EvalContext& eval) const {
    VisitLayer(q, op.Input(0), op.Input(1), weights.Bytes(op, eval), [&](const auto* filter, auto sum, auto zero) {
      using T = decltype(zero);
      QuantizedDepthwise(shape, q, op.Input(0).data<T>(), filter, BiasOf<decltype(sum)>(op, 2), op.Output(0).mutable_data<T>(), eval.parallel());
    });
    return Ok();
  }
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
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, dims));
    const TransposeConvRows rows{&shape, op.Input(2).raw(), ElementOf(op.Input(2)), x_zero};
    layer.Run(op, {op.Input(2).raw(), 0, rows.Source(), op.Output(0).mutable_raw(), static_cast<size_t>(shape.out_c)}, static_cast<size_t>(shape.batch * shape.out_h * shape.out_w), eval);
    return Ok();
  }
};

constexpr DTypeSet kWeights = kBytes | Types({DType::kInt4});
constexpr DTypeSet kBias = Types({DType::kInt32, DType::kInt64});

constexpr tflower_kernel kRows[] = {
    Kernel<Conv2D>(tfl::Builtin::CONV_2D, {.inputs = {kQuantized, kWeights, kBias}, .outputs = {kQuantized}, .versions = {1, 8}}),
    Kernel<DepthwiseConv2D>(tfl::Builtin::DEPTHWISE_CONV_2D, {.inputs = {kQuantized, kWeights, kBias}, .outputs = {kQuantized}, .versions = {1, 7}}),
    Kernel<TransposeConv>(tfl::Builtin::TRANSPOSE_CONV, {.inputs = {kI32, kWeights, kQuantized, kBias}, .outputs = {kQuantized}, .versions = {1, 5}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_conv, kRows);
}  // namespace tflower::kernels
