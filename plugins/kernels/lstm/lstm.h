// Float LSTM over time, one direction. With gates i, f, g (cell), o and z = W x + V aux + R h + peephole * c + bias for each:
//
//   i = sigmoid(z_i)  f = sigmoid(z_f)  g = act(z_g)  c' = clip(f c + i g)  o = sigmoid(z_o), whose peephole sees c'
//   h' = o act(c'), or clip(P (o act(c')) + b) with a projection. CIFG: i = 1 - f.
//   Layer normalisation: z without bias, over the cells of a row: (z - mean) / sqrt(variance + 1e-8) * coefficients + bias.
//
// Hybrid: x, aux, h and what is projected become int8, each row with a scale of its own; sums with int8 weights are integers (recurrent/bytes.h).
//
// Eval never allocates and cannot fail. Accuracy: 2e-6 absolute against LstmRef for one step of outputs of tanh; sequences add up.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>

#include "lstm/operands.h"
#include "recurrent/sequence.h"

namespace tflower::kernels {

// Null where absent.
struct LstmWeights {
  std::array<const float*, kGates> input = {}, aux = {}, recurrent = {}, peephole = {}, bias = {}, norm = {};
  const float* projection = nullptr;
  const float* projection_bias = nullptr;
};

// int8 weights of a hybrid layer, with a scale for each; the diagonal of recurrent weights stays float. Peephole weights are float where they are applied.
struct LstmBytes {
  std::array<const int8_t*, kGates> input = {}, aux = {}, recurrent = {}, peephole = {};
  const int8_t* projection = nullptr;
};
struct LstmScales {
  std::array<float, kGates> input = {}, aux = {}, recurrent = {}, peephole = {};
  float projection = 0;
};

struct LstmRun : SequenceRun {
  float* c = nullptr;  // cell state [batch, cells]
};

struct LstmPlan {
  LstmShape shape;
  LstmOptions options;
  SequenceLayer layer;
  bool bytes = false;  // weights are int8: the layer is hybrid
  LstmScales scales;
  size_t packed_bytes = 0;   // for PackLstm
  size_t scratch_bytes = 0;  // for EvalLstm
  // In floats, where the parts of packed and of scratch memory begin.
  size_t input = 0, aux = 0, recurrent = 0, bias = 0, peephole = 0, norm = 0, projection = 0, projection_bias = 0;
  size_t pre = 0, gates = 0, cells = 0, hidden = 0;
  size_t rows = 0, row_scales = 0;      // hybrid: a chunk's inputs as int8
  size_t state = 0, state_scales = 0;   // and the state, or what is projected
};

// Errors: kUnsupportedShape (too large).
Result<LstmPlan> PlanLstm(const LstmShape& shape, const LstmOptions& options);
// The same with int8 weights of these scales.
Result<LstmPlan> PlanHybridLstm(const LstmShape& shape, const LstmOptions& options, const LstmScales& scales);

// packed: plan.packed_bytes, 64-byte aligned. Allocates nothing. bytes: of a hybrid layer, whose float weights are what `bytes` does not hold.
void PackLstm(const LstmPlan& plan, const LstmWeights& weights, float* packed, const LstmBytes& bytes = {});

// scratch: plan.scratch_bytes, 64-byte aligned, contents ignored and destroyed.
void EvalLstm(const LstmPlan& plan, const float* packed, const LstmRun& run, float* scratch, const Parallel& parallel);

// The specification: plain loops, sums in double.
void LstmRef(const LstmShape& shape, const LstmOptions& options, const LstmWeights& weights, const LstmRun& run);

}  // namespace tflower::kernels
