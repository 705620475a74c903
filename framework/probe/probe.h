// Probe: do two signatures of a model, one made by a composite rule and one from the function's own ops, compute the same?
#pragma once

#include "ir/graph.h"
#include "probe/difference.h"
#include "registry/registry.h"

namespace tflower::probe {

// Runs the first two subgraphs, signatures with equal inputs, on the same random numbers: the output that differs most. Both must have static
// shapes. Errors: of writing and running, for example kMissingKernel for custom operators.
Result<Difference> RunPair(const ir::Model& pair, const Registry& registry);

}  // namespace tflower::probe
