// TF1 control flow made functional: loops of Enter, Merge, LoopCond, Switch, NextIteration and Exit become While nodes, conditionals of
// Switch and Merge become If nodes, with conditions, bodies and branches as functions of the model.
//
// In TensorFlow's graphs of version 1, values carry more than their contents: in which round of which loop they are, and that they do
// not exist in a branch that was not taken. Both are properties of the whole graph, so it is rewritten before anything is lowered:
//   frames.cc        which loop each node is in; innermost loops first, each is cut out as two functions, and is one node from then on
//   conditionals.cc  what remains has no cycles: in which branches each node runs; innermost first, each is cut out as two functions
// What a loop or branch reads from outside becomes an argument. Control edges stay: within a function as they are, out of it as the
// function's control results, into it as control inputs of the If or While. Numbers of nodes do not change; Exit and Merge nodes now
// pass on outputs of the While or If, and nodes that moved into functions are left as NoOps.
//
// What cannot be made functional becomes a node with a problem (Scope::FindProblem), which matters only to who needs it. Time and
// memory are linear in the graph's size, for nests of limited depth. Source: TensorFlow's control flow white paper, control_flow_ops.proto.
#pragma once

#include <span>

#include "import/draft.h"
#include "import/tf_graph.h"

namespace tflower::tf {

// Nests deeper than this are refused: nothing could run them.
inline constexpr int32_t kMaxNestedFlow = 400;

// For a main graph: `roots` are needed, `cuts` are signature inputs, which are given from outside whatever computes them.
void MakeFunctional(Scope& main, std::span<const Input> roots, std::span<const int32_t> cuts, MadeUp& made_up);
void MakeFunctional(Function& function, MadeUp& made_up);

// frames.cc: loops only.
void ExtractLoops(Draft& draft, MadeUp& made_up);
// conditionals.cc: of a draft without loops.
void ExtractConditionals(Draft& draft, MadeUp& made_up);
// The finished draft of a function, of which draft.args, results and control_results are set.
void AddFunction(Draft draft, std::string_view name, MadeUp& made_up);

}  // namespace tflower::tf
