// A signature made of tensors that the user names, and shapes that the user gives.

#include <algorithm>
#include <set>
#include <string>

#include "import/scope_builder.h"
#include "import/signatures.h"

namespace tflower::tf {
namespace {

std::string WithoutZero(std::string_view tensor) {
  if (tensor.ends_with(":0")) tensor.remove_suffix(2);
  return std::string(tensor);
}

// The type of a tensor, as far as attributes and the model's op list tell: kInvalid when they do not.
DataType TypeOf(const Node& node, int32_t output, const OpTable& ops) {
  std::string_view attr_name;
  if (const OpDef* op = ops.Find(node.op); op && static_cast<size_t>(output) < op->outputs.size()) {
    const ArgDef& arg = op->outputs[static_cast<size_t>(output)];
    if (arg.dtype != DataType::kInvalid) return arg.dtype;
    attr_name = arg.type_attr;
  }
  for (const std::string_view name : {attr_name, std::string_view("dtype"), std::string_view("DstT"), std::string_view("T")}) {
    const Attr* attr = name.empty() ? nullptr : node.Find(name);
    if (!attr) continue;
    if (auto type = AttrType(*attr); type.ok()) return type.value();
  }
  return DataType::kInvalid;
}

// A placeholder's shape; `_output_shapes` where the graph was saved with them; else unknown.
PartialShape ShapeOf(const Node& node, int32_t output) {
  if (const Attr* attr = node.Find("shape"))
    if (auto shape = AttrShape(*attr); shape.ok() && output == 0) return shape.value();
  if (const Attr* attr = node.Find("_output_shapes"))
    if (auto shapes = AttrShapes(*attr); shapes.ok() && static_cast<size_t>(output) < shapes.value().size())
      return shapes.value()[static_cast<size_t>(output)];
  return PartialShape();
}

bool IsPlaceholder(const Node& node) { return node.op == "Placeholder"; }

TensorInfo Describe(const Scope& main, const OpTable& ops, int32_t index, int32_t output) {
  const Node& node = main.nodes()[static_cast<size_t>(index)];
  TensorInfo info;
  info.name = std::string(node.name) + ":" + std::to_string(output);
  info.key = WithoutZero(info.name);
  info.node = index;
  info.output = output;
  info.dtype = TypeOf(node, output, ops);
  info.shape = ShapeOf(node, output);
  return info;
}

Result<std::vector<TensorInfo>> Named(const Scope& main, const OpTable& ops, const std::vector<std::string>& names) {
  std::vector<TensorInfo> infos;
  for (const std::string& name : names) {
    auto input = ResolveInMain(main, name);
    if (!input.ok()) return Error(Code::kNotFound, "the graph has no tensor '" + name + "'").Hint("tflower inspect lists its tensors");
    TensorInfo info = Describe(main, ops, input.value().node, input.value().output);
    const bool twice = std::any_of(infos.begin(), infos.end(), [&](const TensorInfo& other) { return other.name == info.name; });
    if (twice) return Error(Code::kUsage, "the tensor '" + name + "' is named twice");
    infos.push_back(std::move(info));
  }
  return infos;
}

// The tensors of nodes that nobody reads, of ops that compute something.
Result<std::vector<TensorInfo>> Leaves(const Scope& main, const OpTable& ops) {
  constexpr size_t kMaxLeaves = 10'000;
  std::vector<bool> read(main.nodes().size());
  for (const Node& node : main.nodes())
    for (const Input& input : node.inputs) read[static_cast<size_t>(input.node)] = true;
  std::vector<TensorInfo> leaves;
  for (size_t i = 0; i < read.size(); ++i) {
    const Node& node = main.nodes()[i];
    const bool computes = !node.inputs.empty() && node.op != "Assert" && !node.op.starts_with("Assign") && node.op != "SaveV2";
    if (read[i] || !computes) continue;
    TFLOWER_TRY(const int32_t outputs, ops.CountOutputs(node));
    if (leaves.size() + static_cast<size_t>(outputs) > kMaxLeaves)
      return Error(Code::kUnsupportedGraph, "the graph has too many tensors that nobody reads").Hint("name the outputs with --outputs");
    for (int32_t output = 0; output < outputs; ++output) leaves.push_back(Describe(main, ops, static_cast<int32_t>(i), output));
  }
  return leaves;
}

// Placeholders from which `outputs` are computed, in file order.
std::vector<TensorInfo> PlaceholdersOf(const Scope& main, const OpTable& ops, const std::vector<TensorInfo>& outputs) {
  std::vector<bool> needed(main.nodes().size());
  std::vector<int32_t> pending;
  const auto need = [&](int32_t index) {
    if (!needed[static_cast<size_t>(index)]) pending.push_back(index);
    needed[static_cast<size_t>(index)] = true;
  };
  for (const TensorInfo& output : outputs) need(output.node);
  while (!pending.empty()) {
    const Node& node = main.nodes()[static_cast<size_t>(pending.back())];
    pending.pop_back();
    for (const Input& input : node.inputs) need(input.node);
  }
  std::vector<TensorInfo> inputs;
  for (size_t i = 0; i < needed.size(); ++i)
    if (needed[i] && IsPlaceholder(main.nodes()[i])) inputs.push_back(Describe(main, ops, static_cast<int32_t>(i), 0));
  return inputs;
}

std::string ListInputs(const std::vector<Signature>& signatures) {
  std::set<std::string> keys;
  for (const Signature& signature : signatures)
    for (const TensorInfo& input : signature.inputs) keys.insert(input.key);
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : ", ") + key;
  return text.empty() ? "none" : text;
}

Status ApplyShape(const std::string& name, const std::vector<int64_t>& dims, TensorInfo& input) {
  const auto misfit = [&](const std::string& why) { return Error(Code::kUsage, "the shape given for input '" + name + "' " + why); };
  for (const int64_t dim : dims)
    if (dim < -1) return misfit("has the dimension " + std::to_string(dim));
  if (input.shape && input.shape->size() != dims.size())
    return misfit("has " + std::to_string(dims.size()) + " dimensions, the model's has " + std::to_string(input.shape->size()));
  if (!input.shape) {
    input.shape = dims;
    return Ok();
  }
  for (size_t i = 0; i < dims.size(); ++i) {
    int64_t& known = (*input.shape)[i];
    if (known != -1 && known != dims[i])
      return misfit("has " + std::to_string(dims[i]) + " as dimension " + std::to_string(i) + ", where the model fixes " + std::to_string(known));
    known = dims[i];
  }
  return Ok();
}

}  // namespace

Result<Signature> MakeSignature(const Scope& main, const OpTable& ops, const LoadOptions& options) {
  Signature signature;
  signature.key = "serving_default";
  TFLOWER_TRY(signature.outputs, Named(main, ops, options.outputs));
  if (options.outputs.empty()) {
    TFLOWER_TRY(signature.outputs, Leaves(main, ops));
  }
  TFLOWER_TRY(signature.inputs, Named(main, ops, options.inputs));
  if (options.inputs.empty()) signature.inputs = PlaceholdersOf(main, ops, signature.outputs);
  if (signature.outputs.empty()) return Error(Code::kUnsupportedGraph, "the graph computes nothing that could be an output").Hint("name one with --outputs");
  for (const TensorInfo& input : signature.inputs)
    if (input.dtype == DataType::kInvalid)
      return Error(Code::kUnsupportedGraph, "the type of the input '" + input.key + "' is not known").Hint("name a placeholder with --inputs");
  return signature;
}

Status ApplyShapes(const LoadOptions& options, std::vector<Signature>& signatures) {
  for (const auto& [name, dims] : options.input_shapes) {
    bool used = false;
    for (Signature& signature : signatures)
      for (TensorInfo& input : signature.inputs) {
        if (name != input.key && WithoutZero(name) != WithoutZero(input.name)) continue;
        used = true;
        TFLOWER_CHECK(ApplyShape(name, dims, input));
      }
    if (!used) return Error(Code::kUsage, "a shape is given for '" + name + "', which is not an input").Hint("the inputs are: " + ListInputs(signatures));
  }
  if (options.batch > 0)
    for (Signature& signature : signatures)
      for (TensorInfo& input : signature.inputs)
        if (input.shape && !input.shape->empty() && input.shape->front() == -1) input.shape->front() = options.batch;
  return Ok();
}

}  // namespace tflower::tf
