// ConstantSource: constants of the target graph from Const nodes and variables, referencing the model's files where they lie.
#pragma once

#include <string>
#include <unordered_map>

#include "import/tf_graph.h"
#include "ir/constant.h"

namespace tflower::lower {

class ConstantSource {
 public:
  explicit ConstantSource(const tf::Graph& graph) : graph_(graph) {}

  // The `value` attribute of a Const node, or the path of the asset that the model says it stands for. Errors name the attribute.
  Result<ir::ConstantRef> Const(const tf::Node& node);
  // The value of a variable of the main graph, checksum verified; one Constant for all who read it.
  Result<ir::ConstantRef> Variable(const std::string& node_name);

 private:
  const tf::Graph& graph_;
  std::unordered_map<std::string, ir::ConstantRef> variables_;
};

}  // namespace tflower::lower
