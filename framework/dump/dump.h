// Dump: graphs as text for people, one line a node or operator, for `convert --dump-graph` and `inspect --graph`.
#pragma once

#include <string>

#include "import/tf_graph.h"
#include "runtime/model/view.h"
#include "tflower/status.h"

namespace tflower::dump {

// Signatures, the main graph's nodes that they need, and the bodies of the functions that these call. Functions that cannot be read are named.
std::string Text(const tf::Graph& graph);

// Signatures, and every subgraph: inputs, operators with types, options, the node, plugin and rule they come from, outputs.
std::string Text(const runtime::ModelView& model);

// An operator's options: "padding=SAME stride_w=2", custom options as JSON or, when they are no FlexBuffer map, by their size. Defaults are left out.
std::string OptionsText(const runtime::OperatorView& op);

}  // namespace tflower::dump
