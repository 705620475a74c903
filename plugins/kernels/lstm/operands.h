// The operands of LSTM (full form), UNIDIRECTIONAL_SEQUENCE_LSTM and BIDIRECTIONAL_SEQUENCE_LSTM: where they stand, and what shapes they must have,
// for float, hybrid and integer kernels alike. Sources: TFLite's operator tables (schema.fbs, tfl_ops.td) and kernels' contracts.
//
// State and cell state are variables: Eval reads them, and leaves in them what the next invocation goes on with.
#pragma once

#include <array>

#include "common/check.h"

namespace tflower::kernels {

inline constexpr int kGates = 4;
inline constexpr int kInputGate = 0, kForgetGate = 1, kCellGate = 2, kOutputGate = 3;
inline constexpr std::array<const char*, kGates> kGateNames = {"input", "forget", "cell", "output"};

// Operand numbers of one direction; arrays by gate. -1: the operator has no such operand.
struct LstmOperands {
  std::array<int, kGates> weights, recurrent, peephole, bias;
  int projection, projection_bias, state, cell;
  std::array<int, kGates> norm, aux;
};
inline constexpr std::array<int, kGates> kNone = {-1, -1, -1, -1};
inline constexpr LstmOperands kOneDirection = {{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, -1, 11}, {12, 13, 14, 15}, 16, 17, 18, 19, {20, 21, 22, 23}, kNone};
inline constexpr LstmOperands kForwards = {{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, -1, 11}, {12, 13, 14, 15}, 16, 17, 35, 36, kNone, {40, 41, 42, 43}};
inline constexpr LstmOperands kBackwards = {{18, 19, 20, 21}, {22, 23, 24, 25}, {26, 27, -1, 28}, {29, 30, 31, 32}, 33, 34, 37, 38, kNone, {44, 45, 46, 47}};
inline constexpr int kAuxInput = 39;

// The options of the three operators as one.
struct LstmOptions {
  tfl::ActivationFunctionType activation = tfl::ActivationFunctionType::TANH;
  float cell_clip = 0, proj_clip = 0;  // 0 = none
  bool time_major = true, asymmetric = false, merge = false;
};
// Errors: kUnsupportedAttribute for negative clips and for activations that are none of a recurrent layer.
Result<LstmOptions> LstmOptionsOf(const Op& op);
// TFLite computes NONE, RELU, RELU_N1_TO_1, RELU6 and TANH.
Status CheckRecurrentActivation(tfl::ActivationFunctionType activation);

// Sizes of one direction.
struct LstmShape {
  int64_t batch = 1, time = 1;
  int64_t inputs = 0, aux = 0;  // features; aux 0: no aux weights
  int64_t cells = 0, outputs = 0;
  bool time_major = true;
  bool cifg = false;  // no input gate: 1 - forget gate stands for it
  bool peephole = false, norm = false, projection = false;
  bool diagonal = false;  // all recurrent weights are vectors: a unit sees its own output only

  int64_t rows() const { return batch * time; }
};

// Checks every operand of one direction but the types of weights; `input`: of the features. Errors name the operand.
Result<LstmShape> LstmShapeOf(const Op& op, const LstmOperands& at, int input, bool time_major);

// The result's shape: the input's with another last dimension.
Shape LstmResult(const Op& op, int64_t outputs);

// Operand i, if the operator has it, is of this type: kUnsupportedType.
Status CheckType(const Op& op, int i, const std::string& name, DType type);
Status CheckDims(const Op& op, int i, const std::string& name, std::initializer_list<int64_t> dims);
// int8 weights have one scale and a zero point of 0: kUnsupportedType.
Status CheckWeightScale(const Op& op, int i, const std::string& name);

// LSTM in its full form and its sequence: 20 operands, or 24 with coefficients of layer normalisation, and one result. The basic form is declined.
Status CheckOneDirection(const Op& op);

// Operand i, state, holds `elements` elements of `type`, and is none of the tensors `others` (-1: nothing).
Status CheckState(const Op& op, int i, const std::string& name, int64_t elements, DType type, std::initializer_list<int> others = {});

// State [batch, outputs] and cell state [batch, cells], of any rank; the tensors are different ones, and not those of the other direction.
Status CheckStates(const Op& op, const LstmOperands& at, const LstmShape& s, DType state, DType cell, int other_state = -1, int other_cell = -1);

// Of operand i, where the operator has it; null, 1 and true where not.
inline const float* FloatsOf(const Op& op, int i) { return i >= 0 && op.HasInput(i) ? op.Input(i).data<float>() : nullptr; }
// Files of old converters say uint8 and mean int8, as TFLite does.
inline const int8_t* BytesOf(const Op& op, int i) { return i >= 0 && op.HasInput(i) ? static_cast<const int8_t*>(op.Input(i).raw()) : nullptr; }
inline float WeightScaleOf(const Op& op, int i) { return i >= 0 && op.HasInput(i) && !op.Input(i).scales().empty() ? op.Input(i).scales()[0] : 1; }
inline bool IsConstant(const Op& op, int i) { return i < 0 || !op.HasInput(i) || op.Input(i).is_constant(); }

// In Prepare, where the file says of each operand what it is.
Status RequireVariable(const Op& op, int i, std::string_view name);
Status RequireStates(const Op& op, const LstmOperands& at);

}  // namespace tflower::kernels
