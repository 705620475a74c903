// Loop: counters, bounds, arrays.
#include "read/loop.h"

#include <algorithm>

#include <tflower/pattern.h>

#include "read/mask.h"

namespace tflower::rnn {
namespace {

using tfl::Builtin;

bool IsInt(Builder& build, const Value& v, int64_t expected) {
  if (!v || !v.is_constant() || v.dtype() != DType::kInt32) return false;
  const Result<std::vector<int64_t>> x = build.Ints(v, "");
  return x.ok() && x.value().size() == 1 && x.value()[0] == expected;
}

int IndexOf(const Subgraph& graph, const Value& v) {
  for (int i = 0; i < graph.num_inputs(); ++i) if (graph.Input(i) == v) return i;
  return -1;
}

// Starts at 0 and grows by 1.
bool IsCounter(Builder& build, const Operator& op, const Subgraph& body, int i) {
  const Operator next = build.Producer(body.Output(i));
  if (!next || next.code() != Builtin::ADD || !IsInt(build, op.Input(i), 0)) return false;
  const Value in = body.Input(i);
  return (next.Input(0) == in && IsInt(build, next.Input(1), 1)) || (next.Input(1) == in && IsInt(build, next.Input(0), 1));
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
      case Builtin::LESS: return Add(test.Input(0), test.Input(1));
      case Builtin::GREATER: return Add(test.Input(1), test.Input(0));
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

  Status Add(const Value& counter, const Value& limit) {
    const int i = IndexOf(loop_.condition, counter), k = IndexOf(loop_.condition, limit);
    if (i < 0 || loop_.roles[static_cast<size_t>(i)] != Loop::Role::kCounter) return Declined("its condition does not test a counter that begins at 0 and grows by 1");
    const bool outside = k >= 0 && loop_.roles[static_cast<size_t>(k)] == Loop::Role::kInvariant;
    const Value bound = outside ? loop_.op.Input(k) : limit;
    const Result<Elements> elements = build_.ReadElements(bound);
    if ((!outside && !limit.is_constant()) || bound.num_elements() != 1) return Declined("the number of its rounds is not known before it begins");
    if (elements.ok()) Add({outside ? bound : Value(), elements.value().known[0] != 0 ? elements.value().values[0] : -1, elements.value().keys[0]});
    else bounds_.push_back({bound});
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

// x[t] by STRIDED_SLICE: one along the first axis, which goes. The place, or a null value and why not.
Result<Value> PlaceOfSlice(Builder& build, const Operator& op, const Value& v) {
  const Value x = op.Input(0);
  const auto options = op.As<tfl::StridedSlice>();
  const Operator begin = build.Producer(op.Input(1));
  const bool counted = begin && (begin.code() == Builtin::RESHAPE || begin.code() == Builtin::PACK) && begin.Input(0).rank() == 0;
  if (options.shrink_axis_mask != 1 || (options.begin_mask & 1) != 0 || options.ellipsis_mask != 0 || options.new_axis_mask != 0 || !counted) return Declined("it is cut across the batch");
  const Result<Elements> step = build.ReadElements(op.Input(3));
  for (int d = 0; d < v.rank(); ++d) if (v.dim_key(d) != x.dim_key(d + 1)) return Declined("it reads a part of an array's element");
  if (!step.ok() || std::ranges::any_of(step.value().values, [](int64_t s) { return s != 1; })) return Declined("it reads an array in other steps than 1");
  return begin.Input(0);
}

Result<Value> PlaceOfElement(Builder& build, const Operator& op, const Value& v) {
  if (!op || (op.code() != Builtin::GATHER && op.code() != Builtin::STRIDED_SLICE)) return Declined("it is no element of an array");
  if (op.code() == Builtin::STRIDED_SLICE) return PlaceOfSlice(build, op, v);
  const auto options = op.As<tfl::Gather>();
  if (options.axis != 0 || options.batch_dims != 0 || op.Input(1).rank() != 0) return Declined("it reads an array, but not along the steps");
  return op.Input(1);
}

}  // namespace

int Loop::VariableOf(const Value& inside) const { return IndexOf(body, inside); }

Result<Loop> ReadLoop(Builder& build, const Operator& op) {
  TFLOWER_TRY(const Subgraph condition, build.SubgraphOf(op, 0));
  TFLOWER_TRY(const Subgraph body, build.SubgraphOf(op, 1));
  Loop loop{.op = op, .condition = condition, .body = body};
  for (int i = 0; i < body.num_inputs(); ++i) {
    const bool invariant = body.Output(i) == body.Input(i);
    loop.roles.push_back(invariant ? Loop::Role::kInvariant : IsCounter(build, op, body, i) ? Loop::Role::kCounter : Loop::Role::kCarried);
  }
  BoundReader bounds(build, loop);
  Status counted = bounds.Read(condition.Output(0));
  if (counted.ok()) counted = bounds.Finish();
  if (!counted.ok()) loop.problem = counted.error().message;
  else if (loop.steps_known == 0) loop.problem = "it has no rounds";
  FindMask(build, loop);
  return loop;
}

Result<int> ElementOf(Builder& build, const Loop& loop, const Value& v) {
  const Operator op = build.Producer(v);
  TFLOWER_TRY(const Value place, PlaceOfElement(build, op, v));
  const int i = loop.VariableOf(op.Input(0));
  if (i < 0 || loop.roles[static_cast<size_t>(i)] != Loop::Role::kInvariant) return Declined("it reads an array that it writes");
  if (!loop.Is(place, Loop::Role::kCounter)) return Declined("it reads an array at another place than that of the step");
  return i;
}

Write WriteTo(Builder& build, const Loop& loop, int i) {
  const Value out = loop.body.Output(i);
  const Operator made = build.Producer(out);
  if (!made || out.rank() < 2) return {};
  const auto inside = [&](const Value& packed) -> Value {
    const Operator pack = build.Producer(packed);
    return pack && pack.code() == Builtin::PACK && pack.As<tfl::Pack>().axis == 0 && pack.num_inputs() == 1 ? pack.Input(0) : Value();
  };
  if (out.dim(0) == 1 && made.code() == Builtin::PACK) return {inside(out), false};
  if (made.code() != Builtin::DYNAMIC_UPDATE_SLICE || !(made.Input(0) == loop.body.Input(i))) return {};
  const Operator start = build.Producer(made.Input(2));
  if (!start || start.code() != Builtin::PACK || start.num_inputs() != out.rank() || !loop.Is(start.Input(0), Loop::Role::kCounter)) return {};
  for (int d = 1; d < out.rank(); ++d) if (!IsInt(build, start.Input(d), 0)) return {};
  return {inside(made.Input(1)), true};
}

}  // namespace tflower::rnn
