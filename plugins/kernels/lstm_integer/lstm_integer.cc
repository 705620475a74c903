// LSTM (full form) and UNIDIRECTIONAL_SEQUENCE_LSTM on int8, with cells of int16: TFLite's integer form "8x8_16" (the other one is in byte_gates.h). Sums are rescaled to the gates' fixed
// point (12 bits behind the point, or the scale of an intermediate tensor in front of layer normalisation), everything behind is fixed point.
//
// Sources: TFLite's operator tables, quantisation specification and the recipe of its integer LSTM. Fused activations are tanh.
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "common/quantized.h"
#include "lstm/operands.h"
#include "lstm_integer/byte_gates.h"
#include "lstm_integer/steps.h"
#include "recurrent/bytes.h"

namespace tflower::kernels {
namespace {

constexpr const LstmOperands& kAt = kOneDirection;
constexpr int kHidden = 4;  // the intermediate tensor of what is projected; those of gates are before it

size_t Size(int64_t n) { return static_cast<size_t>(n); }

// Parts of memory, one behind the other; each begins at a cache line.
class Parts {
 public:
  template <class T>
  size_t Add(size_t count) {
    const size_t begin = end_;
    end_ += (count * sizeof(T) + 63) / 64 * 64;
    return begin;
  }
  size_t bytes() const { return end_; }

 private:
  size_t end_ = 0;
};
template <class T> T* At(std::byte* memory, size_t part) { return reinterpret_cast<T*>(memory + part); }
template <class T> const T* At(const std::byte* memory, size_t part) { return reinterpret_cast<const T*>(memory + part); }

struct Gate {
  Multiplier input, recurrent, peephole;
  LayerNorm16 norm;  // its pointers are set in Eval
};

struct Layer {
  LstmShape shape;
  SequenceLayer layer;
  Gate gates[kGates];
  Multiplier hidden, projection;
  int32_t input_zero = 0, state_zero = 0, hidden_zero = 0;
  int32_t cell_clip = 0, projection_clip = 0;
  int cell_bits = 0;  // the scale of cells is 2^cell_bits
  // Bytes, where the parts of packed and of scratch memory begin.
  size_t input_weights = 0, recurrent_weights = 0, projection_weights = 0, bias = 0, peephole = 0, norm = 0, norm_bias = 0, projection_bias = 0, packed_bytes = 0;
  size_t pre = 0, rows = 0, row_sums = 0, state = 0, state_sums = 0, z = 0, work = 0, projected = 0, scratch_bytes = 0;

  size_t First() const { return shape.cifg ? 1 : 0; }
  const UnitBlocks& units() const { return layer.units; }
  UnitBlocks outputs() const { return UnitBlocks(Size(shape.outputs), 1); }
};

const float kNoScale = 1;
float ScaleOf(const Op& op, int i) { return op.Input(i).scales().empty() ? kNoScale : op.Input(i).scales()[0]; }

Status CheckQuantizedOperand(const Tensor& t, const std::string& name) {
  TFLOWER_TRY([[maybe_unused]] const Affine affine, AffineOf(t, name));
  return Ok();
}

Status CheckTypes(const Op& op, const LstmShape& s) {
  const auto check = [&](int i, const char* name, DType type, bool weights) -> Status {
    if (!op.HasInput(i)) return Ok();
    TFLOWER_CHECK(CheckType(op, i, name, type));
    return weights ? CheckWeightScale(op, i, name) : Ok();
  };
  if (s.diagonal) return OperandError(Code::kUnsupportedShape, kAt.recurrent[kOutputGate], "recurrent_to_output_weights", "a diagonal is for float activations");
  for (size_t g = 0; g < kGates; ++g) {
    TFLOWER_CHECK(check(kAt.weights[g], "input weights", DType::kInt8, true));
    TFLOWER_CHECK(check(kAt.recurrent[g], "recurrent weights", DType::kInt8, true));
    if (kAt.peephole[g] >= 0) TFLOWER_CHECK(check(kAt.peephole[g], "cell weights", DType::kInt16, true));
    TFLOWER_CHECK(check(kAt.bias[g], "gate bias", DType::kInt32, false));
    TFLOWER_CHECK(check(kAt.norm[g], "layer_norm_coefficients", DType::kInt16, true));
  }
  TFLOWER_CHECK(check(kAt.projection, "projection_weights", DType::kInt8, true));
  TFLOWER_CHECK(check(kAt.projection_bias, "projection_bias", DType::kInt32, false));
  TFLOWER_CHECK(CheckQuantizedOperand(op.Input(0), "input 0 (input)"));
  return Ok();
}

Result<LstmShape> ShapeOf(const Op& op) {
  TFLOWER_CHECK(CheckOneDirection(op));
  TFLOWER_TRY(const LstmOptions options, LstmOptionsOf(op));
  if (options.activation != tfl::ActivationFunctionType::TANH && options.activation != tfl::ActivationFunctionType::NONE) {
    return OptionError("fused_activation_function", "must be TANH, which integer LSTM always is");
  }
  TFLOWER_TRY(const LstmShape s, LstmShapeOf(op, kAt, 0, options.time_major));
  TFLOWER_CHECK(CheckTypes(op, s));
  TFLOWER_CHECK(CheckStates(op, kAt, s, DType::kInt8, DType::kInt16));
  TFLOWER_CHECK(CheckQuantizedOperand(op.Input(kAt.state), "input 18 (output_state)"));
  TFLOWER_CHECK(CheckQuantizedOperand(op.Input(kAt.cell), "input 19 (cell_state)"));
  return s;
}

// Reads scales into multipliers: products in float, as TFLite has them.
class Scales {
 public:
  Scales(const Op& op, Layer& out) : op_(op), out_(out) {}

  Status Read(const LstmOptions& options) {
    TFLOWER_CHECK(ReadCells(options));
    TFLOWER_TRY(const Affine input, InputAffine(op_, 0));
    TFLOWER_TRY(const Affine state, InputAffine(op_, kAt.state));
    out_.input_zero = input.zero;
    out_.state_zero = state.zero;
    for (size_t g = out_.First(); g < kGates; ++g) TFLOWER_CHECK(ReadGate(g, input.scale, state.scale));
    TFLOWER_TRY(const Affine hidden, IntermediateAffine(kHidden));
    out_.hidden = MultiplierOf(static_cast<double>(static_cast<float>(0x1p-15 / static_cast<double>(hidden.scale) * 0x1p-15)));
    out_.hidden_zero = hidden.zero;
    if (out_.shape.projection) out_.projection = MultiplierOf(static_cast<double>(ScaleOf(op_, kAt.projection) * hidden.scale / state.scale));
    return ReadProjectionClip(options);
  }

 private:
  Status ReadCells(const LstmOptions& options) {
    const float scale = ScaleOf(op_, kAt.cell), log2 = std::log(scale) * (1.0f / std::log(2.0f)), bits = std::round(log2);
    if (!(std::abs(log2 - bits) < 1e-3f) || bits < -15 || bits > -9) {
      return OperandError(Code::kUnsupportedType, kAt.cell, "cell_state", Text("scale ", scale, " must be a power of two, 2^-15 to 2^-9"));
    }
    out_.cell_bits = static_cast<int>(bits);
    if (options.cell_clip > 0) out_.cell_clip = static_cast<int32_t>(std::min(options.cell_clip / scale, 32767.0f));
    return Ok();
  }
  Status ReadProjectionClip(const LstmOptions& options) {
    if (!out_.shape.projection || !(options.proj_clip > 0)) return Ok();
    TFLOWER_TRY(const Affine output, OutputAffine(op_));
    out_.projection_clip = static_cast<int32_t>(std::min(options.proj_clip / output.scale, 127.0f));
    return Ok();
  }

  Result<Affine> IntermediateAffine(int i) const {
    const std::string name = "intermediate " + std::to_string(i);
    if (!op_.HasIntermediate(i)) return std::move(Error(Code::kInvalidGraph, "is absent; its scale is part of an integer LSTM")).What(name);
    return AffineOf(op_.Intermediate(i), name);
  }

  Status ReadGate(size_t g, float input, float state) {
    Gate& gate = out_.gates[g];
    float scale = 0x1p-12f;
    if (out_.shape.norm) {
      TFLOWER_TRY(const Affine before, IntermediateAffine(static_cast<int>(g)));
      scale = before.scale;
      const float coefficients = ScaleOf(op_, kAt.norm[g]);
      gate.norm.scale = MultiplierOf(static_cast<double>(coefficients));
      gate.norm.scale.shift = std::min(gate.norm.scale.shift + 12, 30);
      gate.norm.guard = std::max(1, static_cast<int32_t>(std::min(10000 * coefficients, 1e9f)));
    }
    gate.input = MultiplierOf(static_cast<double>(ScaleOf(op_, kAt.weights[g]) * input / scale));
    gate.recurrent = MultiplierOf(static_cast<double>(ScaleOf(op_, kAt.recurrent[g]) * state / scale));
    if (out_.shape.peephole && kAt.peephole[g] >= 0) {
      const double peephole = std::ldexp(1.0, out_.cell_bits) * static_cast<double>(ScaleOf(op_, kAt.peephole[g])) / static_cast<double>(scale);
      gate.peephole = MultiplierOf(static_cast<double>(static_cast<float>(peephole)));
    }
    return Ok();
  }

  const Op& op_;
  Layer& out_;
};

Status PlanMemory(Layer& l) {
  const LstmShape& s = l.shape;
  l.layer.shape = {.batch = s.batch, .time = s.time, .inputs = s.inputs, .aux = 0, .outputs = s.outputs, .time_major = s.time_major};
  TFLOWER_CHECK(CheckSequence(l.layer.shape, s.cells));
  l.layer.units = UnitBlocks(Size(s.cells), s.cifg ? kGates - 1 : kGates);
  l.layer.depth = Size(s.outputs);
  l.layer.Plan(true);
  const UnitBlocks& units = l.layer.units;
  const size_t columns = units.columns(), batch = Size(s.batch), rows = Size(l.layer.chunk) * batch;
  const size_t outputs = s.projection ? l.outputs().padded() : 0;
  Parts packed, scratch;
  l.input_weights = packed.Add<int8_t>(ByteBlockBytes(units, Size(s.inputs)));
  l.recurrent_weights = packed.Add<int8_t>(ByteBlockBytes(units, Size(s.outputs)));
  l.projection_weights = packed.Add<int8_t>(s.projection ? ByteBlockBytes(l.outputs(), units.units) : 0);
  l.bias = packed.Add<int32_t>(columns);
  l.peephole = packed.Add<int16_t>(s.peephole ? kGates * units.padded() : 0);
  l.norm = packed.Add<int16_t>(s.norm ? columns : 0);
  l.norm_bias = packed.Add<int32_t>(s.norm ? columns : 0);
  l.projection_bias = packed.Add<int32_t>(outputs);
  l.packed_bytes = packed.bytes();
  l.pre = scratch.Add<int16_t>(rows * columns);
  l.rows = scratch.Add<int16_t>(rows * 2 * PairsOf(Size(s.inputs)));
  l.row_sums = scratch.Add<int32_t>(rows * columns);
  l.state = scratch.Add<int16_t>(batch * 2 * PairsOf(Size(s.outputs)));
  l.state_sums = scratch.Add<int32_t>(batch * columns);
  l.z = scratch.Add<int16_t>(batch * columns);
  l.work = scratch.Add<int16_t>(batch * (units.padded() + 2 * PairsOf(units.units)) + batch * units.padded());
  l.projected = scratch.Add<int32_t>(batch * outputs);
  l.scratch_bytes = scratch.bytes();
  return Ok();
}

template <class T> const T* DataOf(const Op& op, int i) { return op.HasInput(i) ? op.Input(i).data<T>() : nullptr; }

void Pack(const Layer& l, const Op& op, std::byte* packed) {
  const LstmShape& s = l.shape;
  const size_t padded = l.units().padded(), first = l.First();
  const auto vectors = [&]<class T>(T*, const std::array<int, kGates>& at, size_t part, size_t from) {
    T* const to = At<T>(packed, part);
    for (size_t g = from; g < kGates; ++g) {
      T* const row = to + (g - from) * padded;
      std::fill(row, row + padded, T{0});
      if (at[g] >= 0 && op.HasInput(at[g])) std::copy_n(op.Input(at[g]).data<T>(), l.units().units, row);
    }
  };
  std::array<const int8_t*, kGates> input = {}, recurrent = {};
  for (size_t g = first; g < kGates; ++g) {
    input[g] = DataOf<int8_t>(op, kAt.weights[g]);
    recurrent[g] = DataOf<int8_t>(op, kAt.recurrent[g]);
  }
  PackByteBlocks(l.units(), input.data() + first, Size(s.inputs), At<int8_t>(packed, l.input_weights));
  PackByteBlocks(l.units(), recurrent.data() + first, Size(s.outputs), At<int8_t>(packed, l.recurrent_weights));
  vectors(static_cast<int32_t*>(nullptr), kAt.bias, s.norm ? l.norm_bias : l.bias, first);
  if (s.norm) vectors(static_cast<int16_t*>(nullptr), kAt.norm, l.norm, first);
  if (s.norm) std::fill_n(At<int32_t>(packed, l.bias), l.units().columns(), 0);
  if (s.peephole) vectors(static_cast<int16_t*>(nullptr), kAt.peephole, l.peephole, 0);
  if (!s.projection) return;
  const int8_t* const projection = DataOf<int8_t>(op, kAt.projection);
  PackByteBlocks(l.outputs(), &projection, l.units().units, At<int8_t>(packed, l.projection_weights));
  int32_t* const bias = At<int32_t>(packed, l.projection_bias);
  std::fill_n(bias, l.outputs().padded(), 0);
  if (op.HasInput(kAt.projection_bias)) std::copy_n(DataOf<int32_t>(op, kAt.projection_bias), Size(s.outputs), bias);
}

struct Run : SequenceRunOf<int8_t> {
  int16_t* c = nullptr;
};

class Cell : public SequenceCellOf<int8_t, int16_t> {
 public:
  Cell(const Layer& l, const std::byte* packed, const Run& run, std::byte* scratch) : l_(l), units_(l.units()), packed_(packed), run_(run), scratch_(scratch) {}

  void MultiplyInputs(size_t from, size_t to, size_t rows, const Parallel& parallel) const override {
    const size_t depth = Size(l_.shape.inputs), columns = units_.columns();
    ByteSums sums = SumsOf(l_.input_weights, l_.rows, l_.row_sums, depth);
    parallel.For(static_cast<int64_t>(rows), 1 + static_cast<int64_t>(kPieceProducts / (1 + depth * columns)), [&](int64_t begin, int64_t end) {
      for (size_t r = to + Size(begin); r < to + Size(end); ++r) Widen16(run_.x + (from + r - to) * depth, l_.input_zero, At<int16_t>(scratch_, l_.rows) + r * sums.x_stride, depth);
      SumByteRows(sums, {to + Size(begin), to + Size(end)}, {0, units_.blocks()});
      for (size_t r = to + Size(begin); r < to + Size(end); ++r) {
        for (size_t g = l_.First(); g < kGates; ++g) {
          const size_t part = (g - l_.First()) * units_.padded();
          AddScaledSums(sums.y + r * columns + part, At<int32_t>(packed_, l_.bias) + part, l_.gates[g].input, nullptr, At<int16_t>(scratch_, l_.pre) + r * columns + part, units_.units);
        }
      }
    });
  }

  void BeginRows(const Step& at, Range rows) const override {
    const size_t depth = Size(l_.shape.outputs);
    for (size_t r = rows.begin; r < rows.end; ++r) Widen16(at.h + r * at.h_stride, l_.state_zero, At<int16_t>(scratch_, l_.state) + r * 2 * PairsOf(depth), depth);
  }
  void Blocks(const Step&, Range rows, Range blocks) const override {
    SumByteRows(SumsOf(l_.recurrent_weights, l_.state, l_.state_sums, Size(l_.shape.outputs)), rows, blocks);
  }
  void FinishRows(const Step& at, Range rows, const Parallel&) const override {
    for (size_t r = rows.begin; r < rows.end; ++r) FinishRow(at, r);
  }

 private:
  static constexpr size_t kPieceProducts = 32768;  // that a thread takes at least

  ByteSums SumsOf(size_t weights, size_t rows, size_t sums, size_t depth) const {
    return {.units = units_, .pairs = PairsOf(depth), .weights = At<int8_t>(packed_, weights), .x = At<int16_t>(scratch_, rows), .x_stride = 2 * PairsOf(depth),
            .y = At<int32_t>(scratch_, sums), .y_stride = units_.columns()};
  }

  int16_t* GateOf(size_t row, size_t gate) const { return At<int16_t>(scratch_, l_.z) + row * units_.columns() + (gate - l_.First()) * units_.padded(); }

  // The gate before its activation.
  void Gather(const Step& at, size_t row, size_t gate, const int16_t* c) const {
    const size_t part = (gate - l_.First()) * units_.padded(), n = units_.units;
    int16_t* const z = GateOf(row, gate);
    AddScaledSums(At<int32_t>(scratch_, l_.state_sums) + row * units_.columns() + part, nullptr, l_.gates[gate].recurrent, at.pre + row * at.pre_stride + part, z, n);
    if (l_.shape.peephole && gate != kCellGate) AddPeephole16(At<int16_t>(packed_, l_.peephole) + gate * units_.padded(), c, l_.gates[gate].peephole, z, n);
    if (!l_.shape.norm) return;
    LayerNorm16 norm = l_.gates[gate].norm;
    norm.coefficients = At<int16_t>(packed_, l_.norm) + part;
    norm.bias = At<int32_t>(packed_, l_.norm_bias) + part;
    Normalize16(norm, z, n);
  }

  void FinishRow(const Step& at, size_t row) const {
    const size_t n = units_.units;
    int16_t* const c = run_.c + row * n;
    for (size_t g = l_.First(); g < kOutputGate; ++g) {
      Gather(at, row, g, c);
      if (g == kCellGate) Tanhs16(3, GateOf(row, g), GateOf(row, g), n);
      else Sigmoids16(GateOf(row, g), n);
    }
    NewCells16(l_.shape.cifg ? nullptr : GateOf(row, kInputGate), GateOf(row, kForgetGate), GateOf(row, kCellGate), 30 + l_.cell_bits, l_.cell_clip, c, n);
    Gather(at, row, kOutputGate, c);
    Sigmoids16(GateOf(row, kOutputGate), n);
    const size_t room = 2 * units_.padded() + 2 * PairsOf(n);
    int16_t* const tanh = At<int16_t>(scratch_, l_.work) + row * room;
    Tanhs16(15 + l_.cell_bits, c, tanh, n);
    int8_t* const y = at.y + row * at.y_stride;
    if (!l_.shape.projection) return Hidden8(GateOf(row, kOutputGate), tanh, l_.hidden, l_.hidden_zero, y, n);
    int16_t* const wide = tanh + units_.padded();
    int8_t* const hidden = reinterpret_cast<int8_t*>(wide + 2 * PairsOf(n));
    // TFLite takes the zero point off here, and adds it in the sums: it is 0 in files that its quantiser wrote.
    Hidden8(GateOf(row, kOutputGate), tanh, l_.hidden, -l_.hidden_zero, hidden, n);
    Widen16(hidden, -l_.hidden_zero, wide, n);
    const UnitBlocks outputs = l_.outputs();
    int32_t* const sums = At<int32_t>(scratch_, l_.projected) + row * outputs.padded();
    SumByteRows({.units = outputs, .pairs = PairsOf(n), .weights = At<int8_t>(packed_, l_.projection_weights), .x = wide, .x_stride = 0, .y = sums, .y_stride = 0}, {0, 1}, {0, outputs.blocks()});
    Project8(sums, At<int32_t>(packed_, l_.projection_bias), l_.projection, l_.state_zero, l_.projection_clip, y, outputs.units);
  }

  const Layer& l_;
  const UnitBlocks& units_;
  const std::byte* const packed_;
  const Run& run_;
  std::byte* const scratch_;
};

// Weights that come at run time are packed in each call.
struct IntegerLstm {
  Layer layer;
  ByteGateLstm bytes;
  bool constant = true, byte_gates = false;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const LstmShape s, ShapeOf(op));
    return SetOutput(out, 0, DType::kInt8, LstmResult(op, s.outputs));
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(const LstmOptions options, LstmOptionsOf(op));
    TFLOWER_TRY(layer.shape, ShapeOf(op));
    TFLOWER_CHECK(RequireStates(op, kAt));
    if (op.HasIntermediate(kHidden + 1)) {
      byte_gates = true;
      TFLOWER_CHECK(bytes.Prepare(op, layer.shape, options));
      want.Scratch(bytes.scratch_bytes());
      return Ok();
    }
    TFLOWER_CHECK(PlanMemory(layer));
    TFLOWER_CHECK(Scales(op, layer).Read(options));
    for (int i = 1; i < op.num_inputs(); ++i) {
      if (op.HasInput(i) && i != kAt.state && i != kAt.cell) constant &= op.Input(i).is_constant();
    }
    want.Packed(constant ? layer.packed_bytes : 0);
    want.Scratch(layer.scratch_bytes + (constant ? 0 : layer.packed_bytes));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    kernels::Pack(layer, op, static_cast<std::byte*>(packed));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    if (byte_gates) {
      bytes.Eval(op, eval.scratch());
      return Ok();
    }
    std::byte* const own = eval.scratch<std::byte>() + layer.scratch_bytes;
    if (!constant) kernels::Pack(layer, op, own);
    Run run;
    run.x = op.Input(0).data<int8_t>();
    run.h = op.Input(kAt.state).mutable_data<int8_t>();
    run.c = op.Input(kAt.cell).mutable_data<int16_t>();
    run.y = op.Output(0).mutable_data<int8_t>();
    run.y_stride = layer.shape.outputs;
    std::byte* const scratch = eval.scratch<std::byte>();
    const Cell cell(layer, constant ? eval.packed<std::byte>() : own, run, scratch);
    RunSequence<int8_t, int16_t>(layer.layer, run, cell, At<int16_t>(scratch, layer.pre), eval.parallel());
    return Ok();
  }
};

// Operands from the eighth on are of several types: the kernel checks them.
constexpr KernelTraits kTraits = {.inputs = {kInt8, kInt8, kInt8, kInt8, kInt8, kInt8, kInt8, kAnyType}, .outputs = {kInt8}, .flags = TFLOWER_KERNEL_IMPURE};

constexpr tflower_kernel kRows[] = {
    Kernel<IntegerLstm>(tfl::Builtin::LSTM, kTraits),
    Kernel<IntegerLstm>(tfl::Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, kTraits),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(lstm_integer, kRows);
}  // namespace tflower::kernels
