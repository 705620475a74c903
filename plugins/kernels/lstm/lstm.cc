// LSTM (full form), UNIDIRECTIONAL_SEQUENCE_LSTM and BIDIRECTIONAL_SEQUENCE_LSTM on float32, with weights of float32 or int8. Sources: see operands.h.
#include <algorithm>
#include <cstddef>

#include "common/quantized.h"
#include "lstm/lstm.h"

namespace tflower::kernels {
namespace {

// f of the operands of the four gates.
template <class T>
std::array<T, kGates> OfGates(const Op& op, const std::array<int, kGates>& at, T (*f)(const Op&, int)) {
  return {f(op, at[0]), f(op, at[1]), f(op, at[2]), f(op, at[3])};
}

LstmBytes ByteWeightsOf(const Op& op, const LstmOperands& at) {
  const auto bytes = [&](const std::array<int, kGates>& operands) { return OfGates(op, operands, &BytesOf); };
  return {.input = bytes(at.weights), .aux = bytes(at.aux), .recurrent = bytes(at.recurrent), .peephole = bytes(at.peephole), .projection = BytesOf(op, at.projection)};
}

LstmScales ScalesOf(const Op& op, const LstmOperands& at) {
  const auto scales = [&](const std::array<int, kGates>& operands) { return OfGates(op, operands, &WeightScaleOf); };
  return {.input = scales(at.weights), .aux = scales(at.aux), .recurrent = scales(at.recurrent), .peephole = scales(at.peephole), .projection = WeightScaleOf(op, at.projection)};
}

bool IsHybrid(const Op& op, const LstmOperands& at) { return op.Input(at.weights[kOutputGate]).dtype() != DType::kFloat32; }

// Weights are all float32, or all int8 with a scale each; biases and coefficients are float32, and so are diagonals of recurrent weights.
Status CheckTypes(const Op& op, const LstmOperands& at, const LstmShape& s) {
  const bool hybrid = IsHybrid(op, at);
  const DType weights = op.Input(at.weights[kOutputGate]).dtype();
  const auto check = [&](int i, const char* name, DType type) -> Status {
    if (i < 0 || !op.HasInput(i)) return Ok();
    TFLOWER_CHECK(CheckType(op, i, name, type));
    return type == DType::kFloat32 ? Ok() : CheckWeightScale(op, i, name);
  };
  for (size_t g = 0; g < kGates; ++g) {
    TFLOWER_CHECK(check(at.weights[g], "input weights", weights));
    TFLOWER_CHECK(check(at.aux[g], "aux_input weights", weights));
    TFLOWER_CHECK(check(at.recurrent[g], "recurrent weights", hybrid && s.diagonal ? DType::kFloat32 : weights));
    TFLOWER_CHECK(check(at.peephole[g], "cell weights", weights));
    TFLOWER_CHECK(check(at.bias[g], "gate bias", DType::kFloat32));
    TFLOWER_CHECK(check(at.norm[g], "layer_norm_coefficients", DType::kFloat32));
  }
  TFLOWER_CHECK(check(at.projection, "projection_weights", weights));
  return check(at.projection_bias, "projection_bias", DType::kFloat32);
}

LstmWeights WeightsOf(const Op& op, const LstmOperands& at) {
  const auto floats = [&](const std::array<int, kGates>& operands) { return OfGates(op, operands, &FloatsOf); };
  return {.input = floats(at.weights), .aux = floats(at.aux), .recurrent = floats(at.recurrent), .peephole = floats(at.peephole), .bias = floats(at.bias), .norm = floats(at.norm),
          .projection = FloatsOf(op, at.projection), .projection_bias = FloatsOf(op, at.projection_bias)};
}

bool AllConstant(const Op& op, const std::array<int, kGates>& at) {
  return std::all_of(at.begin(), at.end(), [&](int i) { return IsConstant(op, i); });
}
bool AllConstant(const Op& op, const LstmOperands& at) {
  return AllConstant(op, at.weights) && AllConstant(op, at.aux) && AllConstant(op, at.recurrent) && AllConstant(op, at.peephole) && AllConstant(op, at.bias) &&
         AllConstant(op, at.norm) && IsConstant(op, at.projection) && IsConstant(op, at.projection_bias);
}

// One direction as a layer with its part of packed and of scratch memory. Weights that come at run time are packed in each call.
struct Layer {
  LstmPlan plan;
  LstmOperands at;
  size_t packed = 0, scratch = 0;  // bytes in front

  Status Prepare(const Op& op, const LstmOperands& operands, const LstmShape& shape, const LstmOptions& options) {
    at = operands;
    if (IsHybrid(op, at)) {
      TFLOWER_TRY(plan, PlanHybridLstm(shape, options, ScalesOf(op, at)));
    } else {
      TFLOWER_TRY(plan, PlanLstm(shape, options));
    }
    return RequireStates(op, at);
  }
  void Pack(const Op& op, void* memory) const { PackAt(op, static_cast<std::byte*>(memory) + packed); }
  void Eval(const Op& op, const EvalContext& eval, const LstmRun& run, bool constant, const Parallel& parallel) const {
    std::byte* const own = eval.scratch<std::byte>() + scratch;
    float* const work = reinterpret_cast<float*>(own + (constant ? 0 : plan.packed_bytes));
    const float* const weights = reinterpret_cast<const float*>(constant ? eval.packed<std::byte>() + packed : own);
    if (!constant) PackAt(op, own);
    EvalLstm(plan, weights, run, work, parallel);
  }
  size_t ScratchBytes(bool constant) const { return plan.scratch_bytes + (constant ? 0 : plan.packed_bytes); }

 private:
  void PackAt(const Op& op, std::byte* memory) const {
    PackLstm(plan, WeightsOf(op, at), reinterpret_cast<float*>(memory), plan.bytes ? ByteWeightsOf(op, at) : LstmBytes());
  }
};

// One direction: the full form of LSTM, one step, and its sequence.
struct OneDirection {
  Layer layer;
  bool constant = false;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const LstmShape s, ShapeOf(op));
    return SetOutput(out, 0, DType::kFloat32, LstmResult(op, s.outputs));
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(const LstmOptions options, LstmOptionsOf(op));
    TFLOWER_TRY(const LstmShape shape, ShapeOf(op));
    TFLOWER_CHECK(layer.Prepare(op, kOneDirection, shape, options));
    constant = AllConstant(op, kOneDirection);
    want.Packed(constant ? layer.plan.packed_bytes : 0);
    want.Scratch(layer.ScratchBytes(constant));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    layer.Pack(op, packed);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    LstmRun run;
    run.x = FloatsOf(op, 0);
    run.h = op.Input(kOneDirection.state).mutable_data<float>();
    run.c = op.Input(kOneDirection.cell).mutable_data<float>();
    run.y = op.Output(0).mutable_data<float>();
    run.y_stride = layer.plan.shape.outputs;
    layer.Eval(op, eval, run, constant, eval.parallel());
    return Ok();
  }
  static Result<LstmShape> ShapeOf(const Op& op) {
    TFLOWER_CHECK(CheckOneDirection(op));
    TFLOWER_TRY(const LstmOptions options, LstmOptionsOf(op));
    TFLOWER_TRY(const LstmShape s, LstmShapeOf(op, kOneDirection, 0, options.time_major));
    TFLOWER_CHECK(CheckTypes(op, kOneDirection, s));
    TFLOWER_CHECK(CheckStates(op, kOneDirection, s, DType::kFloat32, DType::kFloat32));
    return s;
  }
};

// Both directions read the input, each its own way; or the backward one reads the auxiliary input, where that has no weights.
struct BothDirections {
  LstmShape shapes[2];  // forwards, backwards
  LstmOptions options;
  bool own_input = false, constant = false;
  Layer layers[2];

  static Status Infer(const Op& op, OpTypes& out) {
    BothDirections both;
    TFLOWER_CHECK(both.Read(op));
    const int64_t forwards = both.shapes[0].outputs, backwards = both.shapes[1].outputs;
    TFLOWER_CHECK(SetOutput(out, 0, DType::kFloat32, LstmResult(op, forwards + (both.options.merge ? backwards : 0))));
    return both.options.merge ? Ok() : SetOutput(out, 1, DType::kFloat32, LstmResult(op, backwards));
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_CHECK(Read(op));
    constant = AllConstant(op, kForwards) && AllConstant(op, kBackwards);
    TFLOWER_CHECK(layers[0].Prepare(op, kForwards, shapes[0], options));
    TFLOWER_CHECK(layers[1].Prepare(op, kBackwards, shapes[1], options));
    layers[1].packed = layers[0].plan.packed_bytes;
    layers[1].scratch = layers[0].ScratchBytes(constant);
    want.Packed(constant ? layers[1].packed + layers[1].plan.packed_bytes : 0);
    want.Scratch(layers[1].scratch + layers[1].ScratchBytes(constant));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    for (const Layer& layer : layers) layer.Pack(op, packed);
    return Ok();
  }
  // A thread for each direction: loops inside of them run inline then.
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Parallel parallel = eval.parallel();
    parallel.For(2, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) layers[i].Eval(op, eval, RunOf(op, i == 1), constant, parallel);
    });
    return Ok();
  }

  Status Read(const Op& op) {
    TFLOWER_TRY(options, LstmOptionsOf(op));
    own_input = op.HasInput(kAuxInput) && !op.HasInput(kForwards.aux[kForgetGate]);
    TFLOWER_TRY(shapes[0], LstmShapeOf(op, kForwards, 0, options.time_major));
    if (own_input) TFLOWER_CHECK(CheckRank(op, kAuxInput, "aux_input", 3, 3));
    if (own_input) TFLOWER_CHECK(CheckDims(op, kAuxInput, "aux_input", {op.Input(0).dim(0), op.Input(0).dim(1), op.Input(0).dim(2)}));
    TFLOWER_TRY(shapes[1], LstmShapeOf(op, kBackwards, own_input ? kAuxInput : 0, options.time_major));
    TFLOWER_CHECK(CheckTypes(op, kForwards, shapes[0]));
    TFLOWER_CHECK(CheckTypes(op, kBackwards, shapes[1]));
    TFLOWER_CHECK(CheckStates(op, kForwards, shapes[0], DType::kFloat32, DType::kFloat32));
    return CheckStates(op, kBackwards, shapes[1], DType::kFloat32, DType::kFloat32, kForwards.state, kForwards.cell);
  }
  LstmRun RunOf(const Op& op, bool back) const {
    const LstmOperands& at = back ? kBackwards : kForwards;
    LstmRun run;
    run.x = FloatsOf(op, back && own_input ? kAuxInput : 0);
    run.aux = shapes[0].aux != 0 ? FloatsOf(op, kAuxInput) : nullptr;
    run.h = op.Input(at.state).mutable_data<float>();
    run.c = op.Input(at.cell).mutable_data<float>();
    run.backwards = back;
    run.y = op.Output(back && !options.merge ? 1 : 0).mutable_data<float>() + (back && options.merge ? shapes[0].outputs : 0);
    run.y_stride = options.merge ? shapes[0].outputs + shapes[1].outputs : shapes[back ? 1 : 0].outputs;
    return run;
  }
};

constexpr DTypeSet kWeights = kF32 | kBytes;
constexpr KernelTraits kTraits = {.inputs = {kF32, kWeights, kWeights, kWeights, kWeights, kWeights, kWeights, kWeights}, .outputs = {kF32, kF32}, .flags = TFLOWER_KERNEL_IMPURE};

constexpr tflower_kernel kRows[] = {
    Kernel<OneDirection>(tfl::Builtin::LSTM, kTraits),
    Kernel<OneDirection>(tfl::Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, kTraits),
    Kernel<BothDirections>(tfl::Builtin::BIDIRECTIONAL_SEQUENCE_LSTM, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(lstm, kRows);
}  // namespace tflower::kernels
