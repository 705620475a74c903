// PruneCalls: takes away what branches and loops are given, or give, and nobody looks at: operands of IF that no branch reads, variables of
// WHILE that lead to no result (TF's loop counter is one), results that nobody uses. What a loop only hands on is read where it comes from.
#pragma once

#include "ir/graph.h"

namespace tflower::ir {

// To a fixed point, over all subgraphs.
void PruneCalls(Model& model);

}  // namespace tflower::ir
