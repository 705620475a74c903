// HoistInvariants: candidates by dependence, then by what it costs to carry them.
#include "ir/hoist.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace tflower::ir {
namespace {

// Results up to this size are worth a copy in every round.
constexpr uint64_t kSmallBytes = 4096;
constexpr uint64_t kHuge = uint64_t{1} << 40;  // more is the same to this pass, and sums stay sums

// In the world where it is largest.
uint64_t SizeOf(const Value& v) {
  uint64_t most = 0;
  for (int w = 0; w < kWorlds; ++w) most = std::max(most, std::min(BytesOf(v.dtype, v.dims, w), kHuge));
  return most;
}

bool IsNumber(const Value& v) { return v.dtype == DType::kFloat32 || v.dtype == DType::kBool; }

// Indices and sizes are checked when an operator runs, and integers may be divided by: they must be constants, but for one that is only moved or cast,
// which is the first operand and has nothing but constant integers beside it.
bool CannotFail(const Operator& op) {
  const Value* first = op.inputs.empty() ? nullptr : op.inputs[0];
  const bool of_integers = first != nullptr && !first->is_constant() && !IsNumber(*first);
  for (size_t i = 1; i < op.inputs.size(); ++i) {
    const Value* v = op.inputs[i];
    if (v == nullptr) continue;
    if (v->is_constant() ? of_integers && IsNumber(*v) : of_integers || !IsNumber(*v)) return false;
  }
  return true;
}

// No dimension depends on the operands' contents: each is known, or one of an operand's.
bool HasPlainShape(const Operator& op) {
  const auto is_operands = [&](const Dim& d) {
    return d.known() || std::ranges::any_of(op.inputs, [&](const Value* v) { return v != nullptr && std::ranges::find(v->dims, d) != v->dims.end(); });
  };
  return std::ranges::all_of(op.outputs, [&](const Value* v) { return std::ranges::all_of(v->dims, is_operands); });
}

class Loop {
 public:
  Loop(Subgraph& outer, Operator& op) : outer_(outer), op_(op) {}

  uint64_t Hoist() {
    uint64_t moved = 0;
    for (Subgraph* graph : op_.bodies) {
      FindCandidates(*graph);
      DropExpensive(*graph);
      moved += Move(*graph);
    }
    return moved;
  }

 private:
  bool IsInvariant(size_t i) const { return op_.bodies[1]->outputs[i].value == op_.bodies[1]->inputs[i].value; }

  // Operators that depend on invariant variables and constants only, in order.
  void FindCandidates(const Subgraph& graph) {
    candidates_.clear();
    is_candidate_.clear();
    outside_.clear();
    for (size_t i = 0; i < graph.inputs.size(); ++i)
      if (IsInvariant(i) && graph.inputs[i].value->dims == op_.inputs[i]->dims) outside_.emplace(graph.inputs[i].value, op_.inputs[i]);
    for (Operator* op : graph.Sorted()) {
      if (op->effect != Effect::kNone || !op->bodies.empty() || op->outputs.empty() || FillsState(*op) || TakesState(*op) || !CannotFail(*op) || !HasPlainShape(*op)) continue;
      bool variable = false, known = true;
      for (const Value* v : op->inputs) {
        if (v == nullptr || v->is_constant()) continue;
        variable = true;
        known = known && (outside_.contains(v) || (v->producer != nullptr && is_candidate_.contains(v->producer)));
      }
      if (!variable || !known || std::ranges::any_of(op->outputs, [](const Value* v) { return v->graph_outputs != 0 || BitsOf(v->dtype) == 0; })) continue;
      candidates_.push_back(op);
      is_candidate_.insert(op);
    }
  }

  bool IsReadInside(const Value& v) const {
    return std::ranges::any_of(v.users, [&](const Use& use) { return !is_candidate_.contains(use.op); });
  }

  // Bytes of invariants that only candidates read, in this subgraph, and nobody in the other.
  uint64_t Freed(const Subgraph& graph) const {
    const Subgraph& other = *op_.bodies[op_.bodies[0] == &graph ? 1 : 0];
    uint64_t bytes = 0;
    for (size_t i = 0; i < graph.inputs.size(); ++i) {
      const Value& v = *graph.inputs[i].value;
      if (outside_.contains(&v) && !v.users.empty() && !IsReadInside(v) && other.inputs[i].value->users.empty() && op_.outputs[i]->users.empty()) bytes += SizeOf(v);
    }
    return bytes;
  }

  // Large results that would be carried beside what they are made from stay where they are.
  void DropExpensive(const Subgraph& graph) {
    for (bool changed = true; changed;) {
      uint64_t carried = 0;
      std::vector<Operator*> large;
      for (Operator* op : candidates_) {
        for (const Value* v : op->outputs) {
          if (!IsReadInside(*v) || SizeOf(*v) <= kSmallBytes) continue;
          carried += SizeOf(*v);
          large.push_back(op);
        }
      }
      changed = carried > Freed(graph);
      if (!changed) break;
      for (const Operator* op : large) is_candidate_.erase(op);
      // What depends on a dropped one goes, too.
      std::erase_if(candidates_, [&](Operator* op) {
        const bool stays = is_candidate_.contains(op) && std::ranges::all_of(op->inputs, [&](const Value* v) {
          return v == nullptr || v->producer == nullptr || is_candidate_.contains(v->producer);
        });
        if (!stays) is_candidate_.erase(op);
        return !stays;
      });
    }
  }

  Value* Outside(const Value* v) {
    if (v == nullptr) return nullptr;
    if (const auto it = outside_.find(v); it != outside_.end()) return it->second;
    Value* copy = outer_.NewLike(*v);
    copy->constant = v->constant;
    outside_.emplace(v, copy);
    return copy;
  }

  uint64_t Move(Subgraph& graph) {
    for (const Operator* op : candidates_) {
      auto copy = std::make_unique<Operator>();
      copy->code = op->code;
      copy->custom_code = op->custom_code;
      copy->options = op->options;
      copy->order = op_.order - 1;
      copy->node = op->node;
      copy->plugin = op->plugin;
      copy->rule = op->rule;
      for (const Value* v : op->inputs) copy->inputs.push_back(Outside(v));
      for (const Value* v : op->outputs) {
        copy->outputs.push_back(outer_.NewLike(*v));
        if (v->symbolic) copy->outputs.back()->symbolic = std::make_unique<WorldBytes>(*v->symbolic);
        outside_.emplace(v, copy->outputs.back());
      }
      outer_.Append(std::move(copy));
    }
    for (const Operator* op : candidates_) for (Value* v : op->outputs) if (IsReadInside(*v)) Carry(graph, v);
    graph.RemoveDead();
    return candidates_.size();
  }

  // A new variable that the loop hands on, instead of v.
  void Carry(Subgraph& graph, Value* v) {
    Value* const outer = outside_.at(v);
    Subgraph::AddOperand(&op_, outer);
    Subgraph::AddResult(&op_, outer_.NewLike(*v));
    for (Subgraph* body : op_.bodies) {
      Value* in = body->NewLike(*v);
      body->inputs.push_back({"", in});
      if (body == &graph) body->ReplaceAllUses(v, in);
    }
    Subgraph& body = *op_.bodies[1];
    body.outputs.push_back({"", body.inputs.back().value});
    ++body.inputs.back().value->graph_outputs;
  }

  Subgraph& outer_;
  Operator& op_;
  std::vector<Operator*> candidates_;
  std::unordered_set<const Operator*> is_candidate_;
  std::unordered_map<const Value*, Value*> outside_;  // a value of the subgraph -> the same before the loop
};

uint64_t HoistIn(Subgraph& graph) {
  uint64_t moved = 0;
  std::vector<Operator*> calls;
  for (const auto& op : graph.operators()) if (!op->dead && !op->bodies.empty()) calls.push_back(op.get());
  for (Operator* op : calls) {
    for (Subgraph* body : op->bodies) moved += HoistIn(*body);
    if (IsWhile(*op)) moved += Loop(graph, *op).Hoist();
  }
  return moved;
}

}  // namespace

uint64_t HoistInvariants(Model& model) {
  uint64_t moved = 0;
  for (const auto& graph : model.subgraphs) if (!graph->signature_key.empty()) moved += HoistIn(*graph);
  return moved;
}

}  // namespace tflower::ir
