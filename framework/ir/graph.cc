// Subgraph: the few ways in which the target graph changes.
#include "ir/graph.h"

#include <algorithm>
#include <queue>
#include <unordered_set>

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
  if (op.outputs.empty() || op.effect == Effect::kWrites) return true;
  for (const Value* v : op.outputs) if (!v->users.empty() || v->graph_outputs != 0) return true;
  return false;
}

}  // namespace

uint64_t BytesOf(DType dtype, std::span<const Dim> dims, int world) {
  uint64_t n = static_cast<uint64_t>(BitsOf(dtype));
  for (const Dim& d : dims) {
    const uint64_t size = static_cast<uint64_t>(std::max<int64_t>(d.samples[world], 0));
    if (size != 0 && n > UINT64_MAX / size) return UINT64_MAX;
    n *= size;
  }
  return (n + 7) / 8;
}

Value* Subgraph::NewLike(const Value& v) {
  Value* copy = NewValue();
  copy->dtype = v.dtype;
  copy->dims = v.dims;
  copy->rank = v.rank;
  copy->name = v.name;
  copy->scale = v.scale;
  copy->zero_point = v.zero_point;
  copy->quant_axis = v.quant_axis;
  return copy;
}

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

void Subgraph::AddOperand(Operator* op, Value* v) {
  op->inputs.push_back(v);
  op->use_index.push_back(0);
  AddUse(op, static_cast<uint32_t>(op->inputs.size() - 1), v);
}

void Subgraph::AddResult(Operator* op, Value* v) {
  v->producer = op;
  v->output_index = static_cast<uint32_t>(op->outputs.size());
  op->outputs.push_back(v);
}

void Subgraph::RemoveOperand(Operator* op, size_t i) {
  if (op->inputs[i] != nullptr) RemoveUse(op, static_cast<uint32_t>(i));
  for (size_t k = i + 1; k < op->inputs.size(); ++k)
    if (op->inputs[k] != nullptr) --op->inputs[k]->users[op->use_index[k]].index;
  op->inputs.erase(op->inputs.begin() + static_cast<std::ptrdiff_t>(i));
  op->use_index.erase(op->use_index.begin() + static_cast<std::ptrdiff_t>(i));
}

void Subgraph::RemoveResult(Operator* op, size_t i) {
  op->outputs[i]->producer = nullptr;
  for (size_t k = i + 1; k < op->outputs.size(); ++k) --op->outputs[k]->output_index;
  op->outputs.erase(op->outputs.begin() + static_cast<std::ptrdiff_t>(i));
}

void Subgraph::RemoveOutput(size_t i) {
  --outputs[i].value->graph_outputs;
  outputs.erase(outputs.begin() + static_cast<std::ptrdiff_t>(i));
}

Effect Subgraph::effect() const {
  Effect most = Effect::kNone;
  for (const auto& op : operators_) if (!op->dead) most = std::max(most, op->effect);
  return most;
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
  std::vector<Operator*> pending{op};
  while (!pending.empty()) {
    Operator* o = pending.back();
    pending.pop_back();
    if (o->dead || IsNeeded(*o)) continue;
    o->dead = true;
    for (uint32_t i = 0; i < o->inputs.size(); ++i) {
      if (o->inputs[i] == nullptr) continue;
      RemoveUse(o, i);
      if (o->inputs[i]->producer != nullptr) pending.push_back(o->inputs[i]->producer);
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

void Subgraph::DropFrom(size_t n) {
  for (; operators_.size() > n; operators_.pop_back()) {
    Operator& op = *operators_.back();
    if (op.dead) continue;
    for (uint32_t i = 0; i < op.inputs.size(); ++i) if (op.inputs[i] != nullptr) RemoveUse(&op, i);
    for (Value* v : op.outputs) {
      v->producer = nullptr;
      v->users.clear();
    }
  }
}

void Subgraph::Drop(Operator* op) {
  op->dead = true;
  for (uint32_t i = 0; i < op->inputs.size(); ++i) if (op->inputs[i] != nullptr) RemoveUse(op, i);
}

// Operators with effects wait for each other: each has one successor more.
std::vector<Operator*> Subgraph::Sorted() const {
  struct Later {
    bool operator()(const std::pair<uint64_t, Operator*>& a, const std::pair<uint64_t, Operator*>& b) const { return a.first > b.first; }
  };
  std::priority_queue<std::pair<uint64_t, Operator*>, std::vector<std::pair<uint64_t, Operator*>>, Later> ready;
  std::vector<Operator*> effects;
  for (const auto& op : operators_) if (!op->dead && op->effect != Effect::kNone) effects.push_back(op.get());
  std::ranges::stable_sort(effects, {}, &Operator::order);
  for (size_t i = 0; i < effects.size(); ++i) effects[i]->next_effect = i + 1 < effects.size() ? effects[i + 1] : nullptr;
  size_t live = 0;
  for (const auto& op : operators_) {
    if (op->dead) continue;
    op->waiting = op->effect != Effect::kNone && op.get() != effects.front();
    for (const Value* v : op->inputs) op->waiting += v != nullptr && v->producer != nullptr && !v->producer->dead;
    if (op->waiting == 0) ready.push({op->order, op.get()});
    ++live;
  }
  std::vector<Operator*> sorted;
  sorted.reserve(live);
  const auto arrived = [&](Operator* op) {
    if (!op->dead && --op->waiting == 0) ready.push({op->order, op});
  };
  while (!ready.empty()) {
    Operator* op = ready.top().second;
    ready.pop();
    sorted.push_back(op);
    for (const Value* v : op->outputs) for (const Use& use : v->users) arrived(use.op);
    if (op->effect != Effect::kNone && op->next_effect != nullptr) arrived(op->next_effect);
  }
  return sorted;
}

void Model::RemoveUncalled() {
  std::unordered_set<const Subgraph*> called;
  std::vector<const Subgraph*> pending;
  for (const auto& graph : subgraphs) if (!graph->signature_key.empty()) pending.push_back(graph.get());
  while (!pending.empty()) {
    const Subgraph* graph = pending.back();
    pending.pop_back();
    if (!called.insert(graph).second) continue;
    for (const auto& op : graph->operators()) if (!op->dead) pending.insert(pending.end(), op->bodies.begin(), op->bodies.end());
  }
  std::erase_if(subgraphs, [&](const auto& graph) { return !called.contains(graph.get()); });
}

}  // namespace tflower::ir
