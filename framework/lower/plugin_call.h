// One node, or one call of a composite function, through one row of a plugin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "import/tf_graph.h"
#include "ir/graph.h"
#include "lower/host.h"
#include "lower/typer.h"
#include "registry/registry.h"

namespace tflower::lower {

// Where what a plugin emits and reports goes.
struct Target {
  Typer& typer;
  ir::Subgraph& graph;
  std::vector<std::string>& notes;
  WalkServices& services;
};

// Checks inputs and attributes against the row, then runs its function. The results, by output; null where nothing was bound.
// num_outputs: what the node gives, for rows that leave it open. Errors: kInvalidGraph, kUnsupportedType, kUnsupportedShape,
// kUnsupportedAttribute; those of the plugin, with its name; kDeclined.
Result<std::vector<ir::Value*>> LowerNodeBy(const LoweringRef& lowering, const tf::Node& node, const std::vector<ir::Value*>& inputs,
                                            uint32_t num_outputs, bool allow_unknown_attrs, Target target);

// The same for a call of a function with the implements-name `name`.
Result<std::vector<ir::Value*>> LowerCallBy(const RuleRef& rule, std::string_view name, const tf::Node& node,
                                            const std::vector<ir::Value*>& inputs, uint32_t num_outputs, Target target);

}  // namespace tflower::lower
