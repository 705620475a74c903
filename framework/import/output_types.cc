#include "import/output_types.h"

#include <algorithm>

#include "import/known_ops.h"

namespace tflower::tf {
namespace {

constexpr int64_t kMaxOutputs = 65536;

// The attribute on the node, else the default that the model's op list has for it.
const Attr* FindWithDefault(const Node& node, const OpDef* def, std::string_view name) {
  if (const Attr* attr = node.Find(name)) return attr;
  if (def != nullptr)
    for (const OpDef::AttrDef& attr : def->attrs)
      if (attr.name == name && !attr.default_value.value.empty()) return &attr.default_value;
  return nullptr;
}

std::vector<DataType> TypesIn(const Attr* attr) {
  if (attr == nullptr) return {};
  const Result<std::vector<DataType>> types = AttrTypes(*attr);
  return types.ok() ? types.value() : std::vector<DataType>();
}

DataType TypeIn(const Attr* attr) {
  if (attr == nullptr) return DataType::kInvalid;
  const Result<DataType> type = AttrType(*attr);
  return type.ok() ? type.value() : DataType::kInvalid;
}

// Adds the results of one output argument.
void Add(const Node& node, const OpDef* def, const ArgDef& arg, std::vector<OutputType>& out) {
  if (!arg.type_list_attr.empty()) {
    for (DataType type : TypesIn(FindWithDefault(node, def, arg.type_list_attr))) out.push_back({type, std::nullopt});
    return;
  }
  int64_t count = 1;
  if (!arg.number_attr.empty()) {
    const Attr* attr = FindWithDefault(node, def, arg.number_attr);
    const Result<int64_t> n = attr != nullptr ? AttrInt(*attr) : Result<int64_t>(int64_t{0});
    count = n.ok() ? std::clamp<int64_t>(n.value(), 0, kMaxOutputs) : 0;
  }
  const DataType type = arg.type_attr.empty() ? arg.dtype : TypeIn(FindWithDefault(node, def, arg.type_attr));
  out.insert(out.end(), static_cast<size_t>(count), OutputType{type, std::nullopt});
}

std::vector<PartialShape> ShapesIn(const Attr* attr) {
  if (attr == nullptr) return {};
  const Result<std::vector<PartialShape>> shapes = AttrShapes(*attr);
  return shapes.ok() ? shapes.value() : std::vector<PartialShape>();
}

}  // namespace

std::vector<OutputType> OutputTypes(const Graph& graph, const Node& node) {
  std::vector<OutputType> out;
  const OpDef* def = graph.FindOpDef(node.op);
  if (const std::vector<DataType> types = TypesIn(node.Find("_output_types")); !types.empty()) {
    for (DataType type : types) out.push_back({type, std::nullopt});
  } else if (def != nullptr) {
    for (const ArgDef& arg : def->outputs) Add(node, def, arg, out);
  } else if (const KnownOp* known = FindKnownOp(node.op)) {
    for (const ArgDef& arg : ResultsOf(*known)) Add(node, nullptr, arg, out);
  }
  const std::vector<PartialShape> shapes = ShapesIn(node.Find("_output_shapes"));
  if (shapes.size() == out.size())
    for (size_t i = 0; i < out.size(); ++i) out[i].shape = shapes[i];
  return out;
}

std::vector<OutputType> ResultTypes(const Function& function) {
  std::vector<OutputType> out;
  for (size_t i = 0; i < function.results.size(); ++i) {
    OutputType type{function.outputs[i].dtype, RecordedShape(function.body, &function, function.results[i])};
    out.push_back(std::move(type));
  }
  return out;
}

PartialShape RecordedShape(const Scope& scope, const Function* function, const Input& input) {
  std::vector<PartialShape> shapes;
  size_t index = static_cast<size_t>(std::max(input.output, 0));
  if (input.node >= 0) {
    shapes = ShapesIn(scope.nodes()[static_cast<size_t>(input.node)].Find("_output_shapes"));
  } else if (function != nullptr && input.arg >= 0 && static_cast<size_t>(input.arg) < function->arg_attrs.size()) {
    index = 0;
    for (const Attr& attr : function->arg_attrs[static_cast<size_t>(input.arg)])
      if (attr.name == "_output_shapes") shapes = ShapesIn(&attr);
  }
  return index < shapes.size() ? shapes[index] : std::nullopt;
}

bool IsStateful(const Graph& graph, std::string_view op) {
  if (const OpDef* def = graph.FindOpDef(op)) return def->stateful;
  const KnownOp* known = FindKnownOp(op);
  return known == nullptr || known->stateful;
}

}  // namespace tflower::tf
