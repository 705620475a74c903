// Float RNN over time, one direction: h' = act(W x + V aux + R h + bias).
//
// Hybrid: x, aux and h become int8, each row with a scale of its own; sums with int8 weights are integers (recurrent/bytes.h).
//
// Eval never allocates and cannot fail. Accuracy: 2e-6 absolute against RnnRef for one step of outputs of tanh; sequences add up.
#pragma once

#include <cstddef>

#include <tflower/parallel.h>

#include "recurrent/bytes.h"
#include "rnn/operands.h"

namespace tflower::kernels {

struct RnnWeights {
  const float* input = nullptr;
  const float* aux = nullptr;  // null where absent
  const float* recurrent = nullptr;
  const float* bias = nullptr;
};

// int8 weights of a hybrid layer; its bias is that of RnnWeights.
struct RnnBytes {
  const int8_t* input = nullptr;
  const int8_t* aux = nullptr;
  const int8_t* recurrent = nullptr;
};
struct RnnScales {
  float input = 1, aux = 1, recurrent = 1;
};

struct RnnPlan {
  SequenceLayer layer;
  tfl::ActivationFunctionType activation = tfl::ActivationFunctionType::NONE;
  bool bytes = false, asymmetric = false;  // int8 weights: the layer is hybrid
  RnnScales scales;
  size_t packed_bytes = 0;   // for PackRnn
  size_t scratch_bytes = 0;  // for EvalRnn
  // In floats, where the parts of packed and of scratch memory begin.
  size_t input = 0, aux = 0, recurrent = 0, bias = 0;
  size_t pre = 0, rows = 0, row_scales = 0, state = 0, state_scales = 0;
};

// Errors: kUnsupportedShape (too large).
Result<RnnPlan> PlanRnn(const RnnShape& shape, tfl::ActivationFunctionType activation);
Result<RnnPlan> PlanHybridRnn(const RnnShape& shape, tfl::ActivationFunctionType activation, const RnnScales& scales, bool asymmetric);

// packed: plan.packed_bytes, 64-byte aligned. Allocates nothing. bytes: of a hybrid layer.
void PackRnn(const RnnPlan& plan, const RnnWeights& weights, float* packed, const RnnBytes& bytes = {});

// scratch: plan.scratch_bytes, 64-byte aligned, contents ignored and destroyed.
void EvalRnn(const RnnPlan& plan, const float* packed, const SequenceRun& run, float* scratch, const Parallel& parallel);

// The specification: plain loops, sums in double.
void RnnRef(const RnnShape& shape, tfl::ActivationFunctionType activation, const RnnWeights& weights, const SequenceRun& run);

// One step: these rows and blocks of units. With a null `recurrent`, R h is in y already.
void RnnBlocks(const RnnPlan& plan, const float* recurrent, const SequenceStep& step, Range rows, Range blocks);

}  // namespace tflower::kernels
