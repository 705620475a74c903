// SeparateLoopResults: stock LiteRT moves the tensors of a loop from round to round in place: one after the other where their size is
// fixed, else by exchanging their buffers. A body that gives an input back in another place may then be computed wrong (op case
// while_swapped, graph case while_swaps): such results get a copy of their own.
// The last pass, as rules would take the copies away again.
#pragma once

#include "ir/graph.h"
#include "lower/typer.h"

namespace tflower::rules {

Status SeparateLoopResults(ir::Model& model, lower::Typer& typer);

}  // namespace tflower::rules
