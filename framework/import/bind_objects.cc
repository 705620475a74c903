#include <deque>
#include <unordered_map>

#include "import/binding.h"
#include "import/message.h"
#include "import/proto/checkpoint.pb.h"

namespace tflower::tf {
namespace {

constexpr std::string_view kObjectGraphKey = "_CHECKPOINTABLE_OBJECT_GRAPH";
constexpr std::string_view kValueAttribute = "VARIABLE_VALUE";

using Saved = proto::SavedObjectGraph;
using Stored = proto::TrackableObjectGraph;

// Object id in the SavedModel -> object id in the checkpoint, by walking both along equal child names. They number objects
// alike in every file seen, but only the names are promised.
std::unordered_map<int32_t, int32_t> MatchObjects(const Saved& saved, const Stored& stored) {
  std::unordered_map<int32_t, int32_t> match;
  if (saved.nodes().empty() || stored.nodes().empty()) return match;
  match[0] = 0;
  std::deque<int32_t> pending{0};
  while (!pending.empty()) {
    const int32_t id = pending.front();
    pending.pop_front();
    std::unordered_map<std::string_view, int32_t> children;
    for (const auto& child : stored.nodes(match[id]).children())
      if (child.node_id() >= 0 && child.node_id() < stored.nodes_size()) children.emplace(child.local_name(), child.node_id());
    for (const auto& child : saved.nodes(id).children()) {
      const auto same = children.find(child.local_name());
      if (same == children.end() || child.node_id() < 0 || child.node_id() >= saved.nodes_size()) continue;
      if (match.emplace(child.node_id(), same->second).second) pending.push_back(child.node_id());
    }
  }
  return match;
}

// The checkpoint key of a saved object, or "" when it holds no value of its own.
class KeyFinder {
 public:
  KeyFinder(const Saved& saved, const Stored& stored) : stored_(stored), match_(MatchObjects(saved, stored)) {}

  std::string Find(int32_t saved_id) const {
    const auto found = match_.find(saved_id);
    if (found == match_.end()) return "";
    for (const auto& attribute : stored_.nodes(found->second).attributes())
      if (attribute.name() == kValueAttribute) return attribute.checkpoint_key();
    return "";
  }

 private:
  const Stored& stored_;
  std::unordered_map<int32_t, int32_t> match_;
};

void AddClaim(Claims& claims, int32_t node, std::string key) {
  std::vector<Claim>& list = claims[node];
  for (const Claim& claim : list)
    if (claim.key == key) return;
  list.push_back({std::move(key), "", "object graph"});
}

}  // namespace

bool IsCall(const Node& node) { return node.op == "StatefulPartitionedCall" || node.op == "PartitionedCall"; }

bool IsVariable(const Node& node) {
  return node.op == "VarHandleOp" || node.op == "VariableV2" || node.op == "Variable";
}

Status BindByObjects(const FileBytes& file, const Scope& main, std::string_view object_graph, Checkpoint& checkpoint, Claims& claims) {
  const CheckpointEntry* entry = checkpoint.Find(kObjectGraphKey);
  if (!entry || object_graph.empty()) return Ok();
  TFLOWER_CHECK(checkpoint.Verify(*entry));
  TFLOWER_TRY(const std::vector<std::string_view> strings, checkpoint.Strings(*entry));
  if (strings.size() != 1) return checkpoint.Malformed(*entry, "the checkpoint's object graph is not one string");
  TFLOWER_TRY(const auto saved, ParseMessage<Saved>(file, object_graph, "the object graph"));
  Stored stored;
  if (strings[0].size() > INT_MAX || !stored.ParseFromArray(strings[0].data(), static_cast<int>(strings[0].size())))
    return checkpoint.Malformed(*entry, "the checkpoint's object graph is broken");

  const KeyFinder keys(saved, stored);
  std::unordered_map<std::string_view, const proto::SavedConcreteFunction*> functions;
  for (const auto& function : saved.concrete_functions()) functions.emplace(function.key(), &function.value());
  for (const Node& node : main.nodes()) {
    const Attr* attr = IsCall(node) ? node.Find("f") : nullptr;
    if (!attr) continue;
    TFLOWER_TRY(const FuncRef called, AttrFunc(*attr));
    const auto function = functions.find(called.name);
    if (function == functions.end()) continue;
    const auto& bound = function->second->bound_inputs();
    if (static_cast<size_t>(bound.size()) > node.inputs.size()) continue;
    const auto captured = node.inputs.last(static_cast<size_t>(bound.size()));
    for (size_t i = 0; i < captured.size(); ++i) {
      if (!IsVariable(main.nodes()[static_cast<size_t>(captured[i].node)])) continue;
      if (std::string key = keys.Find(bound[static_cast<int>(i)]); !key.empty()) AddClaim(claims, captured[i].node, std::move(key));
    }
  }
  return Ok();
}

}  // namespace tflower::tf
