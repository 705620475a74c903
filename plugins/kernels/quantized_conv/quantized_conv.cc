// CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV on int8, uint8 and int16 activations, with a scale for all weights or for each output channel.
// Source: TFLite Conv2DOptions, DepthwiseConv2DOptions, TransposeConvOptions and operator versions.
#include "conv/conv_shape.h"
#include "depthwise/depthwise_shape.h"
#include "quantized_conv/loops.h"
#include "transpose_conv/transpose_conv_shape.h"

namespace tflower::kernels {
namespace {

template <class Sum>
const Sum* BiasOf(const Op& op, int i) { return op.HasInput(i) ? op.Input(i).data<Sum>() : nullptr; }

// The part of Prepare and Pack that all three share.
struct Layer {
  QuantizedLayer q;
  ByteWeights weights;

  Status PrepareLayer(const Op& op, PrepareContext& want, int input, int bias, int axis, tfl::ActivationFunctionType activation) {
    TFLOWER_CHECK(q.Prepare(op, input, 1, bias, axis, activation));
    weights.Prepare(op, want);
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const { return weights.Pack(op, packed); }
};

struct Conv2D : Layer {
  Conv2DShape shape;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferConv2D(op, out));
    return CheckQuantizedLayer(op, 0, 1, 2, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, Conv2DShapeOf(op));
    return PrepareLayer(op, want, 0, 2, 0, op.Options<tfl::Conv2DOptions>().fused_activation_function);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    VisitLayer(q, op.Input(0), op.Input(1), weights.Bytes(op, eval), [&](const auto* filter, auto sum, auto zero) {
      using T = decltype(zero);
      QuantizedConv2D(shape, q, op.Input(0).data<T>(), filter, BiasOf<decltype(sum)>(op, 2), op.Output(0).mutable_data<T>(), eval.parallel());
    });
    return Ok();
  }
};

struct DepthwiseConv2D : Layer {
  DepthwiseShape shape;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferDepthwise(op, out));
    return CheckQuantizedLayer(op, 0, 1, 2, 3);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, DepthwiseShapeOf(op));
    return PrepareLayer(op, want, 0, 2, 3, op.Options<tfl::DepthwiseConv2DOptions>().fused_activation_function);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    VisitLayer(q, op.Input(0), op.Input(1), weights.Bytes(op, eval), [&](const auto* filter, auto sum, auto zero) {
      using T = decltype(zero);
      QuantizedDepthwise(shape, q, op.Input(0).data<T>(), filter, BiasOf<decltype(sum)>(op, 2), op.Output(0).mutable_data<T>(), eval.parallel());
    });
    return Ok();
  }
};

struct TransposeConv : Layer {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferTransposeConv(op, out));
    return CheckQuantizedLayer(op, 2, 1, 3, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    return PrepareLayer(op, want, 2, 3, 0, op.Options<tfl::TransposeConvOptions>().fused_activation_function);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY(const TransposeConvShape shape, TransposeConvShapeOf(op, dims));
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, dims));
    VisitLayer(q, op.Input(2), op.Input(1), weights.Bytes(op, eval), [&](const auto* filter, auto sum, auto zero) {
      using T = decltype(zero);
      QuantizedTransposeConv(shape, q, op.Input(2).data<T>(), filter, BiasOf<decltype(sum)>(op, 3), op.Output(0).mutable_data<T>(), eval.parallel());
    });
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
