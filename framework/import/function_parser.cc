#include "import/function_parser.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "import/scope_builder.h"
#include "import/tensor_ref.h"
#include "import/wire.h"

namespace tflower::tf {
namespace {

using NamePair = std::pair<std::string_view, std::string_view>;

// Fields of FunctionDef that can only be understood when all nodes are known.
struct Pending {
  std::vector<NamePair> ret, control_ret;
  std::vector<std::string_view> arg_attrs;
};

size_t CountNodes(std::string_view function_def) {
  size_t count = 0;
  Wire wire(function_def);
  while (wire.Next()) {
    count += wire.tag() == Wire::Len(3);
    wire.Skip();
  }
  return count;
}

class Parser {
 public:
  Parser(const FileBytes& file, const OpTable& ops, const FindSignature& find_signature, Function& function)
      : file_(file), ops_(ops), find_signature_(find_signature), function_(function), builder_(file, function.body) {}

  Status Parse(std::string_view bytes) {
    builder_.Reserve(CountNodes(bytes));
    TFLOWER_CHECK(ReadFields(bytes));
    TFLOWER_CHECK(builder_.Index());
    TFLOWER_CHECK(IndexArgs());
    TFLOWER_CHECK(builder_.Link([&](std::string_view ref) { return Resolve(ref); }));
    TFLOWER_CHECK(LinkResults());
    return ReadArgAttrs();
  }

 private:
  Status ReadFields(std::string_view bytes) {
    Wire wire(bytes);
    while (wire.Next()) switch (wire.tag()) {
        case Wire::Len(1): TFLOWER_CHECK(ReadSignature(wire.Bytes())); break;
        case Wire::Len(3): TFLOWER_CHECK(builder_.Add(wire.Bytes())); break;
        case Wire::Len(4): TFLOWER_CHECK(ReadPair(wire.Bytes(), pending_.ret)); break;
        case Wire::Len(5): {
          TFLOWER_TRY(const Attr attr, ParseAttrEntry(file_, wire.Bytes()));
          function_.attrs.push_back(attr);
          break;
        }
        case Wire::Len(6): TFLOWER_CHECK(ReadPair(wire.Bytes(), pending_.control_ret)); break;
        case Wire::Len(7): pending_.arg_attrs.push_back(wire.Bytes()); break;
        default: wire.Skip();
      }
    if (!wire.ok()) return file_.Malformed(wire.position(), "a function is broken");
    return Ok();
  }

  Status ReadSignature(std::string_view bytes) {
    TFLOWER_TRY(OpDef op, ParseOpDef(file_, bytes));
    function_.name = op.name;
    function_.args = std::move(op.inputs);
    function_.outputs = std::move(op.outputs);
    for (const auto* list : {&function_.args, &function_.outputs})
      for (const ArgDef& arg : *list)
        if (!arg.number_attr.empty() || !arg.type_list_attr.empty())
          return Error(Code::kUnsupportedGraph, "the argument '" + std::string(arg.name) + "' is a list of tensors");
    return Ok();
  }

  Status ReadPair(std::string_view bytes, std::vector<NamePair>& pairs) {
    NamePair pair;
    Wire wire(bytes);
    while (wire.Next()) switch (wire.tag()) {
        case Wire::Len(1): pair.first = wire.Bytes(); break;
        case Wire::Len(2): pair.second = wire.Bytes(); break;
        default: wire.Skip();
      }
    if (!wire.ok()) return file_.Malformed(wire.position(), "a function's result is broken");
    pairs.push_back(pair);
    return Ok();
  }

  Status IndexArgs() {
    for (size_t i = 0; i < function_.args.size(); ++i) {
      const std::string_view name = function_.args[i].name;
      if (!args_.emplace(name, static_cast<int32_t>(i)).second || function_.body.FindNode(name))
        return Error(Code::kInvalidGraph, "two arguments or nodes have the name '" + std::string(name) + "'");
    }
    return Ok();
  }

  Result<Input> Resolve(std::string_view ref) {
    TFLOWER_TRY(const TensorRef parts, ParseTensorRef(ref));
    Input input;
    input.ref = ref;
    if (const auto arg = args_.find(parts.node); arg != args_.end()) {
      if (parts.number > 0) return Error(Code::kInvalidGraph, "'" + std::string(ref) + "': the argument is one tensor");
      input.arg = arg->second;
      input.output = parts.number;
      return input;
    }
    const Node* node = function_.body.FindNode(parts.node);
    if (!node) return Error(Code::kInvalidGraph, "'" + std::string(ref) + "' names no argument and no node");
    input.node = static_cast<int32_t>(function_.body.IndexOf(*node));
    TFLOWER_TRY(input.output, OutputNumber(*node, parts));
    return input;
  }

  Result<int32_t> OutputNumber(const Node& node, const TensorRef& parts) {
    if (parts.out_arg.empty()) return parts.number;
    TFLOWER_TRY(const OpDef* const callee, find_signature_(node.op));
    if (callee != nullptr) return ResultNumber(node, *callee, parts);
    TFLOWER_TRY(const std::optional<int32_t> first, ops_.FirstOutput(node, parts.out_arg));
    if (first) return *first + parts.number;
    // An op that nothing is known of: fine while only one output argument is ever named.
    const auto [known, fresh] = unknown_ops_.emplace(node.op, parts.out_arg);
    if (!fresh && known->second != parts.out_arg)
      return Error(Code::kUnsupportedOp, "the model does not say how the outputs of the op " + std::string(node.op) + " are numbered")
          .Hint("save it as a SavedModel: that holds a list of its ops");
    return parts.number;
  }

  // A call by the function's name. Its results are single tensors.
  static Result<int32_t> ResultNumber(const Node& node, const OpDef& callee, const TensorRef& parts) {
    const auto result = std::find_if(callee.outputs.begin(), callee.outputs.end(), [&](const ArgDef& out) { return out.name == parts.out_arg; });
    if (result != callee.outputs.end() && parts.number == 0) return static_cast<int32_t>(result - callee.outputs.begin());
    return Error(Code::kInvalidGraph, "the function " + std::string(node.op) + " has no result '" + std::string(parts.out_arg) + "'");
  }

  Status LinkResults() {
    std::map<std::string_view, std::string_view> ret(pending_.ret.begin(), pending_.ret.end());
    for (const ArgDef& output : function_.outputs) {
      const auto found = ret.find(output.name);
      if (found == ret.end())
        return Error(Code::kInvalidGraph, "the function gives no value for its output '" + std::string(output.name) + "'");
      TFLOWER_TRY(Input input, Resolve(found->second));
      function_.results.push_back(input);
    }
    for (const NamePair& pair : pending_.control_ret) {
      TFLOWER_TRY(Input input, Resolve(pair.second));
      input.output = kControl;
      function_.control_results.push_back(input);
    }
    return Ok();
  }

  // map<uint32, ArgAttrs{map<string, AttrValue>}>
  Status ReadArgAttrs() {
    function_.arg_attrs.resize(function_.args.size());
    for (const std::string_view bytes : pending_.arg_attrs) {
      uint64_t index = 0;
      std::string_view attrs;
      Wire wire(bytes);
      while (wire.Next()) switch (wire.tag()) {
          case Wire::Varint(1): index = wire.Uint(); break;
          case Wire::Len(2): attrs = wire.Bytes(); break;
          default: wire.Skip();
        }
      if (!wire.ok()) return file_.Malformed(wire.position(), "a function's argument attributes are broken");
      if (index >= function_.arg_attrs.size())
        return Error(Code::kInvalidGraph, "attributes are given for argument " + std::to_string(index) + ", which is not there");
      TFLOWER_CHECK(ReadAttrs(attrs, function_.arg_attrs[index]));
    }
    return Ok();
  }

  Status ReadAttrs(std::string_view bytes, std::vector<Attr>& attrs) {
    Wire wire(bytes);
    while (wire.Next()) {
      if (wire.tag() != Wire::Len(1)) {
        wire.Skip();
        continue;
      }
      TFLOWER_TRY(const Attr attr, ParseAttrEntry(file_, wire.Bytes()));
      attrs.push_back(attr);
    }
    if (!wire.ok()) return file_.Malformed(wire.position(), "a function's argument attributes are broken");
    return Ok();
  }

  const FileBytes& file_;
  const OpTable& ops_;
  const FindSignature& find_signature_;
  Function& function_;
  ScopeBuilder builder_;
  Pending pending_;
  std::map<std::string_view, int32_t> args_;
  std::map<std::string_view, std::string_view> unknown_ops_;  // op -> the one output argument that was named
};

}  // namespace

const Attr* Function::Find(std::string_view attr) const {
  for (const Attr& candidate : attrs)
    if (candidate.name == attr) return &candidate;
  return nullptr;
}

Status ParseFunction(const FileBytes& file, const OpTable& ops, const FindSignature& find_signature, std::string_view bytes, Function& function) {
  return Parser(file, ops, find_signature, function).Parse(bytes);
}

}  // namespace tflower::tf
