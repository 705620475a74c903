// Loop-invariant code motion: what a loop computes anew in every round from what does not change is computed once, before it.
#pragma once

#include "ir/graph.h"

namespace tflower::ir {

// Moves operators out of the conditions and bodies of loops; their results become variables that the loop hands on. Only what has no effect and cannot
// fail by the contents of its operands moves, since the loop may have no round at all. Runtimes copy variables in every round: a large result moves
// only if operands of its size need not be carried any more. Inner loops first. Returns how many operators moved.
uint64_t HoistInvariants(Model& model);

}  // namespace tflower::ir
