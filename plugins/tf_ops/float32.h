// Ops on floats for which stock runtimes have no kernels: float16, bfloat16 and float64 are computed in float32, between CASTs.
#pragma once

#include "index.h"

namespace tflower::tf_ops {

inline constexpr DTypeSet kOtherFloats = Types({DType::kFloat16, DType::kBFloat16, DType::kFloat64});

// Runs `lower` with the operands that are of the first such type cast to float32, and casts its float32 results back: those outputs whose bit is set.
Status ComputeInFloat32(const Node& node, Builder& build, LowerFn lower, uint32_t outputs);

// The same as a row's function: {"Softmax", {Float()}, kT, InFloat32<LowerSoftmax>, "CAST SOFTMAX"}.
template <LowerFn kLower, uint32_t kOutputs = ~0u>
Status InFloat32(const Node& node, Builder& build) { return ComputeInFloat32(node, build, kLower, kOutputs); }

}  // namespace tflower::tf_ops
