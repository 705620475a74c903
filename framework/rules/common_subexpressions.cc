// MergeCommonSubexpressions: value numbering in topological order.
#include "rules/common_subexpressions.h"

#include <string>
#include <unordered_map>

#include "sdk/schema/op_table.h"

namespace tflower::rules {
namespace {

// Random and stateful operators differ from call to call, and nothing is known of custom ones but ours.
bool IsPure(const ir::Operator& op) {
  if (op.effect != ir::Effect::kNone || !op.bodies.empty() || op.outputs.empty() || ir::FillsState(op) || ir::TakesState(op)) return false;
  return op.code != static_cast<int32_t>(tfl::Builtin::CUSTOM) || op.custom_code.starts_with("tflower.");
}

constexpr uint64_t kSmallBytes = 256;

// Small constants are the same by contents, others by identity.
void AppendOperand(std::string& key, const ir::Value* v) {
  const void* identity = v;
  if (v != nullptr && v->constant) {
    key += 'c';
    if (v->constant->AppendKey(key, kSmallBytes)) return;
    key.pop_back();
    identity = v->constant.get();
  }
  key += 'v';
  key.append(reinterpret_cast<const char*>(&identity), sizeof identity);
}

std::string KeyOf(const ir::Operator& op) {
  std::string key(op.custom_code);
  key.append(reinterpret_cast<const char*>(&op.code), sizeof op.code);
  for (const ir::Value* v : op.outputs) key += static_cast<char>(v->dtype);  // nothing else tells what BITCAST gives
  for (const ir::Value* v : op.inputs) AppendOperand(key, v);
  op.options->AppendKey(key);
  return key;
}

bool IsOutput(const ir::Operator& op) {
  for (const ir::Value* v : op.outputs) if (v->graph_outputs != 0) return true;
  return false;
}

}  // namespace

uint64_t MergeCommonSubexpressions(ir::Subgraph& graph) {
  std::unordered_map<std::string, std::vector<ir::Operator*>> seen;
  uint64_t merged = 0;
  const bool is_signature = !graph.signature_key.empty();  // its outputs are tensors with names of their own
  for (ir::Operator* op : graph.Sorted()) {
    if (!IsPure(*op)) continue;
    std::vector<ir::Operator*>& same = seen[KeyOf(*op)];
    bool found = false;
    for (ir::Operator* first : same) {
      if (first->outputs.size() != op->outputs.size() || !(*first->options == *op->options) || (is_signature && IsOutput(*op))) continue;
      for (size_t i = 0; i < op->outputs.size(); ++i) graph.ReplaceAllUses(op->outputs[i], first->outputs[i]);
      graph.RemoveIfDead(op);
      ++merged;
      found = true;
      break;
    }
    if (!found) same.push_back(op);
  }
  return merged;
}

}  // namespace tflower::rules
