// Loop: counters, bounds, arrays.
#include "read/loop.h"

#include <tflower/pattern.h>

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
      case Builtin::LESS: return Bound(test.Input(0), test.Input(1));
      case Builtin::GREATER: return Bound(test.Input(1), test.Input(0));
      default: return Declined("its condition is no comparison of a counter with the number of steps");
    }
  }

 private:
  Status Bound(const Value& counter, const Value& limit) {
    const int i = IndexOf(loop_.condition, counter), k = IndexOf(loop_.condition, limit);
    if (i < 0 || loop_.roles[static_cast<size_t>(i)] != Loop::Role::kCounter) return Declined("its condition does not test a counter that begins at 0 and grows by 1");
    const bool outside = k >= 0 && loop_.roles[static_cast<size_t>(k)] == Loop::Role::kInvariant;
    const Value bound = outside ? loop_.op.Input(k) : limit;
    const Result<Elements> elements = build_.ReadElements(bound);
    if ((!outside && !limit.is_constant()) || !elements.ok() || elements.value().values.size() != 1) return Declined("the number of its rounds is not known before it begins");
    const Elements& e = elements.value();
    if (found_ && loop_.steps_known >= 0 && e.known[0] != 0) {
      if (e.values[0] >= loop_.steps_known) return Ok();
    } else if (found_) {
      if (e.keys[0] == loop_.steps_key) return Ok();
      return Declined("it stops at one of two numbers of rounds");
    }
    found_ = true;
    loop_.steps_known = e.known[0] != 0 ? e.values[0] : -1;
    loop_.steps_key = e.keys[0];
    loop_.steps = outside ? bound : Value();
    return Ok();
  }

  Builder& build_;
  Loop& loop_;
  bool found_ = false;
};

}  // namespace

int Loop::VariableOf(const Value& inside) const { return IndexOf(body, inside); }

Result<Loop> ReadLoop(Builder& build, const Operator& op) {
  TFLOWER_TRY(const Subgraph condition, build.SubgraphOf(op, 0));
  TFLOWER_TRY(const Subgraph body, build.SubgraphOf(op, 1));
  Loop loop{op, condition, body, {}, Value(), -1, 0, {}};
  for (int i = 0; i < body.num_inputs(); ++i) {
    const bool invariant = body.Output(i) == body.Input(i);
    loop.roles.push_back(invariant ? Loop::Role::kInvariant : IsCounter(build, op, body, i) ? Loop::Role::kCounter : Loop::Role::kCarried);
  }
  if (const Status bound = BoundReader(build, loop).Read(condition.Output(0)); !bound.ok()) loop.problem = bound.error().message;
  else if (loop.steps_known == 0) loop.problem = "it has no rounds";
  return loop;
}

bool IsMasked(Builder& build, const Loop& loop, int i) {
  const Operator select = build.Producer(loop.body.Output(i));
  if (!select || (select.code() != Builtin::SELECT && select.code() != Builtin::SELECT_V2)) return false;
  return select.Input(1) == loop.body.Input(i) || select.Input(2) == loop.body.Input(i);
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
