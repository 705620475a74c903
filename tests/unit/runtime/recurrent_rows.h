// More rows of advisories_test.cc: recurrent operators with one operand of another shape or type, absent, or there though it must not be.
#pragma once

#include <map>

#include "advisories_rows.h"

namespace tflower::runtime::test {

using Changes = std::map<size_t, Operand>;  // by number

inline std::vector<Operand> Changed(std::vector<Operand> operands, const Changes& changes) {
  for (const auto& [i, operand] : changes) {
    if (i >= operands.size()) operands.resize(i + 1, kAbsent);
    operands[i] = operand;
  }
  return operands;
}

// One direction of LSTM: weights to 3 cells from `inputs` features, without peephole and projection.
inline std::vector<Operand> Direction(int32_t inputs) {
  std::vector<Operand> out(4, F({3, inputs}));
  out.insert(out.end(), 4, F({3, 3}));
  out.insert(out.end(), 3, kAbsent);
  out.insert(out.end(), 4, F({3}));
  out.insert(out.end(), 2, kAbsent);
  return out;
}
// 20 operands: 2 steps of a batch of 1 with 2 features.
inline std::vector<Operand> Lstm(const Changes& changes = {}) {
  std::vector<Operand> out = {F({1, 2, 2})}, direction = Direction(2);
  out.insert(out.end(), direction.begin(), direction.end());
  out.insert(out.end(), {State({1, 3}), State({1, 3})});
  return Changed(out, changes);
}
inline Operand Quantized(Operand operand, float scale) {
  operand.scale = {scale};
  operand.zero_point = {0};
  return operand;
}
inline Operand StateOf(DType dtype, std::vector<int32_t> shape, float scale) { return Quantized({.dtype = dtype, .shape = std::move(shape), .data = {}, .variable = true}, scale); }
inline std::vector<Operand> IntegerLstm(const Changes& changes = {}) {
  std::vector<Operand> out = {I8({1, 2, 2}, {0.1f})};
  out.insert(out.end(), 4, I8({3, 2}, {0.01f}));
  out.insert(out.end(), 4, I8({3, 3}, {0.01f}));
  out.insert(out.end(), 3, kAbsent);
  out.insert(out.end(), 4, I({3}));
  out.insert(out.end(), 2, kAbsent);
  out.insert(out.end(), {StateOf(DType::kInt8, {1, 3}, 0.01f), StateOf(DType::kInt16, {1, 3}, 0x1p-11f)});
  return Changed(out, changes);
}
inline std::vector<Operand> BothLstm(const Changes& changes = {}) {
  std::vector<Operand> out = {F({1, 2, 2})}, direction = Direction(2);
  for (int i = 0; i < 2; ++i) out.insert(out.end(), direction.begin(), direction.end());
  out.insert(out.end(), 4, State({1, 3}));
  out.insert(out.end(), 9, kAbsent);
  return Changed(out, changes);
}
inline std::vector<Operand> Rnn(const Changes& changes = {}) { return Changed({F({1, 2, 2}), F({3, 2}), F({3, 3}), F({3}), State({1, 3})}, changes); }
inline std::vector<Operand> Svdf(const Changes& changes = {}) { return Changed({F({1, 2}), F({4, 2}), F({4, 3}), F({2}), State({1, 12})}, changes); }
inline std::vector<Operand> BasicLstm(const Changes& changes = {}) { return Changed({F({1, 2}), State({1, 3}), F({12, 5}), F({12}), State({1, 3})}, changes); }
inline std::vector<Operand> BothRnn(const Changes& changes = {}) {
  return Changed({F({1, 2, 2}), F({3, 2}), F({3, 3}), F({3}), State({1, 3}), F({3, 2}), F({3, 3}), F({3}), State({1, 3}), kAbsent, kAbsent, kAbsent}, changes);
}

inline const Options kLstm = With(tfl::UnidirectionalSequenceLSTMOptions{.fused_activation_function = tfl::ActivationFunctionType::TANH});
inline const Options kBoth = With(tfl::BidirectionalSequenceLSTMOptions{.fused_activation_function = tfl::ActivationFunctionType::TANH, .time_major = false});
inline const Options kRnn = With(tfl::SequenceRNNOptions{.fused_activation_function = tfl::ActivationFunctionType::TANH});
inline const Options kBothRnn = With(tfl::BidirectionalSequenceRNNOptions{.fused_activation_function = tfl::ActivationFunctionType::TANH});

inline const Options kBasic = With(tfl::LSTMOptions{.fused_activation_function = tfl::ActivationFunctionType::TANH, .kernel_type = tfl::LSTMKernelType::BASIC});

inline Options SvdfOfRank(int32_t rank) { return With(tfl::SVDFOptions{.rank = rank}); }

inline std::vector<Row> RecurrentRows() {
  constexpr auto kOne = UNIDIRECTIONAL_SEQUENCE_LSTM;
  return {
      {"LSTM", kOne, kLstm, Lstm(), {f}, kRuns},
      {"LSTM of no steps", kOne, kLstm, Lstm({{0, F({1, 0, 2})}}), {f}, kRuns},
      {"LSTM of an input of rank 2", kOne, kLstm, Lstm({{0, F({1, 2})}}), {f}, "input 0 (input)"},
      {"LSTM of an input of rank 4", kOne, kLstm, Lstm({{0, F({1, 1, 2, 2})}}), {f}, "input 0 (input)"},
      {"LSTM of another batch than its state", kOne, kLstm, Lstm({{0, F({2, 2, 2})}}), {f}, "input 18 (output_state)"},
      {"LSTM with 21 operands", kOne, kLstm, Lstm({{20, F({3})}}), {f}, "21 inputs"},
      {"LSTM weights of other features", kOne, kLstm, Lstm({{2, F({3, 5})}}), {f}, "input 2 (input_to_forget_weights): shape [3, 5] must be [3, 2]"},
      {"LSTM weights of rank 1", kOne, kLstm, Lstm({{4, F({6})}}), {f}, "input 4 (input_to_output_weights)"},
      {"LSTM weights of other cells", kOne, kLstm, Lstm({{1, F({4, 2})}}), {f}, "input 1 (input_to_input_weights)"},
      {"LSTM recurrent weights of another width", kOne, kLstm, Lstm({{6, F({3, 4})}}), {f}, "input 6 (recurrent_to_forget_weights)"},
      {"LSTM recurrent weights of rank 3", kOne, kLstm, Lstm({{8, F({3, 3, 1})}}), {f}, "input 8 (recurrent_to_output_weights)"},
      {"LSTM with one diagonal", kOne, kLstm, Lstm({{8, F({3})}}), {f}, "input 5 (recurrent_to_input_weights)"},
      {"LSTM without recurrent weights of the input gate alone", kOne, kLstm, Lstm({{5, kAbsent}}), {f}, "input 5 (recurrent_to_input_weights): is absent"},
      {"LSTM with recurrent weights of an input gate that is not there", kOne, kLstm, Lstm({{1, kAbsent}}), {f}, "input 5 (recurrent_to_input_weights): must be absent"},
      {"LSTM without a bias of the input gate", kOne, kLstm, Lstm({{12, kAbsent}}), {f}, "input 12 (input_gate_bias): is absent"},
      {"LSTM with a bias of an input gate that is not there", kOne, kLstm, Lstm({{1, kAbsent}, {5, kAbsent}}), {f}, "input 12 (input_gate_bias): must be absent"},
      {"LSTM bias of another length", kOne, kLstm, Lstm({{13, F({1})}}), {f}, "input 13 (forget_gate_bias)"},
      {"LSTM with one peephole", kOne, kLstm, Lstm({{10, F({3})}}), {f}, "input 10 (cell_to_forget_weights): must be absent"},
      {"LSTM with a short peephole", kOne, kLstm, Lstm({{9, F({3})}, {10, F({2})}, {11, F({3})}}), {f}, "input 10 (cell_to_forget_weights)"},
      {"LSTM projection of other cells", kOne, kLstm, Lstm({{16, F({3, 4})}}), {f}, "input 16 (projection_weights)"},
      {"LSTM projection bias alone", kOne, kLstm, Lstm({{17, F({3})}}), {f}, "input 17 (projection_bias): must be absent"},
      {"LSTM projection bias of another length", kOne, kLstm, Lstm({{16, F({3, 3})}, {17, F({4})}}), {f}, "input 17 (projection_bias)"},
      {"LSTM of fewer outputs than cells", kOne, kLstm, Lstm({{5, F({3, 2})}, {6, F({3, 2})}, {7, F({3, 2})}, {8, F({3, 2})}, {18, State({1, 2})}}), {f}, "need projection_weights"},
      {"LSTM state of another size", kOne, kLstm, Lstm({{18, State({1, 4})}}), {f}, "input 18 (output_state)"},
      {"LSTM cell state of another size", kOne, kLstm, Lstm({{19, State({3, 3})}}), {f}, "input 19 (cell_state)"},
      {"LSTM state that is no variable", kOne, kLstm, Lstm({{18, F({1, 3})}}), {f}, "input 18 (output_state): keeps the operator's state"},
      {"LSTM with coefficients of some gates", kOne, kLstm, Lstm({{20, kAbsent}, {21, F({3})}, {22, kAbsent}, {23, F({3})}}), {f}, "input 20 (input_layer_norm_coefficients): is absent"},
      {"LSTM negative clip", kOne, With(tfl::UnidirectionalSequenceLSTMOptions{.cell_clip = -1}), Lstm(), {f}, "cell_clip"},
      {"LSTM clip of NaN", kOne, With(tfl::UnidirectionalSequenceLSTMOptions{.proj_clip = NAN}), Lstm(), {f}, "proj_clip"},
      {"LSTM activation 99", kOne, With(tfl::UnidirectionalSequenceLSTMOptions{.fused_activation_function = static_cast<tfl::ActivationFunctionType>(99)}), Lstm(), {f}, "fused_activation_function"},
      {"LSTM of three dimensions in one step", LSTM, With(tfl::LSTMOptions{}), Lstm(), {f}, "input 0 (input)"},
      {"both LSTMs", BIDIRECTIONAL_SEQUENCE_LSTM, kBoth, BothLstm(), {f, f}, kRuns},
      {"both LSTMs with one result", BIDIRECTIONAL_SEQUENCE_LSTM, kBoth, BothLstm(), {f}, "outputs"},
      {"both LSTMs, aux input of another length", BIDIRECTIONAL_SEQUENCE_LSTM, kBoth, BothLstm({{39, F({1, 3, 2})}}), {f, f}, "input 39 (aux_input)"},
      {"both LSTMs, aux weights without an input", BIDIRECTIONAL_SEQUENCE_LSTM, kBoth, BothLstm({{41, F({3, 2})}}), {f, f}, "aux_input"},
      {"both LSTMs, aux weights of one gate", BIDIRECTIONAL_SEQUENCE_LSTM, kBoth, BothLstm({{39, F({1, 2, 5})}, {41, F({3, 5})}}), {f, f}, "input 40 (aux_input_to_input_weights): is absent"},
      {"both LSTMs, backward weights of other features", BIDIRECTIONAL_SEQUENCE_LSTM, kBoth, BothLstm({{19, F({3, 9})}}), {f, f}, "input 19 (input_to_forget_weights)"},
      {"both LSTMs, backward state of another batch", BIDIRECTIONAL_SEQUENCE_LSTM, kBoth, BothLstm({{38, State({2, 3})}}), {f, f}, "input 38 (cell_state)"},
      {"RNN", UNIDIRECTIONAL_SEQUENCE_RNN, kRnn, Rnn(), {f}, kRuns},
      {"RNN weights of other features", UNIDIRECTIONAL_SEQUENCE_RNN, kRnn, Rnn({{1, F({3, 4})}}), {f}, "input 1 (input_weights)"},
      {"RNN recurrent weights that are not square", UNIDIRECTIONAL_SEQUENCE_RNN, kRnn, Rnn({{2, F({3, 4})}}), {f}, "input 2 (recurrent_weights)"},
      {"RNN bias of another length", UNIDIRECTIONAL_SEQUENCE_RNN, kRnn, Rnn({{3, F({4})}}), {f}, "input 3 (bias)"},
      {"RNN state of another batch", UNIDIRECTIONAL_SEQUENCE_RNN, kRnn, Rnn({{4, State({2, 3})}}), {f}, "input 4 (hidden_state)"},
      {"RNN state that is no variable", UNIDIRECTIONAL_SEQUENCE_RNN, kRnn, Rnn({{4, F({1, 3})}}), {f}, "input 4 (hidden_state): keeps the operator's state"},
      {"RNN of an input of rank 2", UNIDIRECTIONAL_SEQUENCE_RNN, kRnn, Rnn({{0, F({1, 2})}}), {f}, "input 0 (input)"},
      {"RNN of one step, rank 3", RNN, With(tfl::RNNOptions{}), Rnn(), {f}, "input 0 (input)"},
      {"both RNNs", BIDIRECTIONAL_SEQUENCE_RNN, kBothRnn, BothRnn(), {f, f}, kRuns},
      {"both RNNs, aux weights of one direction", BIDIRECTIONAL_SEQUENCE_RNN, kBothRnn, BothRnn({{9, F({1, 2, 2})}, {10, F({3, 2})}}), {f, f}, "input 11 (aux_weights): is absent"},
      {"both RNNs, aux weights without an input", BIDIRECTIONAL_SEQUENCE_RNN, kBothRnn, BothRnn({{10, F({3, 2})}, {11, F({3, 2})}}), {f, f}, "input 9 (aux_input)"},
      {"hybrid RNN weights without a scale", UNIDIRECTIONAL_SEQUENCE_RNN, kRnn, Rnn({{1, I8({3, 2})}, {2, I8({3, 3}, {1})}}), {f}, "input 1 (weights): is int8 with 0 scales"},
      {"hybrid RNN weights of two types", UNIDIRECTIONAL_SEQUENCE_RNN, kRnn, Rnn({{1, I8({3, 2}, {1})}}), {f}, "input 2 (weights): type float32 must be int8"},
      {"hybrid LSTM weights of two types", kOne, kLstm, Lstm({{2, I8({3, 2}, {1})}}), {f}, "input 2 (input weights): type int8 must be float32"},
      {"hybrid LSTM weights of a scale for each cell", kOne, kLstm,
       Lstm({{1, I8({3, 2}, {1, 2, 3})}, {2, I8({3, 2}, {1})}, {3, I8({3, 2}, {1})}, {4, I8({3, 2}, {1})}, {5, I8({3, 3}, {1})}, {6, I8({3, 3}, {1})}, {7, I8({3, 3}, {1})}, {8, I8({3, 3}, {1})}}), {f}, "3 scales"},
      {"integer LSTM without intermediate tensors", kOne, kLstm, IntegerLstm(), {I8({}, {0.1f})}, "intermediate 4: is absent"},
      {"integer LSTM with cells of another scale", kOne, kLstm, IntegerLstm({{19, StateOf(DType::kInt16, {1, 3}, 0.3f)}}), {I8({}, {0.1f})}, "must be a power of two"},
      {"integer LSTM with cells of int8", kOne, kLstm, IntegerLstm({{19, StateOf(DType::kInt8, {1, 3}, 0x1p-11f)}}), {I8({}, {0.1f})}, "input 19 (cell_state): type int8 must be int16"},
      {"integer LSTM weights of scale 0", kOne, kLstm, IntegerLstm({{2, I8({3, 2}, {0})}}), {I8({}, {0.1f})}, "'in2': quantization: scale 0 is 0.0"},
      {"integer LSTM weights of scale NaN", kOne, kLstm, IntegerLstm({{6, I8({3, 3}, {NAN})}}), {I8({}, {0.1f})}, "'in6': quantization: scale 0 is nan"},
      {"integer LSTM bias of float32", kOne, kLstm, IntegerLstm({{13, F({3})}}), {I8({}, {0.1f})}, "input 13 (gate bias): type float32 must be int32"},
      {"integer LSTM diagonal", kOne, kLstm, IntegerLstm({{5, I8({3}, {0.01f})}, {6, I8({3}, {0.01f})}, {7, I8({3}, {0.01f})}, {8, I8({3}, {0.01f})}}), {I8({}, {0.1f})}, "diagonal"},
      {"integer LSTM of RELU", kOne, With(tfl::UnidirectionalSequenceLSTMOptions{.fused_activation_function = tfl::ActivationFunctionType::RELU}), IntegerLstm(), {I8({}, {0.1f})}, "fused_activation_function"},
      {"SVDF", SVDF, SvdfOfRank(2), Svdf(), {f}, kRuns},
      {"SVDF rank 0", SVDF, SvdfOfRank(0), Svdf(), {f}, "rank"},
      {"SVDF rank -1", SVDF, SvdfOfRank(-1), Svdf(), {f}, "rank"},
      {"SVDF rank that does not divide the filters", SVDF, SvdfOfRank(3), Svdf(), {f}, "rank"},
      {"SVDF without time", SVDF, SvdfOfRank(2), Svdf({{2, F({4, 0})}, {4, State({1, 0})}}), {f}, "no time"},
      {"SVDF time of other filters", SVDF, SvdfOfRank(2), Svdf({{2, F({3, 3})}}), {f}, "time"},
      {"SVDF features of another width", SVDF, SvdfOfRank(2), Svdf({{1, F({4, 3})}}), {f}, "feature"},
      {"SVDF bias of another length", SVDF, SvdfOfRank(2), Svdf({{3, F({4})}}), {f}, "input 3 (bias)"},
      {"SVDF state of another batch", SVDF, SvdfOfRank(2), Svdf({{4, State({2, 12})}}), {f}, "input 4 (state)"},
      {"SVDF state that is no variable", SVDF, SvdfOfRank(2), Svdf({{4, F({1, 12})}}), {f}, "input 4 (state): keeps the operator's state"},
      {"SVDF of rank 4", SVDF, SvdfOfRank(2), Svdf({{0, F({1, 1, 1, 2})}}), {f}, "input"},
      {"basic LSTM", LSTM, kBasic, BasicLstm(), {f, f, f, f}, kRuns},
      {"basic LSTM with one result", LSTM, kBasic, BasicLstm(), {f}, "outputs"},
      {"basic LSTM without a state", LSTM, kBasic, BasicLstm({{1, kAbsent}}), {f, f, f, f}, "present(input_to_input_weights)"},
      {"basic LSTM without cells", LSTM, kBasic, BasicLstm({{4, kAbsent}}), {f, f, f, f}, "present(input_to_output_weights)"},
      {"basic LSTM weights of another depth", LSTM, kBasic, BasicLstm({{2, F({12, 4})}}), {f, f, f, f}, "input 2 (weights)"},
      {"basic LSTM bias of another length", LSTM, kBasic, BasicLstm({{3, F({3})}}), {f, f, f, f}, "input 3 (biases)"},
      {"basic LSTM cells of another batch", LSTM, kBasic, BasicLstm({{4, State({2, 3})}}), {f, f, f, f}, "input 4 (prev_state)"},
      {"basic LSTM of rank 3", LSTM, kBasic, BasicLstm({{0, F({1, 1, 2})}}), {f, f, f, f}, "input 0 (input)"},
      {"both RNNs, aux input of another width", BIDIRECTIONAL_SEQUENCE_RNN, kBothRnn, BothRnn({{9, F({1, 2, 5})}}), {f, f}, "input 9 (aux_input)"},
  };
}

}  // namespace tflower::runtime::test
