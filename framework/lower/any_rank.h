// Inputs of unknown rank: the model is lowered with each small rank, as it is looked at in several worlds (ir/dim.h) for dimensions.
#pragma once

#include <functional>

#include "import/tf_graph.h"
#include "ir/graph.h"
#include "lower/interpreter.h"

namespace tflower::lower {

// True when a signature has inputs that do not even say how many dimensions they have.
bool HasUnknownRank(const tf::Graph& graph);

// Lowers the model as if such inputs had that rank.
using LowerAs = std::function<Result<ir::Model>(AssumedRank, LowerFailures&)>;

// The model, when one rank only fits, or when the operators are the same for all that do. kUnsupportedShape: the operators depend on the
// rank. Else, when none fits, the failures of the rank that has the fewest.
Result<ir::Model> LowerAnyRank(const tf::Graph& graph, const LowerAs& lower, LowerFailures& failures);

}  // namespace tflower::lower
