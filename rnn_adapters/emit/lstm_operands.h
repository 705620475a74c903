// Operands of TFLite's LSTM operators. Where four follow, they are those of the input, forget, cell and output gate.
#pragma once

#include <cstddef>

namespace tflower::rnn {

enum LstmOperand : size_t {
  kLstmInput = 0,
  kLstmInputWeights = 1,
  kLstmRecurrentWeights = 5,
  kLstmPeephole = 9,  // input, forget, output
  kLstmBias = 12,
  kLstmProjection = 16,
  kLstmProjectionBias = 17,
  kLstmHidden = 18,
  kLstmCell = 19,
  kLstmNorm = 20,
  kLstmOperands = 24,
};

}  // namespace tflower::rnn
