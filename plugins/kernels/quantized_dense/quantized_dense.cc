// FULLY_CONNECTED and BATCH_MATMUL on int8, uint8 and int16. Source: TFLite FullyConnectedOptions, BatchMatMulOptions and operator versions.
#include "batch_matmul/batch_matmul_shape.h"
#include "common/packed_int.h"
#include "common/quantized_layer.h"
#include "fully_connected/fully_connected_shape.h"
#include "integer_gemm/layer.h"
#include "quantized_dense/integer_matmul.h"

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

// Bytes whose results keep more bits: the gates of quantised LSTMs.
struct BytesIntoWords : FullyConnected {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferFullyConnected(op, out, DType::kInt16));
    return CheckQuantizedLayer(op, 0, 1, 2, 0);
  }
};

// Products with a right operand of any type, packed once if it is constant.
struct Products {
  IntegerMatMul product;

  Status Pack(const Op& op, void* packed) const {
    if (product.packed_before) product.PackOnce(op.Input(1).raw(), packed);
    return Ok();
  }

 protected:
  // The last step of Prepare.
  void AskForMemory(const Op& op, PrepareContext& want, size_t more_scratch = 0) {
    product.threads = want.threads();
    product.packed_before = op.Input(1).is_constant() && product.IsPackedSmall();
    if (product.packed_before) want.Packed(product.PackedBytes());
    want.Scratch(more_scratch + product.ScratchBytes());
  }
  const void* Right(const Op& op, const EvalContext& eval) const { return product.packed_before ? eval.packed<char>() : op.Input(1).raw(); }
};

// int16 weights for int16 activations: a matrix product of words. Sums are scaled as those of convolutions.
struct WideFullyConnected : Products {
  static Status Infer(const Op& op, OpTypes& out) { return FullyConnected::Infer(op, out); }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(const FullyConnectedShape shape, FullyConnectedShapeOf(op));
    QuantizedLayer q;
    TFLOWER_CHECK(q.Prepare(op, 0, 1, 2, 0, op.Options<tfl::FullyConnectedOptions>().fused_activation_function));
    const int64_t x_dims[] = {shape.batch, shape.in};
    TFLOWER_TRY(product.plan, PlanBatchMatMul(x_dims, op.Input(1).dims(), false, true, false, 1));
    product.x_type = product.w_type = DType::kInt16;
    product.x_zero = q.x.zero, product.w_zero = q.w_zero;
    Requantizer& r = product.requantizer;
    r.type = op.Output(0).dtype();
    r.zero = q.y.zero, r.bounds = q.bounds;
    r.Set(q.multipliers, static_cast<size_t>(shape.out));
    AskForMemory(op, want, BiasBytes());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    auto* const bias = eval.scratch<int64_t>();
    for (int64_t o = 0; o < product.plan.n; ++o) bias[o] = op.HasInput(2) ? IntAt(op.Input(2), o) : 0;
    product.Run({op.Input(0).raw(), Right(op, eval), op.Output(0).mutable_raw(), bias}, eval.scratch<char>() + BiasBytes(), eval.parallel());
    return Ok();
  }
  size_t BiasBytes() const { return (static_cast<size_t>(product.plan.n) * sizeof(int64_t) + 63) / 64 * 64; }
};

// Both operands may be activations. A right operand of int8 may have a scale for each column of the result.
struct BatchMatMul : Products {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferBatchMatMul(op, out));
    if (op.Input(1).dtype() != DType::kInt8) TFLOWER_CHECK(CheckSameType(op, 1, "right", 0));
    TFLOWER_CHECK(CheckQuantized(op, 1));
    TFLOWER_TRY([[maybe_unused]] const Affine right, RightAffine(op));
    return Ok();
  }
  // With a scale for each column all zero points are 0; the scale is that of the first column then.
  static Result<Affine> RightAffine(const Op& op) {
    const Tensor right = op.Input(1);
    const int columns = right.rank() - (op.Options<tfl::BatchMatMulOptions>().adj_y ? 2 : 1);
    const auto scales = static_cast<int64_t>(right.scales().size());
    if (scales <= 1 || right.quantized_dimension() != columns || right.dim(columns) != scales) return InputAffine(op, 1);
    for (const int64_t zero : right.zero_points())
      if (zero != 0) return OperandError(Code::kUnsupportedType, 1, "right", Text("zero point ", zero, " must be 0 where columns have scales of their own"));
    return Affine{right.scales()[0], 0};
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(product.plan, BatchMatMulPlanOf(op, 1));
    TFLOWER_TRY(const Affine x, InputAffine(op, 0));
    TFLOWER_TRY(const Affine w, RightAffine(op));
    TFLOWER_TRY(const Affine y, OutputAffine(op));
    product.x_zero = x.zero, product.w_zero = w.zero;
    product.x_type = op.Input(0).dtype(), product.w_type = op.Input(1).dtype();
    Requantizer& r = product.requantizer;
    r.type = op.Output(0).dtype();
    r.zero = y.zero, r.bounds = BoundsOf(r.type);
    std::vector<Multiplier> factors;
    for (const float scale : op.Input(1).scales()) factors.push_back(MultiplierOf(static_cast<double>(x.scale * scale) / y.real_scale()));
    r.Set(factors, static_cast<size_t>(product.plan.n));
    AskForMemory(op, want);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    product.Run({op.Input(0).raw(), Right(op, eval), op.Output(0).mutable_raw()}, eval.scratch(), eval.parallel());
    return Ok();
  }
};

// int8 whose sums are the result: stored values count as they are, without scale and zero point.
struct IntegerBatchMatMul : BatchMatMul {
  static Status Infer(const Op& op, OpTypes& out) { return InferBatchMatMul(op, out, DType::kInt32); }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(product.plan, BatchMatMulPlanOf(op, 1));
    product.sums = true;
    AskForMemory(op, want);
    return Ok();
  }
};

constexpr DTypeSet kWeights = kBytes | kSubByte;
constexpr DTypeSet kBias = Types({DType::kInt32, DType::kInt64});
constexpr DTypeSet kSigned = kInt8 | kInt16;

constexpr tflower_kernel kRows[] = {
    Kernel<FullyConnected>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kBytes, kWeights, kBias}, .outputs = {kBytes}}),
    Kernel<FullyConnected>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kInt16, kWeights, kBias}, .outputs = {kInt16}}),
    Kernel<BytesIntoWords>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kUInt8, kUInt8, kI32}, .outputs = {kInt16}, .priority = 50}),
    Kernel<WideFullyConnected>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kInt16, kInt16, kBias}, .outputs = {kInt16}}),
    Kernel<BatchMatMul>(tfl::Builtin::BATCH_MATMUL, {.inputs = {kSigned, kSigned}, .outputs = {kSigned}}),
    Kernel<IntegerBatchMatMul>(tfl::Builtin::BATCH_MATMUL, {.inputs = {kInt8, kInt8}, .outputs = {kI32}, .priority = 50}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_dense, kRows);
}  // namespace tflower::kernels
