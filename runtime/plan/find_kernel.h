// Who runs an operator of a model, going by the types that the model declares.
#pragma once

#include <cstdint>

#include "../model/view.h"
#include "kernel_source.h"

namespace tflower::runtime {

// The kernel; skip = candidates that declined so far. Errors: as KernelSource::FindKernel. Thread: any.
Result<KernelRef> FindKernel(const KernelSource& kernels, const SubgraphView& subgraph, const OperatorView& op, uint32_t skip = 0);

// The plugin with the kernel, or "tflower.runtime" for what the runtime carries out itself (branches, loops, variables). Errors: as above.
Result<Provider> FindProvider(const KernelSource& kernels, const SubgraphView& subgraph, const OperatorView& op);

}  // namespace tflower::runtime
