// Subgraph: the few ways in which the target graph changes.
#include "ir/graph.h"

#include <queue>

namespace tflower::ir {
namespace {

void AddUse(Operator* op, uint32_t operand, Value* v) {
  op->use_index[operand] = static_cast<uint32_t>(v->users.size());
  v->users.push_back({op, operand});
}

// O(1): the last use takes the freed place.
void RemoveUse(Operator* op, uint32_t operand) {
  Value* v = op->inputs[operand];
  const uint32_t at = op->use_index[operand];
  v->users[at] = v->users.back();
  v->users[at].op->use_index[v->users[at].index] = at;
  v->users.pop_back();
}

bool IsNeeded(const Operator& op) {
  if (op.outputs.empty()) return true;  // works by side effect
  for (const Value* v : op.outputs) if (!v->users.empty() || v->graph_outputs != 0) return true;
  return false;
}

}  // namespace

Operator* Subgraph::Append(std::unique_ptr<Operator> op) {
  Operator* raw = op.get();
  if (raw->order == 0) raw->order = (operators_.size() + 1) << 20;
  raw->use_index.assign(raw->inputs.size(), 0);
  for (uint32_t i = 0; i < raw->inputs.size(); ++i) if (raw->inputs[i] != nullptr) AddUse(raw, i, raw->inputs[i]);
  for (uint32_t i = 0; i < raw->outputs.size(); ++i) {
    raw->outputs[i]->producer = raw;
    raw->outputs[i]->output_index = i;
  }
  operators_.push_back(std::move(op));
  return raw;
}

void Subgraph::ReplaceAllUses(Value* old, Value* value) {
  for (const Use& use : old->users) {
    use.op->inputs[use.index] = value;
    AddUse(use.op, use.index, value);
  }
  old->users.clear();
  if (old->graph_outputs == 0) return;
  for (SignatureTensor& out : outputs) if (out.value == old) out.value = value;
  value->graph_outputs += old->graph_outputs;
  old->graph_outputs = 0;
}

void Subgraph::RemoveIfDead(Operator* op) {
  std::vector<Operator*> todo{op};
  while (!todo.empty()) {
    Operator* o = todo.back();
    todo.pop_back();
    if (o->dead || IsNeeded(*o)) continue;
    o->dead = true;
    for (uint32_t i = 0; i < o->inputs.size(); ++i) {
      if (o->inputs[i] == nullptr) continue;
      RemoveUse(o, i);
      if (o->inputs[i]->producer != nullptr) todo.push_back(o->inputs[i]->producer);
    }
  }
}

void Subgraph::RemoveDead() {
  for (auto it = operators_.rbegin(); it != operators_.rend(); ++it) RemoveIfDead(it->get());
  std::erase_if(operators_, [](const auto& op) { return op->dead; });
}

void Subgraph::Truncate(size_t n) {
  while (operators_.size() > n) {
    RemoveIfDead(operators_.back().get());
    if (!operators_.back()->dead) return;
    operators_.pop_back();
  }
}

std::vector<Operator*> Subgraph::Sorted() const {
  struct Later {
    bool operator()(const std::pair<uint64_t, Operator*>& a, const std::pair<uint64_t, Operator*>& b) const { return a.first > b.first; }
  };
  std::priority_queue<std::pair<uint64_t, Operator*>, std::vector<std::pair<uint64_t, Operator*>>, Later> ready;
  std::vector<uint32_t> waiting;  // unproduced operands of an operator; its slot is kept in an output's mark
  std::vector<std::pair<Operator*, uint32_t>> slots;
  uint32_t next = 0;
  for (const auto& op : operators_) {
    if (op->dead) continue;
    uint32_t missing = 0;
    for (const Value* v : op->inputs) missing += v != nullptr && v->producer != nullptr && !v->producer->dead;
    waiting.push_back(missing);
    for (Value* v : op->outputs) v->mark = next;
    if (missing == 0) ready.push({op->order, op.get()});
    ++next;
  }
  std::vector<Operator*> sorted;
  sorted.reserve(next);
  while (!ready.empty()) {
    Operator* op = ready.top().second;
    ready.pop();
    sorted.push_back(op);
    for (const Value* v : op->outputs)
      for (const Use& use : v->users) {
        if (use.op->dead || use.op->outputs.empty()) continue;
        if (--waiting[use.op->outputs[0]->mark] == 0) ready.push({use.op->order, use.op});
      }
  }
  return sorted;
}

}  // namespace tflower::ir
