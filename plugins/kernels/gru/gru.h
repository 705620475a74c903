// Float GRU over time, tflower.Gru. With gates z (update), r (reset) and the candidate g:
//
//   z = sigmoid(W_z x + R_z h + b_z)   r = sigmoid(W_r x + R_r h + b_r)   h' = z h + (1 - z) g
//   g = act(W_g x + b_g + r (R_g h + c)), the reset gate after the product; or act(W_g x + b_g + R_g (r h)), before it
//
// Eval never allocates and cannot fail. Accuracy: 2e-6 absolute against GruRef for one step of outputs of tanh; sequences add up.
#pragma once

#include <cstddef>

#include <tflower/parallel.h>
#include <tflower/tfl_ops.h>

#include "recurrent/sequence.h"

namespace tflower::kernels {

struct GruShape {
  int64_t batch = 1, time = 1;
  int64_t inputs = 0, units = 0;
  bool time_major = true;

  int64_t rows() const { return batch * time; }
};

struct GruOptions {
  tfl::ActivationFunctionType activation = tfl::ActivationFunctionType::TANH;
  bool reset_after = true;
};

// Rows of update gate, reset gate, candidate.
struct GruWeights {
  const float* input = nullptr;      // [3 * units, inputs]
  const float* recurrent = nullptr;  // [3 * units, units]
  const float* bias = nullptr;       // [3 * units]
  const float* after = nullptr;      // c, [units]; null where the reset gate comes before the product
};

struct GruPlan {
  SequenceLayer layer;
  GruOptions options;
  size_t packed_bytes = 0;   // for PackGru
  size_t scratch_bytes = 0;  // for EvalGru
  // In floats, where the parts of packed and of scratch memory begin.
  size_t input = 0, bias = 0, recurrent = 0;  // recurrent: of all gates, or of both
  size_t after = 0, candidate = 0;            // c; or R_g
  size_t pre = 0, update = 0, old = 0;        // with the reset gate before the product: z, and r h

  UnitBlocks gates() const { return UnitBlocks(layer.units.units, options.reset_after ? 3 : 2); }
};

// Errors: kUnsupportedShape (too large).
Result<GruPlan> PlanGru(const GruShape& shape, const GruOptions& options);

// packed: plan.packed_bytes, 64-byte aligned. Allocates nothing.
void PackGru(const GruPlan& plan, const GruWeights& weights, float* packed);

// run.h holds the first state, and in the end the last. scratch: plan.scratch_bytes, 64-byte aligned, contents ignored and destroyed.
void EvalGru(const GruPlan& plan, const float* packed, const SequenceRun& run, float* scratch, const Parallel& parallel);

// The specification: plain loops, sums in double.
void GruRef(const GruShape& shape, const GruOptions& options, const GruWeights& weights, const SequenceRun& run);

// Parts of one step.
struct GruStep {
  const GruPlan* plan;
  const float* packed;
  float* scratch;
  SequenceStep at;
};
// These rows and blocks of units: all of them; or z and r h, where the reset gate comes before the product.
void GruBlocks(const GruStep& step, Range rows, Range blocks);
// Then g and h', when r h of these rows is there.
void GruCandidates(const GruStep& step, Range rows, Range blocks);

}  // namespace tflower::kernels
