// The integer form of LSTM whose sums are int8.
#include "lstm_integer/byte_gates.h"

#include <algorithm>
#include <cmath>

#include "lstm_integer/steps.h"

namespace tflower::kernels {
namespace {

constexpr const LstmOperands& kAt = kOneDirection;
constexpr IntBounds kInt8Bounds = {INT8_MIN, INT8_MAX}, kInt16Bounds = {INT16_MIN, INT16_MAX};

size_t Size(int64_t n) { return static_cast<size_t>(n); }
const int8_t* WeightsOf(const Op& op, int i) { return op.Input(i).data<int8_t>(); }

// Values of 1 are 32768, which is cut to 32767.
int16_t Stored(float x) { return static_cast<int16_t>(kInt16Bounds.Clamp(static_cast<int32_t>(x * 32768.0f))); }
void SigmoidRow(int16_t* z, size_t n) {
  for (size_t u = 0; u < n; ++u) z[u] = Stored(1.0f / (1.0f + std::exp(-(z[u] * 0x1p-12f))));
}
void TanhRow(const int16_t* from, float scale, int16_t* to, size_t n) {
  for (size_t u = 0; u < n; ++u) to[u] = Stored(std::tanh(from[u] * scale));
}

}  // namespace

Status ByteGateLstm::Prepare(const Op& op, const LstmShape& shape, const LstmOptions& options) {
  shape_ = shape;
  if (op.code() != tfl::Builtin::LSTM || !shape.cifg || !shape.norm || !shape.projection || shape.peephole || !op.HasInput(kAt.projection_bias)) {
    return std::move(Error(Code::kUnsupportedType, "12 are for LSTM without an input gate and peepholes, with layer normalisation, a projection and its bias")).What("intermediates");
  }
  float scales[kIntermediates];
  int32_t zeros[kIntermediates];
  for (int i = 0; i < kIntermediates; ++i) {
    const std::string name = "intermediate " + std::to_string(i);
    if (!op.HasIntermediate(i)) return std::move(Error(Code::kInvalidGraph, "is absent; its scale is part of an integer LSTM")).What(name);
    TFLOWER_TRY(const Affine affine, AffineOf(op.Intermediate(i), name));
    scales[i] = affine.scale;
    zeros[i] = static_cast<int8_t>(affine.zero);
  }
  TFLOWER_TRY(const Affine input, InputAffine(op, 0));
  TFLOWER_TRY(const Affine state, InputAffine(op, kAt.state));
  TFLOWER_TRY(const Affine cell, InputAffine(op, kAt.cell));
  TFLOWER_TRY(const Affine output, OutputAffine(op));
  if (cell.scale != 0x1p-15f) return OperandError(Code::kUnsupportedType, kAt.cell, "cell_state", Text("scale ", cell.scale, " must be 2^-15"));
  input_zero_ = input.zero;
  state_zero_ = state.zero;
  const auto multiplier = [](float factor) { return MultiplierOf(static_cast<double>(factor)); };
  for (size_t g = kForgetGate; g < kGates; ++g) {
    const size_t sum = 3 * g, x = sum + 1, h = sum + 2;
    Gate& gate = gates_[g];
    gate.input = multiplier(WeightScaleOf(op, kAt.weights[g]) * input.scale / scales[x]);
    gate.recurrent = multiplier(WeightScaleOf(op, kAt.recurrent[g]) * state.scale / scales[h]);
    gate.input_sum = multiplier(scales[x] / scales[sum]);
    gate.recurrent_sum = multiplier(scales[h] / scales[sum]);
    gate.input_zero = zeros[x];
    gate.recurrent_zero = zeros[h];
    const Multiplier norm = multiplier(WeightScaleOf(op, kAt.norm[g]));
    gate.norm = static_cast<float>(norm.value * std::ldexp(1.0, norm.shift - 31));
  }
  projection_ = multiplier(static_cast<float>(static_cast<double>(WeightScaleOf(op, kAt.projection)) * 0x1p-15 / static_cast<double>(state.scale)));
  if (options.cell_clip > 0 && options.cell_clip < 1) cell_clip_ = static_cast<int32_t>(std::min(options.cell_clip / cell.scale, 32767.0f));
  if (options.proj_clip > 0) projection_clip_ = static_cast<int32_t>(std::min(options.proj_clip / output.scale, 127.0f));
  return Ok();
}

// Gates of one row, and the hidden values.
size_t ByteGateLstm::scratch_bytes() const { return (kGates + 1) * Size(shape_.cells) * sizeof(int16_t); }

void ByteGateLstm::SumRow(const Op& op, size_t g, const int8_t* x, const int8_t* h, int16_t* z) const {
  const Gate& gate = gates_[g];
  for (int64_t u = 0; u < shape_.cells; ++u) {
    const int32_t from_x = DotProduct<int32_t>(x, input_zero_, WeightsOf(op, kAt.weights[g]) + u * shape_.inputs, 0, shape_.inputs);
    const int32_t from_h = DotProduct<int32_t>(h, state_zero_, WeightsOf(op, kAt.recurrent[g]) + u * shape_.outputs, 0, shape_.outputs);
    const int32_t x8 = kInt8Bounds.Clamp(int64_t{Scaled(from_x, gate.input)} + gate.input_zero), h8 = kInt8Bounds.Clamp(int64_t{Scaled(from_h, gate.recurrent)} + gate.recurrent_zero);
    z[u] = static_cast<int16_t>(kInt16Bounds.Clamp(int64_t{Scaled(x8 - gate.input_zero, gate.input_sum)} + Scaled(h8 - gate.recurrent_zero, gate.recurrent_sum)));
  }
}

void ByteGateLstm::NormalizeRow(const Op& op, size_t g, int16_t* z) const {
  const int16_t* const coefficients = op.Input(kAt.norm[g]).data<int16_t>();
  const int32_t* const bias = op.Input(kAt.bias[g]).data<int32_t>();
  const float scale = gates_[g].norm, bias_scale = 0x1p-10f * scale;
  float sum = 0, squares = 0;
  for (int64_t u = 0; u < shape_.cells; ++u) {
    const float v = z[u];
    sum += v;
    squares += v * v;
  }
  const float count = static_cast<float>(shape_.cells), mean = sum / count, variance = squares / count - mean * mean;
  const float inverse = 1.0f / std::sqrt(variance == 0 ? 1e-8f : variance);
  for (int64_t u = 0; u < shape_.cells; ++u) {
    const float weighted = (z[u] - mean) * inverse * coefficients[u] * scale + static_cast<float>(bias[u]) * bias_scale;
    z[u] = static_cast<int16_t>(kInt16Bounds.Clamp(RoundedInt(weighted * 4096.0f)));
  }
}

void ByteGateLstm::ProjectRow(const Op& op, const int16_t* hidden, int8_t* y) const {
  const int32_t* const bias = op.Input(kAt.projection_bias).data<int32_t>();
  for (int64_t i = 0; i < shape_.outputs; ++i) {
    const int64_t sum = bias[i] + DotProduct<int64_t>(hidden, 0, WeightsOf(op, kAt.projection) + i * shape_.cells, 0, shape_.cells);
    int32_t v = kInt8Bounds.Clamp(int64_t{Scaled(sum, projection_)} + state_zero_);
    if (projection_clip_ > 0) v = std::min(std::max(v, -projection_clip_), projection_clip_);
    y[i] = static_cast<int8_t>(v);
  }
}

void ByteGateLstm::Eval(const Op& op, void* scratch) const {
  const size_t n = Size(shape_.cells), outputs = Size(shape_.outputs);
  int16_t* const gates = static_cast<int16_t*>(scratch);
  int16_t* const hidden = gates + kGates * n;
  const auto gate = [&](size_t g) { return gates + g * n; };
  for (size_t b = 0; n != 0 && b < Size(shape_.batch); ++b) {
    const int8_t* const x = op.Input(0).data<int8_t>() + b * Size(shape_.inputs);
    int8_t* const h = op.Input(kAt.state).mutable_data<int8_t>() + b * outputs;
    int16_t* const c = op.Input(kAt.cell).mutable_data<int16_t>() + b * n;
    for (size_t g = kForgetGate; g < kGates; ++g) {
      SumRow(op, g, x, h, gate(g));
      NormalizeRow(op, g, gate(g));
      g == kCellGate ? TanhRow(gate(g), 0x1p-12f, gate(g), n) : SigmoidRow(gate(g), n);
    }
    NewCells16(nullptr, gate(kForgetGate), gate(kCellGate), 15, cell_clip_, c, n);
    TanhRow(c, 0x1p-15f, hidden, n);
    for (size_t u = 0; u < n; ++u) hidden[u] = static_cast<int16_t>(RoundingShift(gate(kOutputGate)[u] * hidden[u], 15));
    ProjectRow(op, hidden, h);
    std::copy_n(h, outputs, op.Output(0).mutable_data<int8_t>() + b * outputs);
  }
}

}  // namespace tflower::kernels
