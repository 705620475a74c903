// Loop: counters and bounds.
#include "read/loop.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include <tflower/pattern.h>

#include "read/mask.h"

namespace tflower::rnn {
namespace {

using tfl::Builtin;

int IndexOf(const Subgraph& graph, const Value& v) {
  for (int i = 0; i < graph.num_inputs(); ++i) if (graph.Input(i) == v) return i;
  return -1;
}

// An int32, as TensorFlow counts with, that is known here.
std::optional<int64_t> Known(Builder& build, const Value& v) {
  if (!v || v.num_elements() != 1 || v.dtype() != DType::kInt32) return std::nullopt;
  const Result<Elements> x = build.ReadElements(v);
  return x.ok() && x.value().known[0] != 0 ? std::optional(x.value().values[0]) : std::nullopt;
}

constexpr int kMaxDepth = 8;

std::optional<Place> Combined(Builtin code, const Place& a, const Place& b) {
  Place out{a.first + b.first, a.step + b.step};
  if (code == Builtin::SUB) out = {a.first - b.first, a.step - b.step};
  if (code == Builtin::MUL && a.step != 0 && b.step != 0) return std::nullopt;
  if (code == Builtin::MUL) out = {a.first * b.first, a.step * b.first + b.step * a.first};
  constexpr int64_t kMost = int64_t{1} << 31;  // int32 has no place beyond
  return out.first > -kMost && out.first < kMost && std::abs(out.step) <= 1 ? std::optional(out) : std::nullopt;
}

std::optional<Place> PlaceAt(Builder& build, const Loop& loop, const Value& v, int depth) {
  if (const std::optional<int64_t> x = v ? Known(build, v) : std::nullopt) return Place{*x, 0};
  if (!v || v.rank() != 0 || depth > kMaxDepth) return std::nullopt;
  if (const int i = loop.VariableOf(v); i >= 0) {
    if (loop.Is(v, Loop::Role::kCounter)) return loop.places[static_cast<size_t>(i)];
    const std::optional<int64_t> x = loop.Is(v, Loop::Role::kInvariant) ? Known(build, loop.op.Input(i)) : std::nullopt;
    return x ? std::optional(Place{*x, 0}) : std::nullopt;
  }
  const Operator op = build.Producer(v);
  if (!op || (op.code() != Builtin::ADD && op.code() != Builtin::SUB && op.code() != Builtin::MUL)) return std::nullopt;
  const std::optional<Place> a = PlaceAt(build, loop, op.Input(0), depth + 1), b = PlaceAt(build, loop, op.Input(1), depth + 1);
  return a && b ? Combined(op.code(), *a, *b) : std::nullopt;
}

// A variable that begins with a known number, and grows or falls by 1.
std::optional<Place> CounterOf(Builder& build, const Loop& loop, int i) {
  const Operator next = build.Producer(loop.body.Output(i));
  const std::optional<int64_t> first = Known(build, loop.op.Input(i));
  if (!first || !next || (next.code() != Builtin::ADD && next.code() != Builtin::SUB)) return std::nullopt;
  const Value in = loop.body.Input(i);
  const bool swapped = next.code() == Builtin::ADD && next.Input(1) == in;
  if (!swapped && !(next.Input(0) == in)) return std::nullopt;
  const std::optional<Place> by = PlaceOf(build, loop, next.Input(swapped ? 0 : 1));
  if (!by || by->step != 0 || std::abs(by->first) != 1) return std::nullopt;
  return Place{*first, next.code() == Builtin::SUB ? -by->first : by->first};
}

// The numbers of rounds at any of which a loop ends.
class BoundReader {
 public:
  BoundReader(Builder& build, Loop& loop) : build_(build), loop_(loop) {}

  Status Read(const Value& condition, int depth = 0) {
    const Operator test = build_.Producer(condition);
    if (!test || depth > 8) return Declined("its condition is no comparison");
    switch (test.code()) {
      case Builtin::LOGICAL_AND:
        TFLOWER_CHECK(Read(test.Input(0), depth + 1));
        return Read(test.Input(1), depth + 1);
      case Builtin::LESS: return Add(test.Input(0), test.Input(1), 1, 0);
      case Builtin::LESS_EQUAL: return Add(test.Input(0), test.Input(1), 1, 1);
      case Builtin::GREATER: return Add(test.Input(0), test.Input(1), -1, 0);
      case Builtin::GREATER_EQUAL: return Add(test.Input(0), test.Input(1), -1, 1);
      default: return Declined("its condition is no comparison of a counter with the number of steps");
    }
  }

  Status Finish() {
    if (bounds_.size() == 1 && bounds_[0].key == 0) return Declined("the number of its rounds is not known before it begins");
    size_t chosen = 0;
    while (bounds_.size() > 1 && !IsLength(bounds_[chosen].key)) if (++chosen == bounds_.size()) return Declined("it stops at one of two numbers of rounds");
    for (size_t i = 0; i < bounds_.size(); ++i) {
      const Bound& b = bounds_[i];
      if (i == chosen) {
        loop_.steps_known = b.known, loop_.steps_key = b.key, loop_.steps = b.outside;
        continue;
      }
      TFLOWER_TRY(const Value limit, b.outside ? Result<Value>(b.outside) : build_.Scalar(static_cast<int32_t>(b.known)));
      loop_.limits.push_back(limit);
    }
    return Ok();
  }

 private:
  struct Bound {
    Value outside;       // null: a constant of the condition
    int64_t known = -1;
    uint64_t key = 0;    // 0: nothing is known about it
  };

  // It goes on while a counter that moves in `direction` is in front of the limit; inclusive: or at it. Or the other way round.
  Status Add(Value counter, Value limit, int64_t direction, int64_t inclusive) {
    const auto counts = [&](const Value& v) {
      const int i = IndexOf(loop_.condition, v);
      return i >= 0 && loop_.roles[static_cast<size_t>(i)] == Loop::Role::kCounter;
    };
    if (!counts(counter)) std::swap(counter, limit), direction = -direction;
    if (!counts(counter)) return Declined("its condition does not test an int32 counter that begins with a known number and changes by 1");
    const Place place = loop_.places[static_cast<size_t>(IndexOf(loop_.condition, counter))];
    if (place.step != direction) return Declined("its condition tests a counter that moves away from the bound");
    const int k = IndexOf(loop_.condition, limit);
    const bool outside = k >= 0 && loop_.roles[static_cast<size_t>(k)] == Loop::Role::kInvariant;
    Value bound = outside ? loop_.op.Input(k) : limit;
    if ((!outside && !limit.is_constant()) || bound.num_elements() != 1) return Declined("the number of its rounds is not known before it begins");
    if (const std::optional<int64_t> known = Known(build_, bound)) {
      const int64_t rounds = std::max<int64_t>((*known - place.first) * direction + inclusive, 0);
      TFLOWER_TRY(const Value number, build_.Scalar(static_cast<int32_t>(std::min<int64_t>(rounds, std::numeric_limits<int32_t>::max()))));
      return AddKnown(Value(), number);
    }
    if (!place.is_round() || inclusive != 0) {
      TFLOWER_TRY(bound, RoundsTo(bound, place.first, direction, inclusive));
    }
    return AddKnown(bound, bound);
  }

  // (bound - first) * direction + inclusive.
  Result<Value> RoundsTo(const Value& bound, int64_t first, int64_t direction, int64_t inclusive) {
    const int64_t offset = direction > 0 ? inclusive - first : inclusive + first;
    TFLOWER_TRY(const Value number, build_.Scalar(static_cast<int32_t>(offset)));
    if (direction > 0) return build_.Emit(tfl::Add{}, {bound, number});
    return build_.Emit(tfl::Sub{}, {number, bound});
  }

  Status AddKnown(const Value& outside, const Value& number) {
    const Result<Elements> elements = build_.ReadElements(number);
    if (elements.ok()) Add({outside, elements.value().known[0] != 0 ? elements.value().values[0] : -1, elements.value().keys[0]});
    else bounds_.push_back({number});
    return Ok();
  }

  // Of constants the smallest.
  void Add(const Bound& b) {
    for (Bound& other : bounds_) {
      if (other.key == b.key) return;
      if (other.known < 0 || b.known < 0) continue;
      if (b.known < other.known) other = b;
      return;
    }
    bounds_.push_back(b);
  }

  bool IsLength(uint64_t key) const {
    for (int i = 0; i < loop_.num_variables(); ++i) {
      const Value x = loop_.op.Input(i);
      if (loop_.roles[static_cast<size_t>(i)] == Loop::Role::kInvariant && x.dtype() == DType::kFloat32 && x.rank() > 2 && x.dim_key(0) == key) return true;
    }
    return false;
  }

  Builder& build_;
  Loop& loop_;
  std::vector<Bound> bounds_;
};

}  // namespace

int Loop::VariableOf(const Value& inside) const { return IndexOf(body, inside); }

std::optional<Place> PlaceOf(Builder& build, const Loop& loop, const Value& v) { return PlaceAt(build, loop, v, 0); }

bool IsRound(Builder& build, const Loop& loop, const Value& v) {
  const std::optional<Place> place = PlaceOf(build, loop, v);
  return place && place->is_round();
}

Result<Loop> ReadLoop(Builder& build, const Operator& op) {
  TFLOWER_TRY(const Subgraph condition, build.SubgraphOf(op, 0));
  TFLOWER_TRY(const Subgraph body, build.SubgraphOf(op, 1));
  Loop loop{.op = op, .condition = condition, .body = body};
  for (int i = 0; i < body.num_inputs(); ++i) loop.roles.push_back(body.Output(i) == body.Input(i) ? Loop::Role::kInvariant : Loop::Role::kCarried);
  loop.places.resize(loop.roles.size());
  for (int i = 0; i < body.num_inputs(); ++i) {
    const std::optional<Place> place = loop.roles[static_cast<size_t>(i)] == Loop::Role::kCarried ? CounterOf(build, loop, i) : std::nullopt;
    if (place) loop.roles[static_cast<size_t>(i)] = Loop::Role::kCounter, loop.places[static_cast<size_t>(i)] = *place;
  }
  BoundReader bounds(build, loop);
  Status counted = bounds.Read(condition.Output(0));
  if (counted.ok()) counted = bounds.Finish();
  if (!counted.ok()) loop.problem = counted.error().message;
  else if (loop.steps_known == 0) loop.problem = "it has no rounds";
  FindMask(build, loop);
  if (loop.problem.empty() && !loop.mask && !loop.limits.empty()) loop.problem = "it stops at one of two numbers of rounds";  // with a mask, that says when
  return loop;
}

}  // namespace tflower::rnn
