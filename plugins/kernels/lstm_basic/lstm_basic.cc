// LSTM in its basic form: one step of one matrix for all gates, on float32, or on uint8 with cells of int16. Besides h and the cells its results are
// the input beside the state, and the gates before their activations. Sources: TFLite LSTMOptions (kernel_type BASIC) and kernel.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "common/quantized.h"
#include "gemm/sizes.h"
#include "lstm/operands.h"
#include "lstm_basic/cell.h"
#include "recurrent/bytes.h"

namespace tflower::kernels {
namespace {

constexpr int kData = 0, kState = 1, kWeights = 2, kBias = 3, kCell = 4;
constexpr IntBounds kGateBounds = {INT16_MIN, INT16_MAX};
constexpr int kStateOut = 0, kCellOut = 1, kConcat = 2, kGatesOut = 3;

struct BasicShape {
  size_t batch = 0, inputs = 0, units = 0;
  size_t depth() const { return inputs + units; }
};

Result<BasicShape> ShapeOf(const Op& op) {
  if (op.Options<tfl::LSTMOptions>().kernel_type != tfl::LSTMKernelType::BASIC) return Error(Code::kDeclined, "kernel_type is FULL, and the kernel is for the basic form");
  const auto options = op.Options<tfl::LSTMOptions>();
  if (options.cell_clip != 0 || options.proj_clip != 0) return OptionError("cell_clip, proj_clip", "must be 0: the basic form has no bounds");
  if (options.fused_activation_function != tfl::ActivationFunctionType::TANH && options.fused_activation_function != tfl::ActivationFunctionType::NONE) {
    return OptionError("fused_activation_function", "must be TANH, which the basic form always is");
  }
  TFLOWER_CHECK(CheckRank(op, kData, "input", 2, 2));
  TFLOWER_CHECK(CheckRank(op, kState, "prev_activation", 2, 2));
  const int64_t batch = op.Input(kData).dim(0), inputs = op.Input(kData).dim(1), units = op.Input(kState).dim(1);
  TFLOWER_CHECK(CheckDims(op, kState, "prev_activation", {batch, units}));
  TFLOWER_CHECK(CheckElements("weights", {4 * std::min(units, kMaxDimension / 4), inputs + units}));
  TFLOWER_CHECK(CheckDims(op, kWeights, "weights", {4 * units, inputs + units}));
  TFLOWER_CHECK(CheckDims(op, kBias, "biases", {4 * units}));
  TFLOWER_CHECK(CheckDims(op, kCell, "prev_state", {batch, units}));
  return BasicShape{static_cast<size_t>(batch), static_cast<size_t>(inputs), static_cast<size_t>(units)};
}

Status SetResults(const Op& op, const BasicShape& s, DType gates, OpTypes& out) {
  const int64_t batch = static_cast<int64_t>(s.batch);
  TFLOWER_CHECK(SetOutput(out, kStateOut, op.Input(kState).dtype(), op.Input(kState).dims()));
  TFLOWER_CHECK(SetOutput(out, kCellOut, op.Input(kCell).dtype(), op.Input(kCell).dims()));
  TFLOWER_CHECK(SetOutput(out, kConcat, op.Input(kData).dtype(), Shape{batch, static_cast<int64_t>(s.depth())}));
  return SetOutput(out, kGatesOut, gates, Shape{batch, static_cast<int64_t>(4 * s.units)});
}

template <class T>
void Concatenate(const Op& op, const BasicShape& s) {
  T* to = op.Output(kConcat).mutable_data<T>();
  for (size_t b = 0; b < s.batch; ++b) {
    to = std::copy_n(op.Input(kData).data<T>() + b * s.inputs, s.inputs, to);
    to = std::copy_n(op.Input(kState).data<T>() + b * s.units, s.units, to);
  }
}

// Where the operands are variables, they are the state of the next invocation.
void KeepState(const Op& op) {
  for (const auto& [operand, result] : {std::pair(kState, kStateOut), std::pair(kCell, kCellOut)}) {
    const Tensor to = op.Input(operand), from = op.Output(result);
    if (to.is_variable() && from.size_bytes() != 0) std::memcpy(to.mutable_raw(), from.raw(), from.size_bytes());
  }
}

struct FloatBasicLstm {
  BasicShape s;
  bool constant = false;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const BasicShape s, ShapeOf(op));
    return SetResults(op, s, DType::kFloat32, out);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(s, ShapeOf(op));
    constant = op.Input(kWeights).is_constant();
    const size_t packed = GemmPackedBytes(s.depth(), 4 * s.units);
    constant ? want.Packed(packed) : want.Scratch(packed);
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    GemmPackB(op.Input(kWeights).data<float>(), 1, s.depth(), s.depth(), 4 * s.units, static_cast<float*>(packed), Parallel());
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    if (!constant) TFLOWER_CHECK(Pack(op, eval.scratch()));
    Concatenate<float>(op, s);
    GemmProblem g;
    g.rows = s.batch;
    g.columns = g.c_stride = 4 * s.units;
    g.depth = g.a_stride = s.depth();
    g.a = op.Output(kConcat).data<float>();
    g.b = constant ? eval.packed<float>() : eval.scratch<float>();
    g.bias = op.Input(kBias).data<float>();
    g.c = op.Output(kGatesOut).mutable_data<float>();
    Gemm(g, eval.parallel());
    for (size_t b = 0; b < s.batch; ++b) {
      BasicCell(g.c + 4 * b * s.units, op.Input(kCell).data<float>() + b * s.units, op.Output(kCellOut).mutable_data<float>() + b * s.units,
                op.Output(kStateOut).mutable_data<float>() + b * s.units, s.units);
    }
    KeepState(op);
    return Ok();
  }
};

// Weights are packed less 128, as int8; what their zero point is off from there is made good by the rows' sums.
struct ByteBasicLstm {
  BasicShape s;
  UnitBlocks columns;
  bool constant = false;
  int32_t offset = 0;  // of the weights' zero point from 128
  Multiplier factor;
  size_t rows = 0, sums = 0, bytes = 0;  // scratch memory

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY(const BasicShape s, ShapeOf(op));
    for (const int i : {kWeights, kBias, kCell}) {
      if (op.Input(i).scales().size() != 1) return Error(Code::kUnsupportedType, Text("input ", i, " has ", op.Input(i).scales().size(), " scales, must have one"));
    }
    if (op.Input(kCell).scales()[0] != 0x1p-11f) return OperandError(Code::kUnsupportedType, kCell, "prev_state", Text("scale ", op.Input(kCell).scales()[0], " must be 2^-11"));
    return SetResults(op, s, DType::kInt16, out);
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    TFLOWER_TRY(s, ShapeOf(op));
    columns = UnitBlocks(4 * s.units, 1);
    constant = op.Input(kWeights).is_constant();
    TFLOWER_TRY(const Affine weights, InputAffine(op, kWeights));
    offset = weights.zero - 128;
    factor = MultiplierOf(static_cast<double>(4096 * op.Input(kBias).scales()[0]));
    FloatParts scratch;
    rows = scratch.Add(s.batch * PairsOf(s.depth()));
    sums = scratch.Add(s.batch * columns.padded());
    bytes = scratch.bytes();
    const size_t packed = ByteBlockBytes(columns, s.depth()), less = (4 * s.units * s.depth() + 63) / 64 * 64;
    want.Packed(constant ? packed + less : 0);
    want.Scratch(bytes + (constant ? 0 : packed + less));
    return Ok();
  }
  Status Pack(const Op& op, void* packed) const {
    int8_t* const to = static_cast<int8_t*>(packed);
    int8_t* const less = to + ByteBlockBytes(columns, s.depth());
    const uint8_t* const from = op.Input(kWeights).data<uint8_t>();
    for (size_t i = 0; i < 4 * s.units * s.depth(); ++i) less[i] = static_cast<int8_t>(from[i] - 128);
    PackByteBlocks(columns, &less, s.depth(), to);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    float* const scratch = eval.scratch<float>();
    auto* const own = reinterpret_cast<int8_t*>(eval.scratch<std::byte>() + bytes);
    if (!constant) TFLOWER_CHECK(Pack(op, own));
    Concatenate<uint8_t>(op, s);
    int16_t* const wide = reinterpret_cast<int16_t*>(scratch + rows);
    int32_t* const sum = reinterpret_cast<int32_t*>(scratch + sums);
    const ByteSums products{.units = columns, .pairs = PairsOf(s.depth()), .weights = constant ? eval.packed<int8_t>() : own, .x = wide, .x_stride = 2 * PairsOf(s.depth()),
                            .y = sum, .y_stride = columns.padded()};
    for (size_t b = 0; b < s.batch; ++b) {
      const uint32_t total = Widen(op.Output(kConcat).data<uint8_t>() + b * s.depth(), wide + b * products.x_stride);
      SumByteRows(products, {b, b + 1}, {0, columns.blocks()});
      int32_t* const row = sum + b * products.y_stride;
      int16_t* const gates = op.Output(kGatesOut).mutable_data<int16_t>() + 4 * b * s.units;
      for (size_t u = 0; u < 4 * s.units; ++u) {
        const int32_t less = AddWrapping(row[u], static_cast<int32_t>(static_cast<uint32_t>(-offset) * total));
        gates[u] = static_cast<int16_t>(kGateBounds.Clamp(ScaledUp(AddWrapping(less, op.Input(kBias).data<int32_t>()[u]))));
      }
      BasicCell(gates, op.Input(kCell).data<int16_t>() + b * s.units, op.Output(kCellOut).mutable_data<int16_t>() + b * s.units,
                op.Output(kStateOut).mutable_data<uint8_t>() + b * s.units, s.units);
    }
    KeepState(op);
    return Ok();
  }

 private:
  // x * factor, rounded after the multiplication and after the shift, ties upwards both times: TFLite's product with results of int16 does so.
  int64_t ScaledUp(int32_t x) const {
    const int64_t high = HighMul(factor.shift > 0 ? ShiftLeft(x, factor.shift) : x, factor.value);
    const int right = std::max(-factor.shift, 0);
    return (high + ((int64_t{1} << right) >> 1)) >> right;
  }
  // The row less its zero point, 128; returns its sum, wrapping.
  uint32_t Widen(const uint8_t* from, int16_t* to) const {
    uint32_t sum = 0;
    for (size_t i = 0; i < s.depth(); ++i) {
      to[i] = static_cast<int16_t>(from[i] - 128);
      sum += static_cast<uint32_t>(to[i]);
    }
    if (s.depth() % 2 != 0) to[s.depth()] = 0;
    return sum;
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<FloatBasicLstm>(tfl::Builtin::LSTM, {.inputs = {kF32, kF32, kF32, kF32, kF32}, .outputs = {kF32, kF32, kF32, kF32}, .flags = TFLOWER_KERNEL_IMPURE, .priority = 90}),
    Kernel<ByteBasicLstm>(tfl::Builtin::LSTM, {.inputs = {kUInt8, kUInt8, kUInt8, kI32, kInt16}, .outputs = {kUInt8, kInt16, kUInt8, kInt16}, .flags = TFLOWER_KERNEL_IMPURE, .priority = 90}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(lstm_basic, kRows);
}  // namespace tflower::kernels
