// RNN, UNIDIRECTIONAL_SEQUENCE_RNN and BIDIRECTIONAL_SEQUENCE_RNN on float32, with weights of float32 or int8. Sources: see operands.h.
#include <cstddef>

#include "common/quantized.h"
#include "lstm/operands.h"
#include "rnn/rnn.h"

namespace tflower::kernels {
namespace {

RnnWeights WeightsOf(const Op& op, const RnnOperands& at) {
  return {FloatsOf(op, at.weights), FloatsOf(op, at.aux), FloatsOf(op, at.recurrent), FloatsOf(op, at.bias)};
}

RnnBytes ByteWeightsOf(const Op& op, const RnnOperands& at) { return {BytesOf(op, at.weights), BytesOf(op, at.aux), BytesOf(op, at.recurrent)}; }

bool IsHybrid(const Op& op) { return op.Input(kRnn.weights).dtype() != DType::kFloat32; }

// Weights are all float32, or all int8 with a scale each.
Status CheckTypes(const Op& op, const RnnOperands& at) {
  for (const int i : {at.weights, at.recurrent, at.aux}) {
    if (i < 0 || !op.HasInput(i)) continue;
    TFLOWER_CHECK(CheckType(op, i, "weights", op.Input(kRnn.weights).dtype()));
    if (IsHybrid(op)) TFLOWER_CHECK(CheckWeightScale(op, i, "weights"));
  }
  return Ok();
}

Result<RnnPlan> PlanOf(const Op& op, const RnnOperands& at, const RnnShape& shape, const RnnOptions& options) {
  if (!IsHybrid(op)) return PlanRnn(shape, options.activation);
  return PlanHybridRnn(shape, options.activation, {WeightScaleOf(op, at.weights), WeightScaleOf(op, at.aux), WeightScaleOf(op, at.recurrent)}, options.asymmetric);
}

bool AllConstant(const Op& op, const RnnOperands& at) {
  return IsConstant(op, at.weights) && IsConstant(op, at.recurrent) && IsConstant(op, at.bias) && IsConstant(op, at.aux);
}

// One or both directions. Weights that come at run time are packed in each call.
struct Rnn {
  RnnShapes s;
  RnnPlan plans[2];  // forwards, backwards
  size_t scratch[2] = {};  // bytes, where a direction's begins
  bool constant = false;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(InferRnn(op, out));
    const bool both = op.code() == tfl::Builtin::BIDIRECTIONAL_SEQUENCE_RNN;
    TFLOWER_CHECK(CheckTypes(op, both ? kRnnForwards : kRnn));
    return both ? CheckTypes(op, kRnnBackwards) : Ok();
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(s, RnnShapesOf(op));
    TFLOWER_TRY(plans[0], PlanOf(op, OperandsOf(0), s.forwards, s.options));
    if (s.both) {
      TFLOWER_TRY(plans[1], PlanOf(op, kRnnBackwards, s.backwards, s.options));
    }
    constant = AllConstant(op, OperandsOf(0)) && (!s.both || AllConstant(op, kRnnBackwards));
    scratch[1] = ScratchBytes(0);
    want.Packed(constant ? plans[0].packed_bytes + plans[1].packed_bytes : 0);
    want.Scratch(scratch[1] + ScratchBytes(1));
    return RequireRnnStates(op);
  }
  Status Pack(const Op& op, void* packed) const {
    for (int i = 0; i < Directions(); ++i) PackOne(op, i, PackedOf(static_cast<std::byte*>(packed), i));
    return Ok();
  }
  // A thread for each direction: loops inside of them run inline then.
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Parallel parallel = eval.parallel();
    parallel.For(Directions(), 1, [&](int64_t begin, int64_t end) {
      for (int i = static_cast<int>(begin); i < end; ++i) {
        std::byte* const own = eval.scratch<std::byte>() + scratch[i];
        float* const packed = constant ? PackedOf(const_cast<std::byte*>(eval.packed<std::byte>()), i) : reinterpret_cast<float*>(own);
        if (!constant) PackOne(op, i, packed);
        EvalRnn(plans[i], packed, RunOf(op, i == 1), reinterpret_cast<float*>(own + (constant ? 0 : plans[i].packed_bytes)), parallel);
      }
    });
    return Ok();
  }

 private:
  void PackOne(const Op& op, int i, float* packed) const {
    const RnnOperands at = OperandsOf(i);
    plans[i].bytes ? PackRnn(plans[i], {.bias = FloatsOf(op, at.bias)}, packed, ByteWeightsOf(op, at)) : PackRnn(plans[i], WeightsOf(op, at), packed);
  }
  int Directions() const { return s.both ? 2 : 1; }
  RnnOperands OperandsOf(int i) const { return i == 1 ? kRnnBackwards : s.both ? kRnnForwards : kRnn; }
  size_t ScratchBytes(int i) const { return plans[i].scratch_bytes + (constant ? 0 : plans[i].packed_bytes); }
  float* PackedOf(std::byte* packed, int i) const { return reinterpret_cast<float*>(packed + (i == 1 ? plans[0].packed_bytes : 0)); }
  SequenceRun RunOf(const Op& op, bool back) const {
    SequenceRun run{.x = FloatsOf(op, back ? s.backwards_input : 0), .aux = s.forwards.aux != 0 ? FloatsOf(op, kRnnAuxInput) : nullptr,
                    .h = op.Input(back ? kRnnBackwards.state : kRnn.state).mutable_data<float>(), .backwards = back};
    run.y = op.Output(back && !s.options.merge ? 1 : 0).mutable_data<float>() + (back && s.options.merge ? s.forwards.units : 0);
    run.y_stride = s.options.merge ? s.forwards.units + s.backwards.units : back ? s.backwards.units : s.forwards.units;
    return run;
  }
};

constexpr DTypeSet kWeights = kF32 | kBytes;
// Biases and states are checked by the kernel: the operands of both directions lie one behind the other.
constexpr KernelTraits kTraits = {.inputs = {kF32, kWeights, kWeights, kF32, kF32, kWeights, kWeights, kWeights}, .outputs = {kF32, kF32}, .flags = TFLOWER_KERNEL_IMPURE};

constexpr tflower_kernel kRows[] = {
    Kernel<Rnn>(tfl::Builtin::RNN, kTraits),
    Kernel<Rnn>(tfl::Builtin::UNIDIRECTIONAL_SEQUENCE_RNN, kTraits),
    Kernel<Rnn>(tfl::Builtin::BIDIRECTIONAL_SEQUENCE_RNN, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(rnn, kRows);
}  // namespace tflower::kernels
