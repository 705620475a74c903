// What goes into the subgraphs of an If or a While, and how their types become one.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"
#include "lower/typer.h"

namespace tflower::lower {

// An argument of a branch, or a variable of a loop.
struct LoopVariable {
  explicit LoopVariable(ir::Value* v) : outer(v), constant(v->is_constant()) {
    if (v->is_tensor() && !constant) Carry(v);
    if (v->list == nullptr) return;
    if (v->list->items != nullptr) Carry(v->list->items);
    else if (!v->list->length->is_constant()) CarryLength(v->list->length);
  }
  // From now on an operand.
  void Carry(ir::Value* v) {
    constant = false;
    tensor = v;
    dims = v->dims;
    open.assign(dims.size(), false);
    only_length = false;
  }
  // Of a list that nothing was written to yet.
  void CarryLength(ir::Value* length) {
    Carry(length);
    only_length = true;
  }
  // What of a branch's or body's result goes to the operand's place.
  ir::Value* CarriedOf(ir::Value* result) const {
    if (result->list == nullptr) return result;
    return only_length ? result->list->length : result->list->items;
  }
  ir::Value* outer;             // outside: a tensor, a list or a handle
  bool constant;                // known inside, too
  ir::Value* tensor = nullptr;  // operand: the tensor, or the list's items or length
  bool only_length = false;
  bool spare = false;           // the operand has one row in front that is no item: see AddSpare
  ir::Value* inside = nullptr;  // what the body sees of the operand
  std::vector<ir::Dim> dims;    // inside
  std::vector<bool> open;       // dims that change from round to round
  bool known = true;            // has the same contents inside as outside
  bool unchanged = false;       // the body hands it on as it is
};

// One unknown dimension for each pair (dimension in one branch, in the other) or (before a round, after it).
class SharedDims {
 public:
  ir::Dim Get(const ir::Dim& a, const ir::Dim& b, Typer& typer) {
    const auto [it, is_new] = made_.try_emplace({a.key(), b.key()}, ir::Dim());
    if (is_new) it->second = typer.FreshDim();
    return it->second;
  }
  // Every dimension that is `before` becomes the same `after`.
  bool Agrees(const ir::Dim& before, const ir::Dim& after) { return after_.try_emplace(before.key(), after).first->second == after; }

 private:
  std::map<std::pair<uint64_t, uint64_t>, ir::Dim> made_;
  std::map<uint64_t, ir::Dim> after_;
};

// "[2, ?]"
inline std::string DimsText(const std::vector<ir::Dim>& dims) {
  std::string out = "[";
  for (const ir::Dim& d : dims) out += (out.size() > 1 ? ", " : "") + (d.known() ? std::to_string(d.value()) : "?");
  return out + "]";
}

inline bool SameConstant(const ir::Value& a, const ir::Value& b) {
  if (!a.is_constant() || !b.is_constant()) return false;
  const Result<std::span<const std::byte>> x = a.constant->Bytes(), y = b.constant->Bytes();
  return x.ok() && y.ok() && std::ranges::equal(x.value(), y.value());
}

}  // namespace tflower::lower
