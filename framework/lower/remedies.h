// Remedies: what could be meant when an operator does not take its operands in all worlds, because the samples of unknown dimensions
// contradict each other or sizes that are known.
#pragma once

#include <memory>
#include <vector>

#include "ir/graph.h"
#include "lower/symbols.h"

namespace tflower::lower {

struct Remedy {
  Substitution take;
  Substitution unless;  // would do as well: then neither is meant
};

// Remedies worth trying, the likeliest first; at most a few hundred.
std::vector<Remedy> RemediesFor(const std::vector<ir::Value*>& operands);

// A value of the same type with dims, and contents that are known per world, replaced: for inference only, it belongs to no graph.
std::unique_ptr<ir::Value> Substituted(const ir::Value& v, const Substitution& substitution);

}  // namespace tflower::lower
