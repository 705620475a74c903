// The operands of RNN, UNIDIRECTIONAL_SEQUENCE_RNN and BIDIRECTIONAL_SEQUENCE_RNN, for float and hybrid kernels. Sources: TFLite's kernels' contracts.
#pragma once

#include "common/check.h"

namespace tflower::kernels {

// Operand numbers of one direction. aux -1: the operator has none.
struct RnnOperands {
  int weights, recurrent, bias, state, aux;
};
inline constexpr RnnOperands kRnn = {1, 2, 3, 4, -1};
inline constexpr RnnOperands kRnnForwards = {1, 2, 3, 4, 10};
inline constexpr RnnOperands kRnnBackwards = {5, 6, 7, 8, 11};
inline constexpr int kRnnAuxInput = 9;

struct RnnOptions {
  tfl::ActivationFunctionType activation = tfl::ActivationFunctionType::NONE;
  bool time_major = true, asymmetric = false, merge = false;
};
Result<RnnOptions> RnnOptionsOf(const Op& op);

// Sizes of one direction.
struct RnnShape {
  int64_t batch = 1, time = 1;
  int64_t inputs = 0, aux = 0;  // features; aux 0: no aux weights
  int64_t units = 0;
  bool time_major = true;

  int64_t rows() const { return batch * time; }
};
// What an operator of both directions is, or of one, which is `forwards` then.
struct RnnShapes {
  RnnShape forwards, backwards;
  RnnOptions options;
  bool both = false;
  int backwards_input = 0;  // the input, or the auxiliary one where that has no weights
};
// Checks all operands but the types of weights.
Result<RnnShapes> RnnShapesOf(const Op& op);
Status RequireRnnStates(const Op& op);
// Infer for all forms.
Status InferRnn(const Op& op, OpTypes& out);

}  // namespace tflower::kernels
