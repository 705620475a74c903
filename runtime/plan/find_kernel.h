// Who runs an operator of a model, going by the types that the model declares.
#pragma once

#include <cstdint>
#include <string_view>

#include "../model/view.h"
#include "kernel_source.h"

namespace tflower::runtime {

// The kernel; skip = candidates that declined so far. Errors: as KernelSource::FindKernel. Thread: any.
Result<KernelRef> FindKernel(const KernelSource& kernels, const SubgraphView& subgraph, const OperatorView& op, uint32_t skip = 0);

// Stands for a plugin's id where the runtime carries out an operator itself (branches, loops, variables).
inline constexpr std::string_view kRuntimeProvider = "tflower.runtime";

// The plugin with the kernel, or kRuntimeProvider. Errors: as above.
Result<Provider> FindProvider(const KernelSource& kernels, const SubgraphView& subgraph, const OperatorView& op);

}  // namespace tflower::runtime
