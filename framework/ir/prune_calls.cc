// PruneCalls: outer subgraphs first, so that what they do not need is gone from inner ones, too.
#include "ir/prune_calls.h"

#include <unordered_map>
#include <unordered_set>

namespace tflower::ir {
namespace {

bool IsRead(const Value& v) { return !v.users.empty() || v.graph_outputs != 0; }

// ---- IF: operands 1.. are inputs 0.. of both branches

bool PruneIf(Operator* op) {
  bool changed = false;
  for (size_t i = op->outputs.size(); i-- > 0;) {
    if (IsRead(*op->outputs[i])) continue;
    Subgraph::RemoveResult(op, i);
    for (Subgraph* branch : op->bodies) branch->RemoveOutput(i);
    changed = true;
  }
  if (changed) for (Subgraph* branch : op->bodies) branch->RemoveDead();
  for (size_t i = op->bodies[0]->inputs.size(); i-- > 0;) {
    if (IsRead(*op->bodies[0]->inputs[i].value) || IsRead(*op->bodies[1]->inputs[i].value)) continue;
    Subgraph::RemoveOperand(op, i + 1);
    for (Subgraph* branch : op->bodies) branch->RemoveInput(i);
    changed = true;
  }
  return changed;
}

// ---- WHILE: operand i, result i, input i of both subgraphs and output i of the body are one variable

class Loop {
 public:
  explicit Loop(Operator* op) : op_(op), cond_(*op->bodies[0]), body_(*op->bodies[1]) {}

  bool Prune(Subgraph& outer) {
    bool changed = false;
    for (size_t i = 0; i < op_->inputs.size(); ++i) changed |= Unwrap(outer, i);
    std::vector<bool> needed = Needed();
    for (size_t i = needed.size(); i-- > 0;) {
      if (needed[i]) continue;
      Remove(i);
      changed = true;
    }
    if (changed) body_.RemoveDead();
    return changed;
  }

 private:
  // A variable that the body hands on as it is: outside, its result is its operand; inside, a constant operand is that constant.
  bool Unwrap(Subgraph& outer, size_t i) {
    Value *const in = body_.inputs[i].value, *const result = op_->outputs[i];
    if (body_.outputs[i].value != in) return false;
    bool changed = false;
    const Value* const operand = op_->inputs[i];
    if (IsRead(*result) && (result->graph_outputs == 0 || (operand->producer != nullptr && operand->graph_outputs == 0))) {
      outer.ReplaceAllUses(result, op_->inputs[i]);
      changed = true;
    }
    if (op_->inputs[i]->constant)
      for (Subgraph* graph : op_->bodies) {
        Value* const inside = graph->inputs[i].value;
        const uint32_t own = graph == &body_ ? 1 : 0;  // the body's output i itself stays
        if (inside->users.empty() && inside->graph_outputs == own) continue;
        Value* constant = graph->NewValue();
        constant->dtype = inside->dtype;
        constant->dims = op_->inputs[i]->dims;
        constant->constant = op_->inputs[i]->constant;
        constant->name = op_->inputs[i]->name;
        graph->ReplaceAllUses(inside, constant);
        if (own != 0) {
          body_.outputs[i].value = inside;
          --constant->graph_outputs;
          ++inside->graph_outputs;
        }
        changed = true;
      }
    return changed;
  }

  // Variables that a result, the condition or an effect depends on.
  std::vector<bool> Needed() const {
    std::vector<bool> needed(op_->inputs.size(), false);
    std::vector<const Value*> todo;
    std::unordered_set<const Value*> seen;
    const auto push = [&](const Value* v) { if (v != nullptr && seen.insert(v).second) todo.push_back(v); };
    const auto need = [&](size_t i) {
      if (needed[i]) return;
      needed[i] = true;
      push(body_.outputs[i].value);
    };
    for (size_t i = 0; i < needed.size(); ++i) if (IsRead(*op_->outputs[i]) || IsRead(*cond_.inputs[i].value)) need(i);
    for (const auto& op : body_.operators())
      if (!op->dead && (op->effect != Effect::kNone)) for (const Value* v : op->inputs) push(v);
    std::unordered_map<const Value*, size_t> input;
    for (size_t i = 0; i < needed.size(); ++i) input.emplace(body_.inputs[i].value, i);
    while (!todo.empty()) {
      const Value* v = todo.back();
      todo.pop_back();
      if (const auto it = input.find(v); it != input.end()) need(it->second);
      if (v->producer != nullptr) for (const Value* in : v->producer->inputs) push(in);
    }
    return needed;
  }

  void Remove(size_t i) {
    body_.RemoveOutput(i);
    body_.RemoveDead();  // else the operators that made it would read what goes
    for (Subgraph* graph : op_->bodies) graph->RemoveInput(i);
    Subgraph::RemoveOperand(op_, i);
    Subgraph::RemoveResult(op_, i);
  }

  Operator* op_;
  Subgraph &cond_, &body_;
};

}  // namespace

void PruneCalls(Model& model) {
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& graph : model.subgraphs) {
      bool here = false;
      for (const auto& op : graph->operators()) {
        if (op->dead) continue;
        if (op->code == static_cast<int32_t>(tfl::Builtin::IF)) here |= PruneIf(op.get());
        if (op->code == static_cast<int32_t>(tfl::Builtin::WHILE)) here |= Loop(op.get()).Prune(*graph);
      }
      if (here) graph->RemoveDead();
      changed |= here;
    }
  }
  model.RemoveUncalled();
}

}  // namespace tflower::ir
