// LowerCell: checks the contract, cuts the weights, emits LSTM.
#include "cell.h"

#include <cmath>
#include <string>
#include <vector>

namespace tflower::lingvo {
namespace {

enum Argument { kInputs, kWeights, kBias, kProjection, kScale };
// Operands of LSTM. A gate's place in each group: input, forget, cell, output.
enum Operand : size_t { kX = 0, kInputWeights = 1, kRecurrentWeights = 5, kGateBias = 12, kProjectionWeights = 16, kProjectionBias = 17, kHidden = 18, kCell = 19, kNorm = 20, kCount = 24 };
constexpr size_t kInputGate = 0, kForgetGate = 1, kCellGate = 2, kOutputGate = 3;

std::string Dims(const Value& v) {
  std::string out = "[";
  for (int64_t d : v.dims()) out += (out.size() > 1 ? ", " : "") + (d < 0 ? "?" : std::to_string(d));
  return out + "]";
}

class CellEmitter {
 public:
  CellEmitter(const Node& call, Builder& build, const CellKind& kind) : call_(call), build_(build), kind_(kind), operands_(kCount) {
    if (kind.coupled) gates_ = {kCellGate, kForgetGate, kOutputGate};
  }

  Status Run() {
    TFLOWER_CHECK(ReadArguments());
    TFLOWER_CHECK(CheckShapes());
    operands_[kX] = arguments_[kInputs];
    TFLOWER_CHECK(CutWeights());
    TFLOWER_CHECK(CutVectors(kBias, kGateBias));
    TFLOWER_CHECK(AddForgetBias());
    if (kind_.normalized) TFLOWER_CHECK(CutVectors(kScale, kNorm));
    TFLOWER_CHECK(AddProjection());
    TFLOWER_TRY(operands_[kHidden], ZeroState(outputs_));
    TFLOWER_TRY(operands_[kCell], ZeroState(cells_));
    const tfl::Lstm options{.fused_activation_function = activation_, .cell_clip = call_.Float("cell_value_cap")};
    return build_.Bind(0, build_.Emit(options, std::span<const Value>(operands_)));
  }

 private:
  size_t num_gates() const { return gates_.size(); }

  Status ReadArguments() {
    const int needed = kind_.normalized ? 5 : 4;
    if (call_.num_inputs() < needed || call_.num_outputs() != 1)
      return Declined("takes " + std::to_string(needed) + " arguments or more and gives one result; the function has " + std::to_string(call_.num_inputs()) + " and " + std::to_string(call_.num_outputs()));
    for (int i = 0; i < needed; ++i) {
      TFLOWER_TRY(const Value v, call_.Input(i).is_resource() ? build_.ReadVariable(call_.Input(i)) : Result<Value>(call_.Input(i)));
      if (v.dtype() != DType::kFloat32) return Declined("argument " + std::to_string(i) + " is not float32");
      arguments_.push_back(v);
    }
    const std::string_view nonlinearity = call_.String("output_nonlinearity");
    activation_ = nonlinearity == "tanh" ? tfl::ActivationFunctionType::TANH : nonlinearity == "relu" ? tfl::ActivationFunctionType::RELU : tfl::ActivationFunctionType::NONE;
    if (activation_ == tfl::ActivationFunctionType::NONE) return Declined("output_nonlinearity must be tanh or relu");
    if (!std::isfinite(call_.Float("cell_value_cap")) || call_.Float("cell_value_cap") < 0) return Declined("cell_value_cap must be 0, for none, or larger");
    return Ok();
  }

  // A slice that goes out of a tensor is a wrong argument, and not zeros.
  Status CheckShapes() {
    const Value &x = arguments_[kInputs], &w = arguments_[kWeights], &b = arguments_[kBias], &p = arguments_[kProjection];
    if (x.rank() != 2 || x.dim(1) < 1) return Declined("inputs must be [batch, inputs], inputs known");
    if (w.rank() != 2 || !w.is_static()) return Declined("weights must be a matrix of known shape");
    if (w.dim(1) % static_cast<int64_t>(num_gates()) != 0) return Declined("weights " + Dims(w) + " have no equal columns for " + std::to_string(num_gates()) + " gates");
    inputs_ = x.dim(1);
    cells_ = w.dim(1) / static_cast<int64_t>(num_gates());
    has_projection_ = p.rank() == 2;
    if (has_projection_ && (!p.is_static() || p.dim(0) != cells_)) return Declined("projection " + Dims(p) + " must be [" + std::to_string(cells_) + ", outputs]");
    outputs_ = has_projection_ ? p.dim(1) : cells_;
    if (w.dim(0) != inputs_ + outputs_)
      return Declined("weights " + Dims(w) + " must have " + std::to_string(inputs_) + " + " + std::to_string(outputs_) + " rows, for inputs and outputs");
    if (b.rank() != 1 || b.dim(0) != w.dim(1)) return Declined("bias " + Dims(b) + " must be [" + std::to_string(w.dim(1)) + "]");
    if (!kind_.normalized) return Ok();
    const Value& scale = arguments_[kScale];
    if (scale.rank() != 1 || scale.dim(0) != w.dim(1)) return Declined("layer_norm_scale " + Dims(scale) + " must be [" + std::to_string(w.dim(1)) + "]");
    return Ok();
  }

  Result<Value> Transposed(const Value& v) {
    TFLOWER_TRY(const Value order, build_.Vector({1, 0}));
    return build_.Emit(tfl::Transpose{}, {v, order});
  }

  Result<Value> Cut(const Value& v, std::vector<int64_t> begin, std::vector<int64_t> size) {
    TFLOWER_TRY(const Value from, build_.Vector(std::span<const int64_t>(begin)));
    TFLOWER_TRY(const Value count, build_.Vector(std::span<const int64_t>(size)));
    return build_.Emit(tfl::Slice{}, {v, from, count});
  }

  Status CutWeights() {
    TFLOWER_TRY(const Value w, Transposed(arguments_[kWeights]));
    for (size_t g = 0; g < num_gates(); ++g) {
      const int64_t row = static_cast<int64_t>(g) * cells_;
      TFLOWER_TRY(operands_[kInputWeights + gates_[g]], Cut(w, {row, 0}, {cells_, inputs_}));
      TFLOWER_TRY(operands_[kRecurrentWeights + gates_[g]], Cut(w, {row, inputs_}, {cells_, outputs_}));
    }
    return Ok();
  }

  Status CutVectors(Argument from, Operand to) {
    for (size_t g = 0; g < num_gates(); ++g) {
      TFLOWER_TRY(operands_[static_cast<size_t>(to) + gates_[g]], Cut(arguments_[from], {static_cast<int64_t>(g) * cells_}, {cells_}));
    }
    return Ok();
  }

  Status AddForgetBias() {
    const float extra = call_.Float("forget_gate_bias");
    if (extra == 0) return Ok();
    TFLOWER_TRY(const Value number, build_.Scalar(extra));
    TFLOWER_TRY(operands_[kGateBias + kForgetGate], build_.Emit(tfl::Add{}, {operands_[kGateBias + kForgetGate], number}));
    return Ok();
  }

  Status AddProjection() {
    if (!has_projection_) return Ok();
    TFLOWER_TRY(operands_[kProjectionWeights], Transposed(arguments_[kProjection]));
    const std::vector<float> zeros(static_cast<size_t>(outputs_));
    TFLOWER_TRY(operands_[kProjectionBias], build_.Constant<float>(std::span<const int64_t>(&outputs_, 1), std::span<const float>(zeros)));
    return Ok();
  }

  // [batch, width], where the batch may be known at run time only.
  Result<Value> ZeroState(int64_t width) {
    TFLOWER_TRY(const Value zero, build_.Scalar(0.0f));
    TFLOWER_TRY(const Value shape, build_.Emit(tfl::Shape{.out_type = tfl::TensorType::INT32}, {arguments_[kInputs]}));
    TFLOWER_TRY(const Value batch, Cut(shape, {0}, {1}));
    TFLOWER_TRY(const Value columns, build_.Vector({static_cast<int32_t>(width)}));
    TFLOWER_TRY(const Value dims, build_.Emit(tfl::Concatenation{.axis = 0}, {batch, columns}));
    TFLOWER_TRY(const Value zeros, build_.Emit(tfl::Fill{}, {dims, zero}));
    return build_.State(zeros);
  }

  const Node& call_;
  Builder& build_;
  const CellKind kind_;
  std::vector<size_t> gates_ = {kCellGate, kInputGate, kForgetGate, kOutputGate};  // by columns
  std::vector<Value> arguments_, operands_;
  tfl::ActivationFunctionType activation_ = tfl::ActivationFunctionType::TANH;
  int64_t inputs_ = 0, cells_ = 0, outputs_ = 0;
  bool has_projection_ = false;
};

}  // namespace

Status LowerCell(const Node& call, Builder& build, const CellKind& kind) { return CellEmitter(call, build, kind).Run(); }

}  // namespace tflower::lingvo
