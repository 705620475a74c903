// One time step of the float LSTM on a part of its rows and units: between lstm_eval.cc and lstm_simd.cc.
#pragma once

#include "lstm/lstm.h"
#include "recurrent/bytes.h"

namespace tflower::kernels {

// Padded: up to whole vectors; what is beyond the last unit has no meaning.
struct LstmStep {
  const LstmPlan* plan = nullptr;
  SequenceStep at;
  const float* packed = nullptr;
  float* c = nullptr;    // [row][padded unit]
  float* out = nullptr;  // o act(c'): h', or what is projected
  size_t out_stride = 0;
  const int16_t* state = nullptr;  // hybrid: h as int8, minus its zero point, in pairs (recurrent/bytes.h)
  const float* state_scales = nullptr;
  float* gates = nullptr;  // layer normalisation only: z, [row][gate][padded unit]
};

// Gates, c' and h' of these rows and blocks; with layer normalisation, z alone.
void LstmBlocks(const LstmStep& step, Range rows, Range blocks);
// What follows there: normalisation, c' and h' of whole rows.
void LstmNormalizedRows(const LstmStep& step, Range rows);

}  // namespace tflower::kernels
