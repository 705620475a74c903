// Shapes of LSTM operands.
#include "lstm/operands.h"

namespace tflower::kernels {
namespace {

std::string Named(const char* from, int gate, const char* what) { return std::string(from) + kGateNames[static_cast<size_t>(gate)] + what; }

bool Has(const Op& op, int i) { return i >= 0 && op.HasInput(i); }

Error Absent(int i, const std::string& name, const char* why) { return OperandError(Code::kInvalidGraph, i, name, std::string("is absent, ") + why); }
Error Needless(int i, const std::string& name, const char* why) { return OperandError(Code::kInvalidGraph, i, name, std::string("must be absent ") + why); }

// Walks over one direction's operands, in the order in which each check knows what it compares with.
class Checker {
 public:
  Checker(const Op& op, const LstmOperands& at, int input, bool time_major) : op_(op), at_(at), input_(input) { s_.time_major = time_major; }

  Result<LstmShape> Run() {
    TFLOWER_CHECK(ReadInput());
    TFLOWER_CHECK(ReadSizes());
    s_.cifg = !Has(op_, at_.weights[kInputGate]);
    s_.peephole = Has(op_, at_.peephole[kOutputGate]);
    s_.norm = Has(op_, at_.norm[kForgetGate]);
    s_.projection = Has(op_, at_.projection);
    for (int gate = 0; gate < kGates; ++gate) TFLOWER_CHECK(CheckGate(gate));
    TFLOWER_CHECK(CheckProjection());
    return s_;
  }

 private:
  Status ReadInput() {
    const bool steps = op_.code() != tfl::Builtin::LSTM;
    TFLOWER_CHECK(CheckRank(op_, input_, "input", steps ? 3 : 2, steps ? 3 : 2));
    const Tensor x = op_.Input(input_);
    s_.inputs = x.dim(-1);
    s_.batch = steps && s_.time_major ? x.dim(1) : x.dim(0);
    s_.time = !steps ? 1 : s_.time_major ? x.dim(0) : x.dim(1);
    return Ok();
  }

  // The output gate is always there; a diagonal R has a cell for each output.
  Status ReadSizes() {
    const int w = at_.weights[kOutputGate], r = at_.recurrent[kOutputGate];
    for (const int i : {w, r}) {
      if (!Has(op_, i)) return Absent(i, i == w ? "input_to_output_weights" : "recurrent_to_output_weights", "but is not optional");
    }
    TFLOWER_CHECK(CheckRank(op_, w, "input_to_output_weights", 2, 2));
    TFLOWER_CHECK(CheckRank(op_, r, "recurrent_to_output_weights", DiagonalMayBe() ? 1 : 2, 2));
    s_.cells = op_.Input(w).dim(0);
    s_.diagonal = op_.Input(r).rank() == 1;
    s_.outputs = s_.diagonal ? op_.Input(r).dim(0) : op_.Input(r).dim(1);
    return Ok();
  }
  bool DiagonalMayBe() const { return op_.code() == tfl::Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM; }

  Status CheckGate(int gate) {
    const size_t g = static_cast<size_t>(gate);
    const bool present = gate != kInputGate || !s_.cifg;
    TFLOWER_CHECK(CheckWeights(at_.weights[g], Named("input_to_", gate, "_weights"), present, s_.inputs));
    TFLOWER_CHECK(CheckRecurrent(gate, present));
    if (gate != kCellGate) TFLOWER_CHECK(CheckVectorIf(at_.peephole[g], Named("cell_to_", gate, "_weights"), present && s_.peephole, "as peephole weights are all there, or none"));
    TFLOWER_CHECK(CheckVectorIf(at_.bias[g], Named("", gate, "_gate_bias"), present, "as the gate has no weights (CIFG)"));
    TFLOWER_CHECK(CheckVectorIf(at_.norm[g], Named("", gate, "_layer_norm_coefficients"), present && s_.norm, "as they are all there, or none"));
    return CheckAux(gate, present);
  }

  Status CheckWeights(int i, const std::string& name, bool present, int64_t columns) {
    if (present != Has(op_, i)) return present ? Absent(i, name, "but other gates have theirs") : Needless(i, name, "as the input gate has no input weights (CIFG)");
    if (!present) return Ok();
    return CheckDims(op_, i, name, {s_.cells, columns});
  }

  Status CheckRecurrent(int gate, bool present) {
    const int i = at_.recurrent[static_cast<size_t>(gate)];
    const std::string name = Named("recurrent_to_", gate, "_weights");
    if (!present || !s_.diagonal) return CheckWeights(i, name, present, s_.outputs);
    if (!Has(op_, i)) return Absent(i, name, "but other gates have theirs");
    if (s_.cells != s_.outputs) return OperandError(Code::kUnsupportedShape, i, name, Text("a diagonal of ", s_.outputs, " for ", s_.cells, " cells"));
    return CheckDims(op_, i, name, {s_.cells});
  }

  Status CheckVectorIf(int i, const std::string& name, bool present, const char* why) {
    if (present && i >= 0 && !Has(op_, i)) return Absent(i, name, "but is not optional here");
    if (!present && Has(op_, i)) return Needless(i, name, why);
    return present && i >= 0 ? CheckDims(op_, i, name, {s_.cells}) : Ok();
  }

  // Aux weights: all, or none; the input gate's go with its others.
  Status CheckAux(int gate, bool present) {
    const int i = at_.aux[static_cast<size_t>(gate)];
    if (i < 0) return Ok();
    const std::string name = Named("aux_input_to_", gate, "_weights");
    const bool wanted = present && Has(op_, kForwards.aux[kForgetGate]);
    if (wanted && !Has(op_, i)) return Absent(i, name, "but others are there");
    if (!wanted) return Has(op_, i) ? Status(Needless(i, name, "as others are")) : Ok();
    if (!op_.HasInput(kAuxInput)) return Absent(kAuxInput, "aux_input", "but has weights");
    TFLOWER_CHECK(CheckRank(op_, kAuxInput, "aux_input", 3, 3));
    s_.aux = op_.Input(kAuxInput).dim(2);
    TFLOWER_CHECK(CheckDims(op_, kAuxInput, "aux_input", {op_.Input(0).dim(0), op_.Input(0).dim(1), s_.aux}));
    return CheckDims(op_, i, name, {s_.cells, s_.aux});
  }

  Status CheckProjection() {
    const int w = at_.projection, b = at_.projection_bias;
    if (s_.projection) {
      TFLOWER_CHECK(CheckDims(op_, w, "projection_weights", {s_.outputs, s_.cells}));
      return Has(op_, b) ? CheckDims(op_, b, "projection_bias", {s_.outputs}) : Ok();
    }
    if (Has(op_, b)) return Needless(b, "projection_bias", "without projection_weights");
    if (s_.cells == s_.outputs) return Ok();
    return OperandError(Code::kUnsupportedShape, at_.recurrent[kOutputGate], "recurrent_to_output_weights",
                        Text(s_.outputs, " outputs of ", s_.cells, " cells need projection_weights"));
  }

  const Op& op_;
  const LstmOperands& at_;
  const int input_;
  LstmShape s_;
};

template <class T>
LstmOptions Common(const T& o) {
  return {.activation = o.fused_activation_function, .cell_clip = o.cell_clip, .proj_clip = o.proj_clip, .asymmetric = o.asymmetric_quantize_inputs};
}

}  // namespace

Status CheckRecurrentActivation(tfl::ActivationFunctionType activation) {
  using enum tfl::ActivationFunctionType;
  if (activation == NONE || activation == RELU || activation == RELU_N1_TO_1 || activation == RELU6 || activation == TANH) return Ok();
  return OptionError("fused_activation_function", std::to_string(static_cast<int>(activation)) + " is not NONE, RELU, RELU_N1_TO_1, RELU6 or TANH");
}

Result<LstmOptions> LstmOptionsOf(const Op& op) {
  LstmOptions out;
  if (op.code() == tfl::Builtin::LSTM) {
    out = Common(op.Options<tfl::LSTMOptions>());
  } else if (op.code() == tfl::Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM) {
    const auto o = op.Options<tfl::UnidirectionalSequenceLSTMOptions>();
    out = Common(o);
    out.time_major = o.time_major;
  } else {
    const auto o = op.Options<tfl::BidirectionalSequenceLSTMOptions>();
    out = Common(o);
    out.time_major = o.time_major;
    out.merge = o.merge_outputs;
  }
  TFLOWER_CHECK(CheckRecurrentActivation(out.activation));
  for (const auto& [name, clip] : {std::pair("cell_clip", out.cell_clip), std::pair("proj_clip", out.proj_clip)}) {
    if (!(clip >= 0)) return OptionError(name, Text(clip, " must be 0 (none) or positive"));
  }
  return out;
}

Result<LstmShape> LstmShapeOf(const Op& op, const LstmOperands& at, int input, bool time_major) { return Checker(op, at, input, time_major).Run(); }

Shape LstmResult(const Op& op, int64_t outputs) {
  Shape dims(op.Input(0).dims());
  dims[dims.rank() - 1] = outputs;
  return dims;
}

Status CheckType(const Op& op, int i, const std::string& name, DType type) {
  if (!Has(op, i) || op.Input(i).dtype() == type) return Ok();
  return OperandError(Code::kUnsupportedType, i, name, Text("type ", op.Input(i).dtype(), " must be ", type));
}

Status CheckDims(const Op& op, int i, const std::string& name, std::initializer_list<int64_t> dims) {
  const Shape wanted(dims);
  if (std::ranges::equal(op.Input(i).dims(), wanted.span())) return Ok();
  return OperandError(Code::kUnsupportedShape, i, name, Text("shape ", op.Input(i).dims(), " must be ", wanted.span()));
}

Status CheckWeightScale(const Op& op, int i, const std::string& name) {
  const Tensor w = op.Input(i);
  if (w.scales().size() != 1) return OperandError(Code::kUnsupportedType, i, name, Text("is ", w.dtype(), " with ", w.scales().size(), " scales, must have one"));
  if (w.zero_points()[0] == 0) return Ok();
  return OperandError(Code::kUnsupportedType, i, name, Text("zero point ", w.zero_points()[0], " must be 0"));
}

Status CheckState(const Op& op, int i, const std::string& name, int64_t elements, DType type, std::initializer_list<int> others) {
  if (!op.HasInput(i)) return Absent(i, name, "but is not optional");
  TFLOWER_CHECK(CheckType(op, i, name, type));
  if (op.Input(i).num_elements() != elements) {
    return OperandError(Code::kUnsupportedShape, i, name, Text("shape ", op.Input(i).dims(), " must hold ", elements, " elements: a row for each of the batch"));
  }
  for (const int other : others) {
    if (other >= 0 && op.Input(other).abi() == op.Input(i).abi()) return OperandError(Code::kInvalidGraph, i, name, Text("is the tensor of input ", other, ", too"));
  }
  return Ok();
}

Status CheckStates(const Op& op, const LstmOperands& at, const LstmShape& s, DType state, DType cell, int other_state, int other_cell) {
  TFLOWER_CHECK(CheckState(op, at.state, "output_state", s.batch * s.outputs, state, {other_state, other_cell}));
  return CheckState(op, at.cell, "cell_state", s.batch * s.cells, cell, {at.state, other_state, other_cell});
}

Status CheckOneDirection(const Op& op) {
  const bool basic = op.code() == tfl::Builtin::LSTM && op.Options<tfl::LSTMOptions>().kernel_type == tfl::LSTMKernelType::BASIC;
  return basic ? Status(Error(Code::kDeclined, "kernel_type is BASIC, and the kernel is for the full form")) : Ok();
}

Status RequireStates(const Op& op, const LstmOperands& at) {
  TFLOWER_CHECK(RequireVariable(op, at.state, "output_state"));
  return RequireVariable(op, at.cell, "cell_state");
}

Status RequireVariable(const Op& op, int i, std::string_view name) {
  if (op.Input(i).is_variable()) return Ok();
  return OperandError(Code::kInvalidGraph, i, name, "keeps the operator's state, so it must be a variable tensor");
}

}  // namespace tflower::kernels
