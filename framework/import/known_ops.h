// Every TensorFlow op with the types of its results, for models that say nothing of their ops themselves (frozen graphs) and for coverage.
// Source: ops/tf_ops.txt, written by tests/parity/generate_tf_ops.py.
#pragma once

#include <string_view>
#include <vector>

#include "import/tf_graph.h"

namespace tflower::tf {

struct KnownOp {
  std::string_view name;
  std::string_view results;  // one word an output argument: "float", "T", "N*T", "Tout[]"; several have names: "values:T indices:index_type"
  bool stateful = false;
};

// Sorted by name.
const std::vector<KnownOp>& KnownOps();
const KnownOp* FindKnownOp(std::string_view name);  // null: TensorFlow has no such op
// Its output arguments; a single one has no name.
std::vector<ArgDef> ResultsOf(const KnownOp& op);

}  // namespace tflower::tf
