// Operators that compute the same thing from the same operands, made one.
#pragma once

#include "ir/graph.h"

namespace tflower::rules {

// Operators of equal code, options and operands become the first of them; their users follow. Results that are outputs of the graph stay apart
// (two outputs cannot be one tensor). Linear in the number of operators. Returns how many went.
uint64_t MergeCommonSubexpressions(ir::Subgraph& graph);

}  // namespace tflower::rules
