// FULLY_CONNECTED and BATCH_MATMUL on int8, uint8 and int16. Source: TFLite FullyConnectedOptions, BatchMatMulOptions and operator versions.
#include "batch_matmul/batch_matmul_shape.h"
#include "common/quantized_layer.h"
#include "fully_connected/fully_connected_shape.h"
#include "integer_gemm/layer.h"
#include "quantized_dense/byte_matmul.h"

namespace tflower::kernels {
namespace {

// Sums do not wrap, and are rounded once: other layers round twice.
struct FullyConnected {
  FullyConnectedShape shape;
  IntegerLayer layer;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferFullyConnected(op, out));
    return CheckQuantizedLayer(op, 0, 1, 2, 0);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(shape, FullyConnectedShapeOf(op));
    QuantizedLayer q;
    TFLOWER_CHECK(q.Prepare(op, 0, 1, 2, 0, op.Options<tfl::FullyConnectedOptions>().fused_activation_function));
    layer.Prepare(op, q, {static_cast<size_t>(shape.batch), static_cast<size_t>(shape.out), static_cast<size_t>(shape.in)}, 0, 2, true, false, want);
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const { return layer.Pack(op, packed); }
  Status Eval(const Op& op, const EvalContext& eval) const {
    layer.Run(op, {op.Input(0).raw(), static_cast<size_t>(shape.in), {}, op.Output(0).mutable_raw(), static_cast<size_t>(shape.out)}, static_cast<size_t>(shape.batch), eval);
    return Ok();
  }
};

// Both operands may be activations.
struct BatchMatMul {
  ByteMatMul product;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferBatchMatMul(op, out));
    TFLOWER_CHECK(CheckSameType(op, 1, "right", 0));
    return CheckQuantized(op, 2);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(product.plan, BatchMatMulPlanOf(op, 1));
    TFLOWER_TRY(const Affine x, InputAffine(op, 0));
    TFLOWER_TRY(const Affine w, InputAffine(op, 1));
    TFLOWER_TRY(const Affine y, OutputAffine(op));
    product.x_zero = x.zero, product.w_zero = w.zero;
    product.threads = want.threads();
    Requantizer& r = product.requantizer;
    r.type = op.Output(0).dtype();
    r.zero = y.zero, r.bounds = BoundsOf(r.type);
    const Multiplier factor = MultiplierOf(static_cast<double>(x.scale * w.scale) / y.real_scale());
    r.Set(std::span(&factor, 1), static_cast<size_t>(product.plan.n));
    product.Prepare();
    if (r.type == DType::kInt8) want.Scratch(product.ScratchBytes());
    return Ok();
  }
  // int16: sums of 64 bits.
  void MultiplyWords(const Op& op, const Parallel& parallel) const {
    const BatchMatMulPlan& plan = product.plan;
    const Requantizer& r = product.requantizer;
    const int64_t m = plan.m, k = plan.k, n = plan.n, x_step = plan.adj_x ? m : 1, w_step = plan.adj_y ? 1 : n;
    parallel.For(plan.batches * m, 1 + 65536 / (k * n + 1), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const BatchPlace place = PlaceOfBatch(plan, row / m);
        const int16_t* const left = op.Input(0).data<int16_t>() + place.x * m * k + row % m * (plan.adj_x ? 1 : k);
        for (int64_t o = 0; o < n; ++o) {
          const int16_t* const right = op.Input(1).data<int16_t>() + place.w * k * n + o * (plan.adj_y ? k : 1);
          int64_t sum = 0;
          for (int64_t i = 0; i < k; ++i) sum = AddWrapping<int64_t>(sum, (int64_t{left[i * x_step]} - product.x_zero) * (int64_t{right[i * w_step]} - product.w_zero));
          const int64_t scaled = Scaled(sum, Multiplier{r.value[0], r.shift[0]});
          op.Output(0).mutable_data<int16_t>()[row * n + o] = static_cast<int16_t>(r.bounds.Clamp(scaled + r.zero));
        }
      }
    });
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    if (op.Input(0).dtype() == DType::kInt16) MultiplyWords(op, eval.parallel());
    else product.Run(op.Input(0).data<int8_t>(), op.Input(1).data<int8_t>(), op.Output(0).mutable_data<int8_t>(), eval.scratch(), eval.parallel());
    return Ok();
  }
};

constexpr DTypeSet kWeights = kBytes | Types({DType::kInt4});
constexpr DTypeSet kBias = Types({DType::kInt32, DType::kInt64});
constexpr DTypeSet kSigned = kInt8 | kInt16;

constexpr tflower_kernel kRows[] = {
    Kernel<FullyConnected>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kQuantized, kWeights, kBias}, .outputs = {kQuantized}, .versions = {1, 14}}),
    Kernel<BatchMatMul>(tfl::Builtin::BATCH_MATMUL, {.inputs = {kSigned, kSigned}, .outputs = {kSigned}, .versions = {1, 4}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_dense, kRows);
}  // namespace tflower::kernels
