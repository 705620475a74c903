// What a model says of a node's results: element types from the op's definition, shapes as the exporter recorded them.
#pragma once

#include <string_view>
#include <vector>

#include "import/tf_graph.h"

namespace tflower::tf {

struct OutputType {
  DataType dtype = DataType::kInvalid;  // kInvalid: not known
  PartialShape shape;                   // nullopt: not known; -1: a dimension that is not known
};

// One entry for each result that is known of; empty when nothing says how many there are. Types come from the model's op list, the
// attribute _output_types or TensorFlow's own ops; shapes from the attribute _output_shapes, which SavedModels have on every node.
std::vector<OutputType> OutputTypes(const Graph& graph, const Node& node);

// The same of a function's results.
std::vector<OutputType> ResultTypes(const Function& function);

// What the exporter recorded of the shape of a tensor within `scope` (the body of `function`, or the main graph: null).
PartialShape RecordedShape(const Scope& scope, const Function* function, const Input& input);

// The op may keep state or draw random numbers. Ops that nothing is known of may.
bool IsStateful(const Graph& graph, std::string_view op);

}  // namespace tflower::tf
