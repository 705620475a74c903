// Loop: what a WHILE counts, hands on and carries, before anybody asks what it computes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tflower/builder.h>

namespace tflower::rnn {

// An integer of the body that is first + step * round; step is -1, 0 or 1.
struct Place {
  int64_t first = 0;
  int64_t step = 1;

  bool is_round() const { return first == 0 && step == 1; }
  bool operator==(const Place&) const = default;
};

struct Loop {
  enum class Role : uint8_t { kInvariant, kCounter, kCarried };

  Operator op;
  Subgraph condition, body;
  std::vector<Role> roles;    // by loop variable
  std::vector<Place> places;  // by loop variable, of counters
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

// A counter, tested against a bound, must say how many rounds there are before the loop begins; else there is a problem. Of several such numbers,
// `steps` is the length of an array that the loop gets.
Result<Loop> ReadLoop(Builder& build, const Operator& op);

// What v, an integer of the body, is in each round; nothing where that is not known.
std::optional<Place> PlaceOf(Builder& build, const Loop& loop, const Value& v);
// It is the number of the round.
bool IsRound(Builder& build, const Loop& loop, const Value& v);

}  // namespace tflower::rnn
