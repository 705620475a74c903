// TFLite's integer form "8x8_8" of one LSTM step, which 12 intermediate tensors tell from the other: sums with inputs and with the state are rounded
// to int8, each with a scale of its own, before they are added; normalisation and activations are float. Without input gate and peephole, with
// layer normalisation and projection. No converter writes it any more: plain loops.
#pragma once

#include <cstddef>

#include "common/quantized.h"
#include "lstm/operands.h"

namespace tflower::kernels {

class ByteGateLstm {
 public:
  static constexpr int kIntermediates = 12;
  // Errors: kUnsupportedType for another form, or tensors without scales.
  Status Prepare(const Op& op, const LstmShape& shape, const LstmOptions& options);
  size_t scratch_bytes() const;
  void Eval(const Op& op, void* scratch) const;

 private:
  struct Gate {
    Multiplier input, recurrent;          // to int8
    Multiplier input_sum, recurrent_sum;  // from there to the scale of their sum
    int32_t input_zero = 0, recurrent_zero = 0;
    float norm = 0;
  };
  void SumRow(const Op& op, size_t gate, const int8_t* x, const int8_t* h, int16_t* z) const;
  void NormalizeRow(const Op& op, size_t gate, int16_t* z) const;
  void ProjectRow(const Op& op, const int16_t* hidden, int8_t* y) const;

  LstmShape shape_;
  Gate gates_[kGates];
  Multiplier projection_;
  int32_t input_zero_ = 0, state_zero_ = 0, cell_clip_ = 0, projection_clip_ = 0;
};

}  // namespace tflower::kernels
