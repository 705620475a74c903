// Loop: what a WHILE counts, hands on and carries, before anybody asks what it computes.
#pragma once

#include <string>
#include <vector>

#include <tflower/builder.h>

namespace tflower::rnn {

struct Loop {
  enum class Role : uint8_t { kInvariant, kCounter, kCarried };

  Operator op;
  Subgraph condition, body;
  std::vector<Role> roles;    // by loop variable
  Value steps;                // outside: how many rounds; null where steps_known says it
  int64_t steps_known = -1;
  uint64_t steps_key = 0;     // comparable with dim_key
  std::vector<Value> limits;  // outside, scalars: it may stop before, at the smallest of these
  Value mask;                 // in the body: in which rows the step counts, [batch] or [batch, 1]; null: in all. See read/mask.h
  bool mask_negated = false;  // in which it does not
  int masked = -1;            // a state that it keeps
  std::string problem;        // why the rounds cannot be counted before the loop; empty: they can

  int num_variables() const { return body.num_inputs(); }
  // The loop variable that a value of the body is, at the start of a round; or -1.
  int VariableOf(const Value& inside) const;
  bool Is(const Value& inside, Role role) const {
    const int i = VariableOf(inside);
    return i >= 0 && roles[static_cast<size_t>(i)] == role;
  }
};

// Rounds must be counted from 0 in steps of 1 up to a number that is known before the loop; else there is a problem. Of several such numbers, `steps`
// is the length of an array that the loop gets.
Result<Loop> ReadLoop(Builder& build, const Operator& op);

// One row, or one round's element, of an array that the loop fills.
struct Write {
  Value item;          // in the body, without the dimension of the steps
  bool every = false;  // at the place of the round; else to the only place, so that the last round's stays
};
// What variable i, one that is carried, gets written; null item: it is no array that is filled so.
Write WriteTo(Builder& build, const Loop& loop, int i);

// v is, in the body, the present step's element of the array that is invariant variable i; declines where it is no such thing. The array may be longer
// than there are steps.
Result<int> ElementOf(Builder& build, const Loop& loop, const Value& v);

}  // namespace tflower::rnn
