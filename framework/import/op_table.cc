#include "import/op_table.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "import/known_ops.h"
#include "import/wire.h"

namespace tflower::tf {
namespace {

Result<ArgDef> ParseArgDef(const FileBytes& file, std::string_view bytes) {
  ArgDef arg;
  Wire wire(bytes);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): arg.name = wire.Bytes(); break;
      case Wire::Varint(3): arg.dtype = ToDataType(wire.Uint()); break;
      case Wire::Len(4): arg.type_attr = wire.Bytes(); break;
      case Wire::Len(5): arg.number_attr = wire.Bytes(); break;
      case Wire::Len(6): arg.type_list_attr = wire.Bytes(); break;
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "an OpDef argument is broken");
  return arg;
}

Result<OpDef::AttrDef> ParseAttrDef(const FileBytes& file, std::string_view bytes) {
  OpDef::AttrDef attr;
  Wire wire(bytes);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): attr.name = wire.Bytes(); break;
      case Wire::Len(2): attr.type = wire.Bytes(); break;
      case Wire::Len(3): attr.default_value.value = wire.Bytes(); break;
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "an OpDef attribute is broken");
  attr.default_value.name = attr.name;
  return attr;
}

// The attribute on the node, else its default.
const Attr* FindWithDefault(const Node& node, const OpDef& op, std::string_view name) {
  if (const Attr* attr = node.Find(name)) return attr;
  for (const OpDef::AttrDef& attr : op.attrs)
    if (attr.name == name && !attr.default_value.value.empty()) return &attr.default_value;
  return nullptr;
}

Error NoOutput(const Node& node, std::string_view out_arg) {
  return Error(Code::kInvalidGraph, "the op has no output '" + std::string(out_arg) + "'").Op(node.op).Node(node.name);
}

// How many tensors the output argument `arg` of `node` has.
Result<int64_t> CountTensors(const Node& node, const OpDef& op, const ArgDef& arg) {
  if (arg.number_attr.empty() && arg.type_list_attr.empty()) return 1;
  const bool by_number = !arg.number_attr.empty();
  const std::string_view attr_name = by_number ? arg.number_attr : arg.type_list_attr;
  const Attr* attr = FindWithDefault(node, op, attr_name);
  if (!attr && op.attrs.empty()) return 1;  // TensorFlow's list has no defaults
  if (!attr)
    return Error(Code::kInvalidGraph, "the attribute that says how many outputs there are is missing")
        .Op(node.op).Node(node.name).What(attr_name);
  int64_t count = 0;
  if (by_number) {
    TFLOWER_TRY(count, AttrInt(*attr));
  } else {
    TFLOWER_TRY(const std::vector<DataType> types, AttrTypes(*attr));
    count = static_cast<int64_t>(types.size());
  }
  constexpr int64_t kMaxOutputs = 1 << 24;
  if (count < 0 || count > kMaxOutputs)
    return Error(Code::kInvalidGraph, "the op cannot have " + std::to_string(count) + " outputs")
        .Op(node.op).Node(node.name).What(attr_name);
  return count;
}

}  // namespace

Result<OpDef> ParseOpDef(const FileBytes& file, std::string_view bytes) {
  OpDef op;
  Wire wire(bytes);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): op.name = wire.Bytes(); break;
      case Wire::Len(2): {
        TFLOWER_TRY(const ArgDef arg, ParseArgDef(file, wire.Bytes()));
        op.inputs.push_back(arg);
        break;
      }
      case Wire::Len(3): {
        TFLOWER_TRY(const ArgDef arg, ParseArgDef(file, wire.Bytes()));
        op.outputs.push_back(arg);
        break;
      }
      case Wire::Len(4): {
        TFLOWER_TRY(const OpDef::AttrDef attr, ParseAttrDef(file, wire.Bytes()));
        op.attrs.push_back(attr);
        break;
      }
      case Wire::Varint(17): op.stateful = wire.Uint() != 0; break;
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "an OpDef is broken");
  return op;
}

Status OpTable::Add(const FileBytes& file, std::string_view op_list) {
  Wire wire(op_list);
  while (wire.Next()) {
    if (wire.tag() != Wire::Len(1)) {
      wire.Skip();
      continue;
    }
    TFLOWER_TRY(OpDef op, ParseOpDef(file, wire.Bytes()));
    ops_.insert_or_assign(op.name, std::move(op));
  }
  if (!wire.ok()) return file.Malformed(wire.position(), "the op list is broken");
  return Ok();
}

const OpDef* OpTable::Find(std::string_view op) const {
  const auto found = ops_.find(op);
  return found == ops_.end() ? nullptr : &found->second;
}

const OpDef* OpTable::Definition(std::string_view op) const {
  if (const OpDef* own = Find(op)) return own;
  const KnownOp* row = FindKnownOp(op);
  if (row == nullptr) return nullptr;
  const auto [known, fresh] = known_.try_emplace(row->name);
  if (fresh) known->second.outputs = ResultsOf(*row);
  return &known->second;
}

Result<std::optional<int32_t>> OpTable::FirstOutput(const Node& node, std::string_view out_arg) const {
  const OpDef* op = Definition(node.op);
  if (op == nullptr || (op->outputs.size() == 1 && op->outputs[0].name.empty())) return std::optional<int32_t>();
  int64_t first = 0;
  for (const ArgDef& arg : op->outputs) {
    if (arg.name == out_arg) return std::optional<int32_t>(static_cast<int32_t>(first));
    TFLOWER_TRY(const int64_t count, CountTensors(node, *op, arg));
    first += count;
    if (first > INT32_MAX) break;
  }
  return NoOutput(node, out_arg);
}

Result<int32_t> OpTable::CountOutputs(const Node& node) const {
  const OpDef* op = Definition(node.op);
  if (op == nullptr) return 1;
  int64_t total = 0;
  for (const ArgDef& arg : op->outputs) {
    TFLOWER_TRY(const int64_t count, CountTensors(node, *op, arg));
    total = std::min<int64_t>(total + count, INT32_MAX);
  }
  return static_cast<int32_t>(total);
}

}  // namespace tflower::tf
