// Apply: runs the plugins' pattern rules over a model to a fixed point.
#pragma once

#include <string>
#include <unordered_map>

#include "ir/graph.h"
#include "lower/typer.h"
#include "registry/registry.h"

namespace tflower::rules {

struct Applied {
  std::unordered_map<std::string, uint64_t> count;  // by rule id
};

// Rules are tried by benefit at every operator; what a rewrite makes, and who stands next to it, is looked at again. A rewrite that fails or
// declines leaves the graph as it was. Errors: a rule's own error, a malformed pattern (kParity), kInternal when rules undo each other.
Result<Applied> Apply(ir::Model& model, const Registry& registry, lower::Typer& typer);

}  // namespace tflower::rules
