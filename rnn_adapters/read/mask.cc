// Masks: where a body selects by which condition.
#include "read/mask.h"

#include <tflower/pattern.h>

#include "read/layout.h"

namespace tflower::rnn {
namespace {

using tfl::Builtin;

constexpr int kMaxDepth = 16;

struct Condition {
  Value rows;  // [batch] or [batch, 1], where the batch may also be 1
  bool negated = false;
};

// By which rows a SELECT or SELECT_V2 selects: units, if it has any, are equal.
std::optional<Condition> ConditionOf(Builder& build, const Operator& select) {
  const Value whole = select.Output(0);
  Condition c{select.Input(0)};
  if (whole.rank() != 2) return std::nullopt;
  bool by_rows = select.code() == Builtin::SELECT && c.rows.rank() == 1;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    by_rows = by_rows || (c.rows.rank() == 2 && c.rows.dim(1) == 1);
    const Operator op = build.Producer(c.rows);
    if (op && op.code() == Builtin::LOGICAL_NOT) {
      c = {op.Input(0), !c.negated};
    } else if (op && !by_rows && (op.code() == Builtin::TILE || op.code() == Builtin::BROADCAST_TO) && op.Input(0).rank() == 2 && op.Input(0).dim_key(0) == c.rows.dim_key(0)) {
      c.rows = op.Input(0);
    } else if (op && by_rows && op.code() == Builtin::TILE && op.Input(0).SameShape(c.rows)) {
      c.rows = op.Input(0);
    } else {
      break;
    }
  }
  return by_rows ? std::optional(c) : std::nullopt;
}

// Equal conditions have equal keys: they are computed anew for each state.
std::string KeyOf(Builder& build, const Loop& loop, const Value& v, int depth = 0) {
  if (const int i = loop.VariableOf(v); i >= 0) return IsRound(build, loop, v) ? "t" : "v" + std::to_string(i);
  int result = 0;
  const Operator op = build.Producer(v, &result);
  const auto address = std::to_string(reinterpret_cast<uintptr_t>(v.abi()));
  if (!op || depth > kMaxDepth) return address;
  switch (op.code()) {
    case Builtin::LESS: case Builtin::LESS_EQUAL: case Builtin::GREATER: case Builtin::GREATER_EQUAL: case Builtin::EQUAL: case Builtin::NOT_EQUAL:
    case Builtin::LOGICAL_AND: case Builtin::LOGICAL_OR: case Builtin::LOGICAL_NOT: break;
    default: return address;
  }
  std::string key = std::to_string(static_cast<int>(op.code()));
  for (const Value& in : op.Inputs()) key += "(" + KeyOf(build, loop, in, depth + 1) + ")";
  return key;
}

Operator SelectOf(Builder& build, const Value& v) {
  const Operator select = build.Producer(v);
  return select && (select.code() == Builtin::SELECT || select.code() == Builtin::SELECT_V2) ? select : Operator();
}

// A condition that can only change from true to false as the steps go on; from false to true when `rising`.
bool IsMonotone(Builder& build, const Loop& loop, const Value& v, bool rising, int depth = 0) {
  const Operator op = build.Producer(v);
  if (loop.Is(v, Loop::Role::kInvariant)) return true;
  if (!op || depth > kMaxDepth) return false;
  const auto of = [&](int operand, bool up) { return IsMonotone(build, loop, op.Input(operand), up, depth + 1); };
  const auto counts = [&](int operand) {
    const Value bound = op.Input(1 - operand);
    return IsRound(build, loop, op.Input(operand)) && (bound.is_constant() || loop.Is(bound, Loop::Role::kInvariant));
  };
  switch (op.code()) {
    case Builtin::LOGICAL_NOT: return of(0, !rising);
    case Builtin::LOGICAL_AND: case Builtin::LOGICAL_OR: return of(0, rising) && of(1, rising);
    case Builtin::RESHAPE: case Builtin::EXPAND_DIMS: case Builtin::SQUEEZE: return of(0, rising);
    case Builtin::LESS: case Builtin::LESS_EQUAL: return counts(rising ? 1 : 0);
    case Builtin::GREATER: case Builtin::GREATER_EQUAL: return counts(rising ? 0 : 1);
    default: return false;
  }
}

}  // namespace

void FindMask(Builder& build, Loop& loop) {
  for (int i = 0; i < loop.num_variables() && !loop.mask; ++i) {
    const Operator select = SelectOf(build, loop.body.Output(i));
    if (!select || (!(select.Input(1) == loop.body.Input(i)) && !(select.Input(2) == loop.body.Input(i)))) continue;
    const std::optional<Condition> c = ConditionOf(build, select);
    if (c) loop.masked = i, loop.mask = c->rows, loop.mask_negated = c->negated != (select.Input(1) == loop.body.Input(i));
  }
}

std::optional<Masked> ByMask(Builder& build, const Loop& loop, const Value& v) {
  const Operator select = loop.mask ? SelectOf(build, v) : Operator();
  const std::optional<Condition> c = select ? ConditionOf(build, select) : std::nullopt;
  if (!c || (!(c->rows == loop.mask) && KeyOf(build, loop, c->rows) != KeyOf(build, loop, loop.mask))) return std::nullopt;
  const bool straight = c->negated == loop.mask_negated;
  return Masked{select.Input(straight ? 1 : 2), select.Input(straight ? 2 : 1)};
}

bool IsKept(Builder& build, const Loop& loop, int i) {
  const std::optional<Masked> state = ByMask(build, loop, loop.body.Output(i));
  return state && state->otherwise == loop.body.Input(i);
}

bool IsPrefix(Builder& build, const Loop& loop) { return IsMonotone(build, loop, loop.mask, loop.mask_negated); }

}  // namespace tflower::rnn
