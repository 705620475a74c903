// Packing: how operators without masks compute loops with masks. At steps that do not count a loop keeps its states, so each row's states and outputs are
// those of a sequence without such steps: the steps that count are moved to the front, and results back to their places. What an operator computes behind
// them is read by nobody.
#pragma once

#include <optional>

#include <tflower/builder.h>

#include "emit/sequences.h"
#include "read/loop.h"

namespace tflower::rnn {

class Packing {
 public:
  // Nothing where each row's steps all count.
  static Result<std::optional<Packing>> Make(Builder& build, const Loop& loop);

  // The steps that count, then the others; batch first.
  Result<Sequence> Pack(const Sequence& x) const;
  // [batch, steps, 1]: kBehind at packed steps that do not count, else 0.
  const Value& behind() const { return behind_; }
  static constexpr float kBehind = 1e9f;

  // Of a packed sequence, batch first: the last step that counts; `initial`, [batch, width] or a number, in rows without any.
  Result<Value> Last(const Value& packed, const Value& initial) const;
  // At each step the last one that counts until then, or `initial`.
  Result<Value> Held(const Value& packed, const Value& initial) const;
  // At steps that count what was computed, at others `other`, [batch, width] or a number.
  Result<Value> Chosen(const Value& packed, const Value& other) const;
  // The same of the loop's last step.
  Result<Value> ChosenLast(const Value& packed, const Value& other) const;

 private:
  explicit Packing(Builder& build) : build_(&build) {}
  Status Init(const Loop& loop);
  Status Sort(const Value& ones, const Loop& loop);
  // [batch, steps] `where`: steps, else other.
  Result<Value> Choose(const Value& where, const Value& steps, const Value& other) const;
  Status MarkBehind(const Value& values);  // where they are 0 or less

  Builder* build_;
  Value mask_;    // bool [batch, steps]
  Value order_;   // int32 [batch, steps]: the step that is packed there; null where they are in order
  Value places_;  // int32 [batch, steps]: how many steps count until then
  Value counts_;  // int32 [batch]
  Value behind_;
};

}  // namespace tflower::rnn
