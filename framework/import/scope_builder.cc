#include "import/scope_builder.h"

#include <bit>
#include <string>

#include "import/tensor_ref.h"
#include "import/wire.h"

namespace tflower::tf {
namespace {

size_t HashName(std::string_view name) { return std::hash<std::string_view>()(name); }

}  // namespace

const Attr* Node::Find(std::string_view attr) const {
  for (const Attr& candidate : attrs)
    if (candidate.name == attr) return &candidate;
  return nullptr;
}

std::optional<uint32_t> Scope::FindIndex(std::string_view name) const {
  if (slots_.empty()) return std::nullopt;
  const size_t mask = slots_.size() - 1;
  for (size_t slot = HashName(name) & mask; slots_[slot] != 0; slot = (slot + 1) & mask)
    if (nodes_[slots_[slot] - 1].name == name) return slots_[slot] - 1;
  return std::nullopt;
}

const Node* Scope::FindNode(std::string_view name) const {
  const auto index = FindIndex(name);
  return index ? &nodes_[*index] : nullptr;
}

Result<Attr> ParseAttrEntry(const FileBytes& file, std::string_view bytes) {
  Attr attr;
  Wire wire(bytes);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): attr.name = wire.Bytes(); break;
      case Wire::Len(2): attr.value = wire.Bytes(); break;
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "an attribute is broken");
  return attr;
}

void ScopeBuilder::Reserve(size_t nodes) {
  scope_.nodes_.reserve(nodes);
  counts_.reserve(nodes);
  scope_.inputs_.reserve(2 * nodes);
  scope_.attrs_.reserve(3 * nodes);
}

Status ScopeBuilder::Add(std::string_view node_def) {
  Node node;
  Counts counts;
  bool input_after_control = false;
  Wire wire(node_def);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): node.name = wire.Bytes(); break;
      case Wire::Len(2): node.op = wire.Bytes(); break;
      case Wire::Len(3): {
        Input input;
        input.ref = wire.Bytes();
        const bool control = input.ref.starts_with('^');
        input_after_control = input_after_control || (!control && counts.control_inputs > 0);
        ++(control ? counts.control_inputs : counts.inputs);
        scope_.inputs_.push_back(input);
        break;
      }
      case Wire::Len(4): node.device = wire.Bytes(); break;
      case Wire::Len(5): {
        TFLOWER_TRY(const Attr attr, ParseAttrEntry(file_, wire.Bytes()));
        scope_.attrs_.push_back(attr);
        ++counts.attrs;
        break;
      }
      default: wire.Skip();
    }
  if (!wire.ok()) return file_.Malformed(wire.position(), "a node is broken").Node(node.name);
  if (node.name.empty() || node.op.empty())
    return Error(Code::kInvalidGraph, "a node without a name or without an op").Op(node.op).Node(node.name);
  if (input_after_control)
    return Error(Code::kInvalidGraph, "a data input follows a control input").Op(node.op).Node(node.name);
  scope_.nodes_.push_back(node);
  counts_.push_back(counts);
  return Ok();
}

Status ScopeBuilder::Index() {
  std::vector<Node>& nodes = scope_.nodes_;
  scope_.slots_.assign(std::bit_ceil(2 * nodes.size() + 1), 0);
  const size_t mask = scope_.slots_.size() - 1;
  const Input* input = scope_.inputs_.data();
  const Attr* attr = scope_.attrs_.data();
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Counts& counts = counts_[i];
    nodes[i].inputs = {input, counts.inputs};
    nodes[i].control_inputs = {input + counts.inputs, counts.control_inputs};
    nodes[i].attrs = {attr, counts.attrs};
    input += counts.inputs + counts.control_inputs;
    attr += counts.attrs;

    size_t slot = HashName(nodes[i].name) & mask;
    for (; scope_.slots_[slot] != 0; slot = (slot + 1) & mask)
      if (nodes[scope_.slots_[slot] - 1].name == nodes[i].name)
        return Error(Code::kInvalidGraph, "two nodes have this name").Op(nodes[i].op).Node(nodes[i].name);
    scope_.slots_[slot] = static_cast<uint32_t>(i + 1);
  }
  return Ok();
}

Status ScopeBuilder::Link(const Resolve& resolve) {
  Input* input = scope_.inputs_.data();
  for (size_t i = 0; i < scope_.nodes_.size(); ++i) {
    const Node& node = scope_.nodes_[i];
    for (uint32_t k = 0; k < counts_[i].inputs + counts_[i].control_inputs; ++k, ++input) {
      Result<Input> resolved = resolve(input->ref);
      if (!resolved.ok())
        return std::move(resolved.error()).Op(node.op).Node(node.name).What("input " + std::to_string(k));
      *input = resolved.value();
    }
  }
  return Ok();
}

Result<Input> ResolveInMain(const Scope& scope, std::string_view ref) {
  TFLOWER_TRY(const TensorRef parts, ParseTensorRef(ref));
  Input input;
  input.ref = ref;
  const Node* node = scope.FindNode(parts.node);
  if (!node || !parts.out_arg.empty()) return Error(Code::kInvalidGraph, "'" + std::string(ref) + "' names nothing in the graph");
  input.node = static_cast<int32_t>(scope.IndexOf(*node));
  input.output = parts.number;
  return input;
}

}  // namespace tflower::tf
