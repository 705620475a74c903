// PruneCalls: IF [condition, operands...] and WHILE [variables...], whose operand i is input i of their subgraphs.
#include "ir/prune_calls.h"

#include <algorithm>
#include <unordered_map>

namespace tflower::ir {
namespace {

constexpr int kMaxRounds = 16;

bool IsRead(const Value& v) { return !v.users.empty() || v.graph_outputs != 0; }
bool SameType(const Value& a, const Value& b) { return a.dtype == b.dtype && a.dims == b.dims; }

Value* InputOf(Subgraph& graph, size_t i) { return graph.inputs[i].value; }
Value* OutputOf(Subgraph& graph, size_t i) { return graph.outputs[i].value; }

class Pruner {
 public:
  explicit Pruner(Subgraph& graph) : graph_(graph) {}

  uint64_t Run() {
    for (const auto& op : graph_.operators()) {
      if (op->dead) continue;
      if (IsIf(*op)) PruneIf(*op);
      if (IsWhile(*op)) PruneWhile(*op);
    }
    if (pruned_ != 0) graph_.RemoveDead();
    return pruned_;
  }

 private:
  // A result that something else gives as well. An output of the graph must be a result of an operator, and one of its own.
  void Forward(Value* result, Value* value) {
    if (result->users.empty() && result->graph_outputs == 0) return;
    if (!SameType(*result, *value)) return;
    if (result->graph_outputs != 0 && (value->producer == nullptr || value->graph_outputs != 0)) return;
    if (result->graph_outputs != 0) value->name = result->name;
    graph_.ReplaceAllUses(result, value);
    ++pruned_;
  }

  // Input i of each subgraph becomes `value(subgraph)` for its operators.
  template <class F>
  void ReplaceInput(Operator& op, size_t i, const F& value) {
    for (Subgraph* body : op.bodies) {
      Value* in = InputOf(*body, i);
      if (in->users.empty()) continue;
      Value* v = value(*body);
      if (!SameType(*in, *v)) continue;
      const uint32_t outputs = std::exchange(in->graph_outputs, 0);  // handed through: stays
      body->ReplaceAllUses(in, v);
      in->graph_outputs = outputs;
      ++pruned_;
    }
  }

  // Operands that are constants, or that came before, are no operands inside. `operand` gives input i's operand; `fixed`: it has that value always.
  template <class Operand, class Fixed>
  void MergeOperands(Operator& op, size_t n, const Operand& operand, const Fixed& fixed) {
    std::unordered_map<const Value*, size_t> first;
    for (size_t i = 0; i < n; ++i) {
      if (!fixed(i)) continue;
      const Value* outer = operand(i);
      // Strings that a subgraph hands out must come in: LiteRT crashes on those of its own.
      const auto hands_out = [&](Subgraph* body) { return InputOf(*body, i)->graph_outputs != 0; };
      const bool stays = outer->dtype == DType::kString && std::ranges::any_of(op.bodies, hands_out);
      if (outer->is_constant() && !stays) {
        ReplaceInput(op, i, [&](Subgraph& body) {
          Value* v = body.NewLike(*outer);
          v->constant = outer->constant;
          return v;
        });
        continue;
      }
      const size_t same = first.try_emplace(outer, i).first->second;
      if (same != i) ReplaceInput(op, i, [&](Subgraph& body) { return InputOf(body, same); });
    }
  }

  void PruneIf(Operator& op) {
    Subgraph &a = *op.bodies[0], &b = *op.bodies[1];
    for (size_t i = op.outputs.size(); i-- > 0;) {
      for (size_t k = 0; k < a.inputs.size(); ++k)
        if (OutputOf(a, i) == InputOf(a, k) && OutputOf(b, i) == InputOf(b, k)) Forward(op.outputs[i], op.inputs[1 + k]);
      if (IsRead(*op.outputs[i])) continue;
      for (Subgraph* body : op.bodies) body->RemoveOutput(i);
      Subgraph::RemoveResult(&op, i);
      ++pruned_;
    }
    MergeOperands(op, a.inputs.size(), [&](size_t i) { return op.inputs[1 + i]; }, [](size_t) { return true; });
    for (Subgraph* body : op.bodies) body->RemoveDead();
    for (size_t i = a.inputs.size(); i-- > 0;) {
      if (IsRead(*InputOf(a, i)) || IsRead(*InputOf(b, i))) continue;
      for (Subgraph* body : op.bodies) body->RemoveInput(i);
      Subgraph::RemoveOperand(&op, 1 + i);
      ++pruned_;
    }
  }

  void PruneWhile(Operator& op) {
    Subgraph& body = *op.bodies[1];
    const auto is_invariant = [&](size_t i) { return OutputOf(body, i) == InputOf(body, i); };
    for (size_t i = 0; i < op.outputs.size(); ++i) if (is_invariant(i)) Forward(op.outputs[i], op.inputs[i]);
    MergeOperands(op, op.inputs.size(), [&](size_t i) { return op.inputs[i]; }, is_invariant);
    for (Subgraph* graph : op.bodies) graph->RemoveDead();
    std::vector<bool> needed = NeededVariables(op);
    if (std::ranges::none_of(needed, [](bool b) { return b; }) && !needed.empty()) needed[0] = true;
    for (size_t i = needed.size(); i-- > 0;) {
      if (needed[i]) continue;
      body.RemoveOutput(i);
      ++pruned_;
    }
    body.RemoveDead();
    for (size_t i = needed.size(); i-- > 0;) {
      if (needed[i]) continue;
      for (Subgraph* graph : op.bodies) graph->RemoveInput(i);
      Subgraph::RemoveOperand(&op, i);
      Subgraph::RemoveResult(&op, i);
    }
  }

  // Read behind the loop, by its condition, by what has an effect, or by the next value of a needed one.
  static std::vector<bool> NeededVariables(const Operator& op) {
    Subgraph &cond = *op.bodies[0], &body = *op.bodies[1];
    std::unordered_map<const Value*, size_t> inputs;
    for (size_t i = 0; i < body.inputs.size(); ++i) inputs.emplace(InputOf(body, i), i);
    std::vector<bool> needed(body.inputs.size(), false);
    std::unordered_map<const Operator*, bool> seen;
    std::vector<const Value*> pending;
    const auto need = [&](size_t i) {
      if (needed[i]) return;
      needed[i] = true;
      pending.push_back(OutputOf(body, i));
    };
    const auto reach = [&](const Operator* from) {
      if (from == nullptr || !seen.emplace(from, true).second) return;
      for (const Value* v : from->inputs) if (v != nullptr) pending.push_back(v);
    };
    for (size_t i = 0; i < needed.size(); ++i) if (IsRead(*op.outputs[i]) || IsRead(*InputOf(cond, i))) need(i);
    for (const auto& o : body.operators()) if (!o->dead && (o->effect != Effect::kNone || o->outputs.empty())) reach(o.get());
    while (!pending.empty()) {
      const Value* v = pending.back();
      pending.pop_back();
      if (const auto it = inputs.find(v); it != inputs.end()) need(it->second);
      reach(v->producer);
    }
    return needed;
  }

  Subgraph& graph_;
  uint64_t pruned_ = 0;
};

}  // namespace

uint64_t PruneCalls(Model& model) {
  uint64_t total = 0;
  for (int round = 0; round < kMaxRounds; ++round) {
    uint64_t pruned = 0;
    for (const auto& graph : model.subgraphs) pruned += Pruner(*graph).Run();
    if (pruned == 0) break;
    total += pruned;
  }
  model.RemoveUncalled();
  return total;
}

}  // namespace tflower::ir
