// Functions with the interface of a Keras LSTM layer, lstm_<anything>: by their name and arguments, whatever is in them.
//
//   arguments: inputs [batch, steps, n] (time_major: [steps, batch, n]); initial h and c [batch, units]; kernel [n, 4 units];
//              recurrent kernel [units, 4 units]; bias [4 units]; columns: input, forget, cell, output
//   results:   the last output; all outputs; h; c; anything
//
// Source: tf_keras, layers/rnn/lstm.py, standard_lstm; TensorFlow's guide to the conversion of recurrent networks.
#include <algorithm>
#include <string>
#include <vector>

#include "emit/lstm_operands.h"
#include "emit/sequences.h"
#include "emit/weights.h"
#include "rules/loops.h"

namespace tflower::rnn {
namespace {

enum Argument { kInputs, kInitialH, kInitialC, kKernel, kRecurrentKernel, kKernelBias, kArguments };
enum ResultOfCall { kLastOutput, kOutputs, kH, kC };
constexpr int kGates = 4;

std::string Dims(const Value& v) {
  std::string out = "[";
  for (int64_t d : v.dims()) out += (out.size() > 1 ? ", " : "") + (d < 0 ? "?" : std::to_string(d));
  return out + "]";
}

Result<std::vector<Value>> Arguments(const Node& call, Builder& build) {
  if (call.num_inputs() != kArguments)
    return Declined("takes inputs, two states, kernel, recurrent kernel and bias; the function has " + std::to_string(call.num_inputs()) + " arguments" +
                    (call.num_inputs() == kArguments + 1 ? ", one of them perhaps a mask" : ""));
  if (call.num_outputs() < kOutputs + 1) return Declined("gives the last output and all outputs; the function has one result");
  std::vector<Value> out;
  for (int i = 0; i < kArguments; ++i) {
    TFLOWER_TRY(const Value v, call.Input(i).is_resource() ? build.ReadVariable(call.Input(i)) : Result<Value>(call.Input(i)));
    if (v.dtype() != DType::kFloat32) return Declined("argument " + std::to_string(i) + " is not float32");
    out.push_back(v);
  }
  return out;
}

Status CheckShapes(const std::vector<Value>& a) {
  const Value &x = a[kInputs], &kernel = a[kKernel], &recurrent = a[kRecurrentKernel];
  if (x.rank() != 3) return Declined("inputs must be [batch, steps, n]");
  if (kernel.rank() != 2 || !kernel.is_static() || kernel.dim(1) % kGates != 0 || kernel.dim(0) != x.dim(2))
    return Declined("kernel " + Dims(kernel) + " must be [" + std::to_string(x.dim(2)) + ", 4 * units]");
  const int64_t units = kernel.dim(1) / kGates;
  const auto is = [](const Value& v, int64_t rows, int64_t cols) { return v.rank() == 2 && v.dim(0) == rows && v.dim(1) == cols; };
  if (!is(recurrent, units, kernel.dim(1))) return Declined("recurrent kernel " + Dims(recurrent) + " must be [" + std::to_string(units) + ", " + std::to_string(kernel.dim(1)) + "]");
  if (a[kKernelBias].rank() != 1 || a[kKernelBias].dim(0) != kernel.dim(1)) return Declined("bias " + Dims(a[kKernelBias]) + " must be [" + std::to_string(kernel.dim(1)) + "]");
  for (int i : {kInitialH, kInitialC})
    if (a[static_cast<size_t>(i)].rank() != 2 || a[static_cast<size_t>(i)].dim(1) != units) return Declined("initial state " + Dims(a[static_cast<size_t>(i)]) + " must be [batch, " + std::to_string(units) + "]");
  return Ok();
}

// Four equal parts along the last axis; matrices transposed.
Status AddParts(Builder& build, const Value& packed, Value* operands) {
  Value all = packed;
  if (packed.rank() == 2) {
    TFLOWER_TRY(const Value order, build.Vector({1, 0}));
    TFLOWER_TRY(all, build.Emit(tfl::Transpose{}, {packed, order}));
  }
  TFLOWER_TRY(const Value axis, build.Scalar(int32_t{0}));
  TFLOWER_TRY(const std::vector<Value> parts, build.EmitAll(tfl::Split{.num_splits = kGates}, std::vector<Value>{axis, all}, kGates));
  std::copy(parts.begin(), parts.end(), operands);
  return Ok();
}

Status LowerKerasLstm(const Node& call, Builder& build) {
  TFLOWER_CHECK(WantsFusion(build));
  TFLOWER_TRY(const std::vector<Value> a, Arguments(call, build));
  TFLOWER_CHECK(CheckShapes(a));
  const bool time_major = call.Bool("time_major");
  std::vector<Value> operands(kLstmOperands);
  operands[kLstmInput] = a[kInputs];
  if (call.Bool("go_backwards")) {
    TFLOWER_TRY(operands[kLstmInput], Reversed(build, a[kInputs], time_major ? 0 : 1));
  }
  TFLOWER_CHECK(AddParts(build, a[kKernel], &operands[kLstmInputWeights]));
  TFLOWER_CHECK(AddParts(build, a[kRecurrentKernel], &operands[kLstmRecurrentWeights]));
  TFLOWER_CHECK(AddParts(build, a[kKernelBias], &operands[kLstmBias]));
  TFLOWER_TRY(operands[kLstmHidden], StateOf(build, a[kInitialH]));
  TFLOWER_TRY(operands[kLstmCell], StateOf(build, a[kInitialC]));
  const tfl::UnidirectionalSequenceLstm options{.fused_activation_function = tfl::ActivationFunctionType::TANH, .time_major = time_major};
  TFLOWER_TRY(const Value y, build.Emit(options, std::span<const Value>(operands)));
  TFLOWER_TRY(const Value last, LastStep(build, {y, time_major}));
  TFLOWER_CHECK(build.Bind(kLastOutput, last));
  TFLOWER_CHECK(build.Bind(kOutputs, y));
  if (call.num_outputs() > kH) TFLOWER_CHECK(build.Bind(kH, last));
  if (call.num_outputs() > kC) TFLOWER_CHECK(build.Bind(kC, StateBehind(build, operands[kLstmCell], last)));
  return Ok();
}

constexpr AttrDef kAttrs[] = {Bool("time_major", false), Bool("go_backwards", false)};
constexpr RuleDef kRules[] = {{.id = "keras-lstm", .emits = "UNIDIRECTIONAL_SEQUENCE_LSTM", .implements = "lstm_*", .lower_call = LowerKerasLstm, .attrs = kAttrs}};

}  // namespace
TFLOWER_RULE_FAMILY(keras, kRules);
}  // namespace tflower::rnn
