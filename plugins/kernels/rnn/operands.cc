// Shapes of RNN operands.
#include "rnn/operands.h"

#include "lstm/operands.h"

namespace tflower::kernels {
namespace {

bool TwoWays(const Op& op) { return op.code() == tfl::Builtin::BIDIRECTIONAL_SEQUENCE_RNN; }

Status CheckAux(const Op& op, const RnnOperands& at, RnnShape& s) {
  if (!op.HasInput(at.aux)) return OperandError(Code::kInvalidGraph, at.aux, "aux_weights", "is absent, but the other direction has its own");
  if (!op.HasInput(kRnnAuxInput)) return OperandError(Code::kInvalidGraph, kRnnAuxInput, "aux_input", "is absent, but has weights");
  TFLOWER_CHECK(CheckRank(op, kRnnAuxInput, "aux_input", 3, 3));
  s.aux = op.Input(kRnnAuxInput).dim(2);
  TFLOWER_CHECK(CheckDims(op, kRnnAuxInput, "aux_input", {op.Input(0).dim(0), op.Input(0).dim(1), s.aux}));
  return CheckDims(op, at.aux, "aux_weights", {s.units, s.aux});
}

Result<RnnShape> ShapeOf(const Op& op, const RnnOperands& at, int input, bool time_major) {
  for (const int i : {at.weights, at.recurrent, at.bias}) {
    if (!op.HasInput(i)) return Error(Code::kInvalidGraph, Text("input ", i, " is absent, but is not optional"));
  }
  const int rank = op.code() == tfl::Builtin::RNN ? 2 : 3;
  TFLOWER_CHECK(CheckRank(op, input, "input", rank, rank));
  TFLOWER_CHECK(CheckRank(op, at.weights, "input_weights", 2, 2));
  const Tensor x = op.Input(input);
  RnnShape s;
  s.time_major = time_major;
  s.inputs = x.dim(-1);
  s.batch = rank == 3 && time_major ? x.dim(1) : x.dim(0);
  s.time = rank == 2 ? 1 : time_major ? x.dim(0) : x.dim(1);
  s.units = op.Input(at.weights).dim(0);
  TFLOWER_CHECK(CheckDims(op, at.weights, "input_weights", {s.units, s.inputs}));
  TFLOWER_CHECK(CheckDims(op, at.recurrent, "recurrent_weights", {s.units, s.units}));
  TFLOWER_CHECK(CheckDims(op, at.bias, "bias", {s.units}));
  TFLOWER_CHECK(CheckType(op, at.bias, "bias", DType::kFloat32));
  if (TwoWays(op) && (op.HasInput(kRnnForwards.aux) || op.HasInput(kRnnBackwards.aux))) TFLOWER_CHECK(CheckAux(op, at, s));
  return s;
}

Status CheckRnnState(const Op& op, const RnnOperands& at, const RnnShape& s, int other) {
  return CheckState(op, at.state, "hidden_state", s.batch * s.units, DType::kFloat32, {other});
}

}  // namespace

Result<RnnOptions> RnnOptionsOf(const Op& op) {
  RnnOptions out;
  const auto read = [&](const auto& o) {
    out.activation = o.fused_activation_function;
    out.asymmetric = o.asymmetric_quantize_inputs;
  };
  if (op.code() == tfl::Builtin::RNN) {
    read(op.Options<tfl::RNNOptions>());
  } else if (op.code() == tfl::Builtin::UNIDIRECTIONAL_SEQUENCE_RNN) {
    read(op.Options<tfl::SequenceRNNOptions>());
    out.time_major = op.Options<tfl::SequenceRNNOptions>().time_major;
  } else {
    const auto o = op.Options<tfl::BidirectionalSequenceRNNOptions>();
    read(o);
    out.time_major = o.time_major;
    out.merge = o.merge_outputs;
  }
  TFLOWER_CHECK(CheckRecurrentActivation(out.activation));
  return out;
}

Result<RnnShapes> RnnShapesOf(const Op& op) {
  RnnShapes out;
  out.both = TwoWays(op);
  TFLOWER_TRY(out.options, RnnOptionsOf(op));
  TFLOWER_TRY(out.forwards, ShapeOf(op, out.both ? kRnnForwards : kRnn, 0, out.options.time_major));
  TFLOWER_CHECK(CheckRnnState(op, kRnn, out.forwards, -1));
  if (!out.both) return out;
  const bool own = op.HasInput(kRnnAuxInput) && out.forwards.aux == 0;
  if (own) {
    TFLOWER_CHECK(CheckRank(op, kRnnAuxInput, "aux_input", 3, 3));
    TFLOWER_CHECK(CheckDims(op, kRnnAuxInput, "aux_input", {op.Input(0).dim(0), op.Input(0).dim(1), op.Input(0).dim(2)}));
  }
  out.backwards_input = own ? kRnnAuxInput : 0;
  TFLOWER_TRY(out.backwards, ShapeOf(op, kRnnBackwards, out.backwards_input, out.options.time_major));
  TFLOWER_CHECK(CheckRnnState(op, kRnnBackwards, out.backwards, kRnnForwards.state));
  return out;
}

Status RequireRnnStates(const Op& op) {
  TFLOWER_CHECK(RequireVariable(op, kRnn.state, "hidden_state"));
  return TwoWays(op) ? RequireVariable(op, kRnnBackwards.state, "hidden_state") : Ok();
}

Status InferRnn(const Op& op, OpTypes& out) {
  TFLOWER_TRY(const RnnShapes s, RnnShapesOf(op));
  const bool merged = s.both && s.options.merge;
  TFLOWER_CHECK(SetOutput(out, 0, DType::kFloat32, LstmResult(op, s.forwards.units + (merged ? s.backwards.units : 0))));
  if (!s.both || merged) return Ok();
  return SetOutput(out, 1, DType::kFloat32, LstmResult(op, s.backwards.units));
}

}  // namespace tflower::kernels
