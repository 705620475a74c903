// Makes small GraphDefs and loads them, for tests.
#pragma once

#include <string>
#include <string_view>

#include "files.h"
#include "import/load.h"
#include "import/proto/graph.pb.h"

namespace tflower::tf {

// Inputs separated by spaces.
inline void AddInputs(proto::NodeDef& node, std::string_view inputs) {
  while (!inputs.empty()) {
    const std::string_view input = inputs.substr(0, inputs.find(' '));
    node.add_input(std::string(input));
    inputs.remove_prefix(std::min(inputs.size(), input.size() + 1));
  }
}

template <class Owner>  // GraphDef or FunctionDef
proto::NodeDef& AddNode(Owner& owner, const std::string& name, const std::string& op, std::string_view inputs = "") {
  proto::NodeDef* node = nullptr;
  if constexpr (std::is_same_v<Owner, proto::GraphDef>) node = owner.add_node();
  else node = owner.add_node_def();
  node->set_name(name);
  node->set_op(op);
  AddInputs(*node, inputs);
  return *node;
}

inline proto::AttrValue& AddAttr(proto::NodeDef& node, const std::string& key) {
  auto* entry = node.add_attr();
  entry->set_key(key);
  return *entry->mutable_value();
}

inline void AddCall(proto::NodeDef& node, const std::string& function) { AddAttr(node, "f").mutable_func()->set_name(function); }

// A function with one argument "a" and one output "y".
inline proto::FunctionDef& AddFunction(proto::GraphDef& graph, const std::string& name, const std::string& result) {
  proto::FunctionDef& function = *graph.mutable_library()->add_function();
  function.mutable_signature()->set_name(name);
  auto* arg = function.mutable_signature()->add_input_arg();
  arg->set_name("a");
  arg->set_type(proto::DT_FLOAT);
  auto* out = function.mutable_signature()->add_output_arg();
  out->set_name("y");
  out->set_type(proto::DT_FLOAT);
  auto* ret = function.add_ret();
  ret->set_key("y");
  ret->set_value(result);
  return function;
}

// A graph x -> y that loads by itself.
inline proto::GraphDef SmallGraph() {
  proto::GraphDef graph;
  AddAttr(AddNode(graph, "x", "Placeholder"), "dtype").set_type(proto::DT_FLOAT);
  AddNode(graph, "y", "Relu", "x");
  return graph;
}

inline Result<Graph> Load(const proto::GraphDef& graph, const LoadOptions& options = {}) {
  const TempFolder folder;
  WriteFile(folder.Path("graph.pb"), graph.SerializeAsString());
  return LoadModel(folder.Path("graph.pb"), options);  // the mapping outlives the file's name
}

inline Code LoadCode(const proto::GraphDef& graph, const LoadOptions& options = {}) {
  const auto result = Load(graph, options);
  return result.ok() ? Code::kOk : result.error().code;
}

}  // namespace tflower::tf
