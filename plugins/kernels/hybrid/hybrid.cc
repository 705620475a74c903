// Layers of float activations with int8 or int4 weights ("dynamic range"): activations become int8 in each call, a row or an image at a time;
// sums are integers. Source: TFLite's hybrid kernels; asymmetric_quantize_inputs.
#include "batch_matmul/batch_matmul_shape.h"
#include "common/quantized_layer.h"
#include "conv/conv_shape.h"
#include "depthwise/depthwise_shape.h"
#include "fully_connected/fully_connected_shape.h"
#include "gemm/activation.h"
#include "hybrid/rows.h"
#include "quantized_conv/loops.h"
#include "transpose_conv/transpose_conv_shape.h"

namespace tflower::kernels {
namespace {

// Weights have a scale, or one for each output channel (dimension `axis`), and zero points of 0.
Status CheckWeights(const Op& op, int axis) {
  const Tensor w = op.Input(1);
  const auto error = [&](std::string message) { return OperandError(Code::kUnsupportedType, 1, "weights", std::move(message)); };
  if (w.scales().empty()) return error(Text("is ", w.dtype(), " without scale and zero point"));
  if (w.scales().size() != 1 && (w.quantized_dimension() != axis || w.dim(axis) != static_cast<int64_t>(w.scales().size()))) {
    return error(Text(w.scales().size(), " scales for dimension ", w.quantized_dimension(), " must be one, or one for each output channel: dimension ", axis, " of ", w.dims()));
  }
  if (std::any_of(w.zero_points().begin(), w.zero_points().end(), [](int64_t z) { return z != 0; })) return error("zero points must be 0 with float activations");
  if (w.dtype() == DType::kInt4 && !w.is_constant()) return error("int4 weights must be constant");
  return Ok();
}

// What they share: scales of rows, then the rows' values, in scratch memory.
struct Hybrid {
  Clamp clamp;
  int64_t rows = 0, row_size = 0;
  bool asymmetric = false;
  ByteWeights weights;

  int input = 0, bias = 2;  // operands

  Status PrepareLayer(const Op& op, PrepareContext& want, int64_t row_count, tfl::ActivationFunctionType activation) {
    TFLOWER_TRY(clamp, ClampOf(activation));
    rows = row_count;
    row_size = rows == 0 ? 0 : op.Input(input).num_elements() / rows;
    weights.Prepare(op, want);
    want.Scratch(static_cast<uint64_t>(rows) * sizeof(RowScale) + static_cast<uint64_t>(rows * row_size));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const { return weights.Pack(op, packed); }
  const RowScale* Scales(const EvalContext& eval) const { return eval.scratch<RowScale>(); }
  int8_t* Row(const EvalContext& eval, int64_t row) const { return reinterpret_cast<int8_t*>(eval.scratch<RowScale>() + rows) + row * row_size; }

  void QuantizeRows(const Op& op, const EvalContext& eval) const {
    eval.parallel().For(rows, 1 + 4096 / (row_size + 1), [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) eval.scratch<RowScale>()[r] = QuantizeRow(op.Input(input).data<float>() + r * row_size, row_size, asymmetric, Row(eval, r));
    });
  }
  float Finish(const Op& op, int32_t sum, float row_scale, int64_t channel) const {
    const auto scales = op.Input(1).scales();
    const float weight_scale = scales[scales.size() == 1 ? 0 : static_cast<size_t>(channel)];
    const float v = static_cast<float>(sum) * (row_scale * weight_scale) + (op.HasInput(bias) ? op.Input(bias).data<float>()[channel] : 0);
    return v < clamp.lo ? clamp.lo : v > clamp.hi ? clamp.hi : v;  // NaN passes
  }
};

struct FullyConnected : Hybrid {
  FullyConnectedShape shape;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferFullyConnected(op, out));
    return CheckWeights(op, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, FullyConnectedShapeOf(op));
    const auto options = op.Options<tfl::FullyConnectedOptions>();
    asymmetric = options.asymmetric_quantize_inputs;
    return PrepareLayer(op, want, shape.batch, options.fused_activation_function);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    QuantizeRows(op, eval);
    const int8_t* const w = weights.Bytes(op, eval);
    float* const y = op.Output(0).mutable_data<float>();
    eval.parallel().For(shape.batch * shape.out, GrainOf(shape.in), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t row = i / shape.out, o = i % shape.out;
        const RowScale scale = Scales(eval)[row];
        y[i] = Finish(op, DotProduct<int32_t>(Row(eval, row), scale.zero, w + o * shape.in, 0, shape.in), scale.scale, o);
      }
    });
    return Ok();
  }
};

// An image at a time. TFLite quantises it asymmetrically where the weights have a scale for each channel.
struct Conv2D : Hybrid {
  Conv2DShape shape;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferConv2D(op, out));
    return CheckWeights(op, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, Conv2DShapeOf(op));
    asymmetric = op.Input(1).scales().size() > 1;
    return PrepareLayer(op, want, shape.batch, op.Options<tfl::Conv2DOptions>().fused_activation_function);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    QuantizeRows(op, eval);
    const Conv2DShape& s = shape;
    const int8_t* const filter = weights.Bytes(op, eval);
    float* const y = op.Output(0).mutable_data<float>();
    const int64_t taps = s.kernel_h * s.kernel_w * (s.in_c / s.groups), channels_of_group = std::max<int64_t>(1, s.out_c / s.groups);
    ForEachResult(s.batch, s.out_h, s.out_w, s.out_c, taps, y, eval.parallel(), [&](int64_t b, int64_t oy, int64_t ox, int64_t o) {
      const RowScale scale = Scales(eval)[b];
      return Finish(op, ConvAt<int32_t>(s, Row(eval, b), scale.zero, filter + o * taps, 0, 0, oy, ox, o / channels_of_group), scale.scale, o);
    });
    return Ok();
  }
};

struct DepthwiseConv2D : Hybrid {
  DepthwiseShape shape;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferDepthwise(op, out));
    return CheckWeights(op, 3);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, DepthwiseShapeOf(op));
    asymmetric = true;
    return PrepareLayer(op, want, shape.batch, op.Options<tfl::DepthwiseConv2DOptions>().fused_activation_function);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    QuantizeRows(op, eval);
    const DepthwiseShape& s = shape;
    const int8_t* const filter = weights.Bytes(op, eval);
    float* const y = op.Output(0).mutable_data<float>();
    ForEachResult(s.batch, s.out_h, s.out_w, s.out_channels(), s.filter_h * s.filter_w, y, eval.parallel(), [&](int64_t b, int64_t oy, int64_t ox, int64_t c) {
      const RowScale scale = Scales(eval)[b];
      return Finish(op, DepthwiseAt<int32_t>(s, Row(eval, b), scale.zero, filter, 0, 0, oy, ox, c), scale.scale, c);
    });
    return Ok();
  }
};

struct TransposeConv : Hybrid {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferTransposeConv(op, out));
    return CheckWeights(op, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    input = 2, bias = 3;
    asymmetric = true;
    return PrepareLayer(op, want, op.Input(2).dim(0), op.Options<tfl::TransposeConvOptions>().fused_activation_function);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Shape dims = IntsOf(op.Input(0));
    TFLOWER_TRY(const TransposeConvShape s, TransposeConvShapeOf(op, dims));
    TFLOWER_CHECK(EnsureOutput(op, eval, 0, dims));
    QuantizeRows(op, eval);
    const int8_t* const filter = weights.Bytes(op, eval);
    float* const y = op.Output(0).mutable_data<float>();
    const int64_t taps = s.kernel_h * s.kernel_w * s.in_c;
    ForEachResult(s.batch, s.out_h, s.out_w, s.out_c, taps, y, eval.parallel(), [&](int64_t b, int64_t oy, int64_t ox, int64_t o) {
      const RowScale scale = Scales(eval)[b];
      return Finish(op, TransposeConvAt<int32_t>(s, Row(eval, b), scale.zero, filter + o * taps, 0, 0, oy, ox), scale.scale, o);
    });
    return Ok();
  }
};

// Rows of the left operand, along the dimension that is summed over.
struct BatchMatMul : Hybrid {
  BatchMatMulPlan plan;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferBatchMatMul(op, out));
    if (op.Input(1).scales().size() > 1) return OperandError(Code::kUnsupportedType, 1, "weights", "must have one scale");
    return CheckWeights(op, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(plan, BatchMatMulPlanOf(op, 1));
    asymmetric = op.Options<tfl::BatchMatMulOptions>().asymmetric_quantize_inputs;
    return PrepareLayer(op, want, plan.k == 0 ? 0 : op.Input(0).num_elements() / plan.k, tfl::ActivationFunctionType::NONE);
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const int64_t m = plan.m, k = plan.k, n = plan.n, w_step = plan.adj_y ? 1 : n;
    for (int64_t r = 0; r < rows; ++r) {
      const float* const from = op.Input(0).data<float>() + (plan.adj_x ? r / m * m * k + r % m : r * k);
      eval.scratch<RowScale>()[r] = QuantizeRow(from, k, asymmetric, Row(eval, r), plan.adj_x ? m : 1);
    }
    const int8_t* const w = weights.Bytes(op, eval);
    float* const y = op.Output(0).mutable_data<float>();
    eval.parallel().For(plan.batches * m, GrainOf(k * n), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const BatchPlace place = PlaceOfBatch(plan, i / m);
        const int64_t row = place.x * m + i % m;
        const int8_t* const left = Row(eval, row);
        const RowScale scale = k == 0 ? RowScale{} : Scales(eval)[row];
        for (int64_t o = 0; o < n; ++o) {
          const int8_t* const right = w + place.w * k * n + o * (plan.adj_y ? k : 1);
          int32_t sum = 0;
          for (int64_t j = 0; j < k; ++j) sum = AddWrapping(sum, (left[j] - scale.zero) * right[j * w_step]);
          y[i * n + o] = static_cast<float>(sum) * (scale.scale * op.Input(1).scales()[0]);
        }
      }
    });
    return Ok();
  }
};

constexpr DTypeSet kWeights = kInt8 | Types({DType::kInt4});
constexpr KernelTraits Traits(int32_t max_version) { return {.inputs = {kF32, kWeights, kF32}, .outputs = {kF32}, .versions = {1, max_version}}; }

constexpr tflower_kernel kRows[] = {
    Kernel<FullyConnected>(tfl::Builtin::FULLY_CONNECTED, Traits(14)),
    Kernel<Conv2D>(tfl::Builtin::CONV_2D, Traits(8)),
    Kernel<DepthwiseConv2D>(tfl::Builtin::DEPTHWISE_CONV_2D, Traits(7)),
    Kernel<TransposeConv>(tfl::Builtin::TRANSPOSE_CONV, {.inputs = {kI32, kWeights, kF32, kF32}, .outputs = {kF32}, .versions = {1, 5}}),
    Kernel<BatchMatMul>(tfl::Builtin::BATCH_MATMUL, {.inputs = {kF32, kWeights}, .outputs = {kF32}, .versions = {1, 4}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(hybrid, kRows);
}  // namespace tflower::kernels
