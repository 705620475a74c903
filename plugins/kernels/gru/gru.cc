// tflower.Gru: a GRU layer over all steps, as one operator of our own. Operands, results and options: docs/recurrent.md.
#include <algorithm>

#include <tflower/flex_map.h>

#include "common/check.h"
#include "gru/gru.h"
#include "lstm/operands.h"

namespace tflower::kernels {
namespace {

enum Operand { kInput, kInputWeights, kRecurrentWeights, kBias, kAfter, kInitial, kCount };

struct Form {
  GruShape shape;
  GruOptions options;
};

Result<tfl::ActivationFunctionType> ActivationOf(const std::string& name) {
  using enum tfl::ActivationFunctionType;
  struct Named {
    const char* name;
    tfl::ActivationFunctionType type;
  };
  for (const Named& a : {Named{"tanh", TANH}, Named{"none", NONE}, Named{"relu", RELU}, Named{"relu6", RELU6}, Named{"relu_n1_to_1", RELU_N1_TO_1}})
    if (name == a.name) return a.type;
  return OptionError("option 'activation'", "is none of tanh, none, relu, relu6, relu_n1_to_1");
}

Result<Form> OptionsOf(const Op& op) {
  const FlexMap map(op.custom_options());
  TFLOWER_TRY(const std::vector<std::string> keys, map.Keys());
  for (const std::string& key : keys)
    if (key != "activation" && key != "reset_after" && key != "time_major") return OptionError("custom_options", "has another option than activation, reset_after and time_major");
  Form out;
  TFLOWER_TRY(const std::string activation, map.String("activation", "tanh"));
  TFLOWER_TRY(out.options.activation, ActivationOf(activation));
  TFLOWER_TRY(out.options.reset_after, map.Bool("reset_after", true));
  TFLOWER_TRY(out.shape.time_major, map.Bool("time_major", false));
  return out;
}

Result<Form> FormOf(const Op& op) {
  TFLOWER_CHECK(CheckArity(op, kBias + 1, kCount, 2));
  TFLOWER_TRY(Form out, OptionsOf(op));
  if (!op.HasInput(kInitial)) return OperandError(Code::kInvalidGraph, kInitial, "initial_state", "is absent, but is not optional");
  TFLOWER_CHECK(CheckRank(op, kInput, "input", 3, 3));
  TFLOWER_CHECK(CheckRank(op, kRecurrentWeights, "recurrent_weights", 2, 2));
  const Tensor x = op.Input(kInput);
  GruShape& s = out.shape;
  s.time = x.dim(s.time_major ? 0 : 1);
  s.batch = x.dim(s.time_major ? 1 : 0);
  s.inputs = x.dim(2);
  s.units = op.Input(kRecurrentWeights).dim(1);
  const int64_t rows = op.Input(kRecurrentWeights).dim(0);
  if (rows / 3 != s.units || rows % 3 != 0) return OperandError(Code::kUnsupportedShape, kRecurrentWeights, "recurrent_weights", Text("shape ", op.Input(kRecurrentWeights).dims(), " must be [3 * units, units]"));
  TFLOWER_CHECK(CheckDims(op, kInputWeights, "input_weights", {rows, s.inputs}));
  TFLOWER_CHECK(CheckDims(op, kBias, "bias", {rows}));
  TFLOWER_CHECK(CheckDims(op, kInitial, "initial_state", {s.batch, s.units}));
  if (op.HasInput(kAfter) != out.options.reset_after) return OperandError(Code::kInvalidGraph, kAfter, "recurrent_bias", "must be there where reset_after is true, and absent where it is false");
  if (out.options.reset_after) TFLOWER_CHECK(CheckDims(op, kAfter, "recurrent_bias", {s.units}));
  return out;
}

GruWeights WeightsOf(const Op& op) { return {FloatsOf(op, kInputWeights), FloatsOf(op, kRecurrentWeights), FloatsOf(op, kBias), FloatsOf(op, kAfter)}; }

// Weights that come at run time are packed in each call.
struct Gru {
  GruPlan plan;
  bool constant = false;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const Form form, FormOf(op));
    const Tensor x = op.Input(kInput);
    TFLOWER_CHECK(out.Set(0, DType::kFloat32, {x.dim(0), x.dim(1), form.shape.units}));
    return out.Set(1, DType::kFloat32, {form.shape.batch, form.shape.units});
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(const Form form, FormOf(op));
    TFLOWER_TRY(plan, PlanGru(form.shape, form.options));
    constant = IsConstant(op, kInputWeights) && IsConstant(op, kRecurrentWeights) && IsConstant(op, kBias) && IsConstant(op, kAfter);
    want.Packed(constant ? plan.packed_bytes : 0);
    want.Scratch(plan.scratch_bytes + (constant ? 0 : plan.packed_bytes));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    PackGru(plan, WeightsOf(op), static_cast<float*>(packed));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    float* const scratch = eval.scratch<float>();
    float* const own = scratch + plan.scratch_bytes / sizeof(float);
    if (!constant) PackGru(plan, WeightsOf(op), own);
    float* const state = op.Output(1).mutable_data<float>();
    std::copy_n(FloatsOf(op, kInitial), op.Output(1).num_elements(), state);
    SequenceRun run;
    run.x = FloatsOf(op, kInput);
    run.h = state;
    run.y = op.Output(0).mutable_data<float>();
    run.y_stride = plan.layer.shape.outputs;
    EvalGru(plan, constant ? eval.packed<float>() : own, run, scratch, eval.parallel());
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<Gru>(tfl::Builtin::CUSTOM, {.inputs = {kF32, kF32, kF32, kF32, kF32, kF32}, .outputs = {kF32, kF32}, .custom_code = "tflower.Gru"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(gru, kRows);
}  // namespace tflower::kernels
