// Walk: the subgraphs of branches and loops. Functions are executed on abstract values like everything else, each in a subgraph of its own.
// Constants and handles go into subgraphs as what they are, not as operands.
#include <algorithm>

#include <fmt/format.h>

#include "lower/tensor_list.h"
#include "lower/walk.h"

namespace tflower::lower {

Result<std::vector<const tf::Function*>> Walk::FunctionsOf(const tf::Node& node, std::initializer_list<const char*> attrs) {
  std::vector<const tf::Function*> out;
  for (const char* name : attrs) {
    const tf::Attr* attr = node.Find(name);
    if (attr == nullptr) return Error(Code::kInvalidGraph, "the node lacks this attribute").What(name);
    const size_t before = out.size();
    Status status = Ok();
    tf::EachFunctionName(*attr, [&](std::string_view function) {
      if (!status.ok()) return;
      Result<const tf::Function*> found = tf_.FindFunction(function);
      if (found.ok()) out.push_back(found.value());
      else status = std::move(found.error());
    });
    TFLOWER_CHECK(std::move(status));
    if (out.size() == before) return Error(Code::kInvalidGraph, "names no function").What(name);
  }
  return out;
}

Result<ir::Subgraph*> Walk::InSubgraph(std::string_view name, const std::function<Status(ir::Subgraph&)>& fill) {
  auto graph = std::make_unique<ir::Subgraph>();
  graph->name = name;
  Region region{graph.get(), {}, {}};
  if (nesting_ == kMaxNesting) return Error(Code::kUnsupportedGraph, fmt::format("branches and loops are nested deeper than {}", kMaxNesting));
  Region* const outer = std::exchange(region_, &region);
  ++nesting_;
  Status status = fill(*graph);
  --nesting_;
  region_ = outer;
  TFLOWER_CHECK(std::move(status));
  bodies_.push_back(std::move(graph));
  return bodies_.back().get();
}

// What a subgraph sees of a variable; adds an input to it where that is a tensor.
Result<ir::Value*> Walk::Argument(ir::Subgraph& graph, const LoopVariable& variable) {
  ir::Value* v = graph.NewValue();
  v->name = variable.outer->name;
  if (variable.outer->is_handle()) {
    v->dtype = DType::kResource;
    v->resource = variable.outer->resource;
    return v;
  }
  if (variable.constant) return typer_.AddConstant(graph, variable.outer->constant);
  const ir::List* const list = variable.outer->list.get();
  if (variable.tensor == nullptr)  // a list that nothing was written to yet, of known length
    return MakeList(graph, {.dtype = list->dtype, .element = list->element, .length = typer_.AddConstant(graph, list->length->constant), .grows = list->grows});
  v->dtype = variable.tensor->dtype;
  v->dims = variable.dims;
  if (variable.known && variable.tensor->symbolic) v->symbolic = std::make_unique<ir::WorldBytes>(*variable.tensor->symbolic);
  graph.inputs.push_back({"", v});
  if (list == nullptr) return v;
  return ListFrom(*list, variable, v);
}

}  // namespace tflower::lower
