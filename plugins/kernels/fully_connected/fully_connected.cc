// FULLY_CONNECTED on float32: weights [out, in], optional bias. Source: TFLite FullyConnectedOptions.
#include "common/check.h"
#include "fully_connected/fully_connected.h"
#include "gemm/activation.h"
#include "gemm/residual.h"

namespace tflower::kernels {
namespace {

// The input's elements are cut into rows of `in`, whatever its rank; without elements the leading dimensions count.
Result<FullyConnectedShape> ShapeOf(const Op& op) {
  const Tensor x = op.Input(0), weights = op.Input(1);
  const int64_t in = weights.dim(1), elements = x.num_elements();
  const bool rows_end = x.rank() > 0 && x.dim(-1) == in;
  if (!rows_end && (in == 0 || elements % in != 0)) {
    return OperandError(Code::kUnsupportedShape, 0, "input", "shape " + TextOf(x.dims()) + " does not divide into rows of " + std::to_string(in));
  }
  if (!rows_end && op.Options<tfl::FullyConnectedOptions>().keep_num_dims) {
    return OperandError(Code::kUnsupportedShape, 0, "input", "shape " + TextOf(x.dims()) + " must end in " + std::to_string(in) + " with keep_num_dims");
  }
  return FullyConnectedShape{rows_end ? Product(x.dims(), 0, x.rank() - 1) : elements / in, in, weights.dim(0)};
}

struct FullyConnected {
  FullyConnectedPlan plan;
  Clamp clamp;
  Residual residual;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 2, 3));
    TFLOWER_CHECK(CheckRank(op, 1, "weights", 2, 2));
    const auto options = op.Options<tfl::FullyConnectedOptions>();
    if (options.weights_format != tfl::FullyConnectedOptionsWeightsFormat::DEFAULT) return OptionError("weights_format", "must be DEFAULT for float32");
    TFLOWER_TRY(const FullyConnectedShape s, ShapeOf(op));
    if (op.HasInput(2)) TFLOWER_CHECK(CheckVector(op, 2, "bias", s.out));
    if (!options.keep_num_dims) return SetOutput(out, 0, DType::kFloat32, Shape{s.batch, s.out});
    Shape dims(op.Input(0).dims());
    dims[dims.rank() - 1] = s.out;
    return SetOutput(out, 0, DType::kFloat32, dims);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(const FullyConnectedShape s, ShapeOf(op));
    TFLOWER_TRY(clamp, ClampOf(op.Options<tfl::FullyConnectedOptions>().fused_activation_function));
    TFLOWER_TRY(plan, PlanFullyConnected(s, op.Input(1).is_constant()));
    want.Packed(plan.packed_bytes);
    want.Scratch(plan.scratch_bytes);
    return Ok();
  }
  bool Fuse(const Op& op, const Op& next, int operand) { return plan.constant_weights && residual.Take(op, next, operand, clamp); }
  Status Pack(const Op& op, void* packed) const {
    PackFullyConnected(plan, op.Input(1).data<float>(), packed, Parallel());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const void* const weights = plan.constant_weights ? eval.packed() : op.Input(1).raw();
    const Epilogue tail = residual.EpilogueOf(op, 2, clamp);
    EvalFullyConnected(plan, op.Input(0).data<float>(), weights, tail, op.Output(0).mutable_data<float>(), eval.scratch(), eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<FullyConnected>(tfl::Builtin::FULLY_CONNECTED, {.inputs = {kF32, kF32, kF32}, .outputs = {kF32}, .versions = {1, 14}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(fully_connected, kRows);
}  // namespace tflower::kernels
