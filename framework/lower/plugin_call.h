// One node, or one call of a composite function, through one row of a plugin.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/tf_graph.h"
#include "ir/graph.h"
#include "lower/attrs.h"
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
  const LowerContext::Options& options;
};

// Checks inputs and attributes against the row, then runs its function. The results, by output; null where nothing was bound.
// num_outputs: what the node gives, for rows that leave it open. Errors: kInvalidGraph, kUnsupportedType, kUnsupportedShape,
// kUnsupportedAttribute; those of the plugin, with its name; kDeclined.
Result<std::vector<ir::Value*>> LowerNodeBy(const LoweringRef& lowering, const tf::Node& node, const std::vector<ir::Value*>& inputs,
                                            uint32_t num_outputs, bool allow_unknown_attrs, Target target);

// The node of a handle, for its own lowering and for those of the ops that use it. Errors: of its attributes.
class HandleNode {
 public:
  HandleNode(const tf::Node& node, const LoweringRef& lowering, uint32_t number) : source_(node), lowering_(lowering), number_(number) {}
  HandleNode(const HandleNode&) = delete;
  HandleNode& operator=(const HandleNode&) = delete;
  const tf::Node& source() const { return source_; }
  const tflower_lowering& row() const { return *lowering_.row; }
  Result<const tflower_node*> View(bool allow_unknown_attrs);
  // Runs the handle's lowering; gives what it bound, by part.
  Result<std::vector<ir::Value*>> Lower(bool allow_unknown_attrs, Target target);
  bool filled = false;  // something gives it contents

 private:
  const tf::Node& source_;
  LoweringRef lowering_;
  uint32_t number_;
  std::optional<NodeAttrs> attrs_;
  tflower_node view_{};
};

// A call of a function that says what it implements.
struct CompositeCall {
  std::string_view name;                  // implements-name
  std::span<const tf::Attr> attrs;        // that come with the name, or of the function
  bool of_function = false;               // the latter: others than those of the rule may be among them
  std::span<const tflower_type> outputs;  // what the model says of the results
};
// The attribute of an implements-name that makes any function a custom operator.
inline constexpr std::string_view kFusableOp = "tfl_fusable_op";

// Offers a loop, the operator WHILE, to a loop rule: what takes the place of each of its results, by index. kDeclined, with or without a reason.
Result<std::vector<ir::Value*>> FuseLoopBy(const RuleRef& rule, ir::Operator& loop, std::string_view node, Target target);

// The same for such a call. kDeclined also for attributes that the rule does not know, or does not allow.
Result<std::vector<ir::Value*>> LowerCallBy(const RuleRef& rule, const CompositeCall& call, const tf::Node& node, const std::vector<ir::Value*>& inputs,
                                            Target target);

}  // namespace tflower::lower
