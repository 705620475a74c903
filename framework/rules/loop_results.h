// SeparateLoopResults: stock LiteRT moves the tensors of a loop from round to round one after the other, in place. A body that gives an
// input back in another place is then computed wrong (op case while_swapped, graph case while_swaps): such results get a copy of their own.
// The last pass, as rules would take the copies away again.
#pragma once

#include "ir/graph.h"
#include "lower/typer.h"

namespace tflower::rules {

Status SeparateLoopResults(ir::Model& model, lower::Typer& typer);

}  // namespace tflower::rules
