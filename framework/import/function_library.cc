#include "import/function_library.h"

#include <algorithm>
#include <string>

#include "import/control_flow_v1.h"
#include "import/function_parser.h"
#include "import/wire.h"

namespace tflower::tf {
namespace {

constexpr uint32_t kMaxCallDepth = 1536;
constexpr uint64_t kMaxInlinedNodes = 3'000'000;  // each costs some 500 bytes: within 2 GB

// The signature of a serialized FunctionDef, an OpDef.
std::string_view SignatureBytes(std::string_view function) {
  Wire wire(function);
  while (wire.Next()) {
    if (wire.tag() == Wire::Len(1)) return wire.Bytes();
    wire.Skip();
  }
  return {};
}

std::string_view FunctionName(std::string_view function) {
  Wire signature(SignatureBytes(function));
  while (signature.Next()) {
    if (signature.tag() == Wire::Len(1)) return signature.Bytes();
    signature.Skip();
  }
  return {};
}

}  // namespace

Status FunctionLibrary::Add(std::string_view library) {
  Wire wire(library);
  while (wire.Next()) {
    if (wire.tag() != Wire::Len(1)) {
      wire.Skip();
      continue;
    }
    Entry entry;
    entry.bytes = wire.Bytes();
    entry.name = FunctionName(entry.bytes);
    if (!wire.ok()) break;
    if (entry.name.empty()) return file_.Malformed(entry.bytes.data(), "a function without a name");
    if (!by_name_.emplace(entry.name, entries_.size()).second)
      return Error(Code::kInvalidGraph, "two functions have the name '" + std::string(entry.name) + "'").File(file_.path());
    entries_.push_back(std::move(entry));
  }
  if (!wire.ok()) return file_.Malformed(wire.position(), "the function library is broken");
  return Ok();
}

std::vector<std::string_view> FunctionLibrary::Names() const {
  std::vector<std::string_view> names;
  for (const Entry& entry : entries_)
    if (!entry.bytes.empty()) names.push_back(entry.name);
  return names;
}

Result<const Function*> FunctionLibrary::Find(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end())
    return Error(Code::kInvalidGraph, "the function '" + std::string(name) + "' is not in the model's library").File(file_.path());
  Entry& entry = entries_[found->second];
  if (entry.state == Entry::State::kUnseen) TFLOWER_CHECK(CheckCalls(found->second));
  if (entry.state == Entry::State::kFailed) return entry.error;
  return static_cast<const Function*>(entry.function.get());
}

Result<const OpDef*> FunctionLibrary::Signature(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return static_cast<const OpDef*>(nullptr);
  Entry& entry = entries_[found->second];
  if (entry.signature == nullptr) {
    TFLOWER_TRY(OpDef signature, ParseOpDef(file_, SignatureBytes(entry.bytes)));
    entry.signature = std::make_unique<OpDef>(std::move(signature));
  }
  return static_cast<const OpDef*>(entry.signature.get());
}

// Numbered, since conditionals of one name scope want the same name.
std::string FunctionLibrary::FreeName(const std::string& wish) {
  uint32_t& count = made_names_[wish];
  std::string name = wish;
  while (by_name_.contains(name)) name = wish + "_" + std::to_string(++count);
  return name;
}

void FunctionLibrary::AddFunction(std::unique_ptr<Function> function) {
  Entry& entry = entries_.emplace_back();
  entry.name = function->name;
  entry.function = std::move(function);
  by_name_.emplace(entry.name, entries_.size() - 1);
}

Status FunctionLibrary::Parse(Entry& entry) {
  if (entry.bytes.empty()) {  // made up, so whole already
    CollectCalls(entry);
    return Ok();
  }
  auto function = std::make_unique<Function>();
  const FindSignature find_signature = [this](std::string_view op) { return Signature(op); };
  if (Status status = ParseFunction(file_, ops_, find_signature, entry.bytes, *function); !status.ok())
    return std::move(status.error()).Note("in function '" + std::string(entry.name) + "'");
  MakeFunctional(*function, *this);
  entry.function = std::move(function);
  CollectCalls(entry);
  return Ok();
}

// Functions are named by attributes (f, then_branch, body...) or, in old graphs, by the op itself. A name that is not in the
// library is an error only when somebody asks for it.
void FunctionLibrary::CollectCalls(Entry& entry) const {
  const auto add = [&](std::string_view name) {
    if (const auto found = by_name_.find(name); found != by_name_.end()) entry.call_sites.push_back(found->second);
  };
  for (const Node& node : entry.function->body.nodes()) {
    add(node.op);
    for (const Attr& attr : node.attrs) EachFunctionName(attr, add);
  }
  entry.callees = entry.call_sites;
  std::sort(entry.callees.begin(), entry.callees.end());
  entry.callees.erase(std::unique(entry.callees.begin(), entry.callees.end()), entry.callees.end());
}

// Depth-first over everything that `root` calls, without recursion: the depth is the file's choice.
Status FunctionLibrary::CheckCalls(size_t root) {
  std::vector<std::pair<size_t, size_t>> stack;  // entry, next callee to look at
  const auto fail = [&](Error error) -> Status {
    for (const auto& [index, next] : stack) {
      entries_[index].state = Entry::State::kFailed;
      entries_[index].error = error;
    }
    return error;
  };
  const auto enter = [&](size_t index) -> Status {
    entries_[index].state = Entry::State::kActive;
    stack.emplace_back(index, 0);
    return Parse(entries_[index]);
  };
  if (Status status = enter(root); !status.ok()) return fail(std::move(status.error()));
  while (!stack.empty()) {
    const auto [index, next] = stack.back();
    Entry& entry = entries_[index];
    if (next == entry.callees.size()) {
      if (Status status = Finish(entry); !status.ok()) return fail(std::move(status.error()));
      stack.pop_back();
      continue;
    }
    ++stack.back().second;
    const size_t callee = entry.callees[next];
    switch (entries_[callee].state) {
      case Entry::State::kChecked: break;
      case Entry::State::kFailed: return fail(entries_[callee].error);
      case Entry::State::kActive: return fail(Recursion(stack, callee));
      case Entry::State::kUnseen:
        if (Status status = enter(callee); !status.ok()) return fail(std::move(status.error()));
    }
  }
  return Ok();
}

// All callees are checked: the entry's own limits.
Status FunctionLibrary::Finish(Entry& entry) {
  entry.inlined_nodes = entry.function->body.nodes().size();
  for (const size_t callee : entry.callees) entry.depth = std::max(entry.depth, entries_[callee].depth + 1);
  for (const size_t callee : entry.call_sites)
    entry.inlined_nodes = std::min(entry.inlined_nodes + entries_[callee].inlined_nodes, kMaxInlinedNodes + 1);
  const std::string name = "the function '" + std::string(entry.name) + "'";
  if (entry.depth > kMaxCallDepth)
    return Error(Code::kLimit, name + " nests calls deeper than " + std::to_string(kMaxCallDepth)).File(file_.path());
  if (entry.inlined_nodes > kMaxInlinedNodes)
    return Error(Code::kLimit, name + " would have more than " + std::to_string(kMaxInlinedNodes) + " nodes with its calls inlined")
        .File(file_.path());
  entry.state = Entry::State::kChecked;
  return Ok();
}

Error FunctionLibrary::Recursion(const std::vector<std::pair<size_t, size_t>>& stack, size_t again) const {
  constexpr size_t kMaxNamed = 8;  // keeps the message one readable line
  std::string path;
  size_t named = 0;
  bool inside = false;
  for (const auto& [index, next] : stack) {
    inside = inside || index == again;
    if (inside && named++ < kMaxNamed) path += "'" + std::string(entries_[index].name) + "' calls ";
  }
  if (named > kMaxNamed) path += "... calls ";
  return Error(Code::kUnsupportedGraph, "recursion: " + path + "'" + std::string(entries_[again].name) + "'")
      .File(file_.path())
      .Hint("TensorFlow Lite has no recursive functions");
}

}  // namespace tflower::tf
