// What branches and loops carry for nobody, taken away: results that nobody reads, operands that no subgraph needs, the same operand twice,
// constants as operands, values that are only passed through.
#pragma once

#include "ir/graph.h"

namespace tflower::ir {

// Works from the outside inwards and back, until nothing changes; then subgraphs that nothing calls any more go. A loop keeps at least one variable.
// Returns how many operands and results went.
uint64_t PruneCalls(Model& model);

}  // namespace tflower::ir
