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
  const tf::Graph& source;
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

// A call of a function that says what it implements.
struct CompositeCall {
  std::string_view name;                  // implements-name
  std::span<const tf::Attr> attrs;        // that come with the name
  std::span<const tflower_type> outputs;  // what the model says of the results
};
// The attribute of an implements-name that makes any function a custom operator.
inline constexpr std::string_view kFusableOp = "tfl_fusable_op";

// The same for such a call. kDeclined also for attributes that the rule does not know, or does not allow.
Result<std::vector<ir::Value*>> LowerCallBy(const RuleRef& rule, const CompositeCall& call, const tf::Node& node, const std::vector<ir::Value*>& inputs,
                                            Target target);

}  // namespace tflower::lower
