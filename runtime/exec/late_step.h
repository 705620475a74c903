// Runs an operator whose operands' shapes are known only now: infers, allocates, prepares when shapes changed, evaluates.
#pragma once

#include "../plan/plan.h"

namespace tflower::runtime {

// Outputs go to the heap. Errors: the kernel's; kInvalidGraph when types differ from the declared; kLimit.
Status RunLateStep(Plan& plan, Step& step, EvalContext& context, SharedConstants& shared, uint64_t max_bytes);

// After eval: every output whose shape eval had to say has one. Errors: kPluginAbi.
Status CheckResized(const Step& step);

// Gives a heap tensor a type and bytes; the contents are copied when data is not null.
Status SetHeapTensor(Plan& plan, size_t tensor, const TensorType& type, uint64_t bytes, const void* data,
                     uint64_t max_bytes);

}  // namespace tflower::runtime
