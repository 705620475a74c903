// Lower: executes a TF graph on abstract values, one lowering per node, and so builds the target graph.
//
// Nodes are taken in dependency order, starting from the outputs of each signature; functions are walked where they are called. A value is a
// constant, a typed value, a variable handle, or poison: a node that cannot be lowered poisons what depends on it, the walk goes on, and all
// failures are reported at once.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "import/tf_graph.h"
#include "ir/graph.h"
#include "lower/typer.h"
#include "probe/difference.h"
#include "registry/registry.h"

namespace tflower::lower {

// Runs a model of two signatures, and says how far their results are apart. An error: it cannot be run.
using Probe = std::function<Result<probe::Difference>(const ir::Model& pair)>;

struct LowerOptions {
  bool allow_unknown_attrs = false;
  bool allow_custom_ops = false;  // an op that no plugin covers becomes a custom operator of its name
  bool custom_in_doubt = true;    // with it, also one whose operands contradict each other at the present sizes of unknown dimensions
  Probe probe;                    // compares the bodies of functions with what composite rules make of them; null: they are trusted
  std::map<std::string, std::string, std::less<>> plugin_options;  // what plugins may ask for by name: tflower_lower_api.option
};

// What inputs that do not say their rank are taken for.
struct AssumedRank {
  int rank = 0;
  bool open = false;  // only for now: nothing is to be concluded from it
};

// Every node that cannot be lowered and that an output depends on, in the order met.
struct LowerFailures {
  std::vector<Error> errors;
};

// The target graph of all signatures. On failure the error sums up, and `failures` has each node. Errors that are no fault of one node
// (unreadable or damaged files, limits) end the walk at once.
Result<ir::Model> Lower(const tf::Graph& graph, const Registry& registry, Typer& typer, const LowerOptions& options, LowerFailures& failures);

}  // namespace tflower::lower
