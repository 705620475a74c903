// MaskOfSteps: what the body computes of rows and counters in one step, computed for all steps.
#include "emit/step_mask.h"

#include <tflower/pattern.h>

#include "emit/sequences.h"
#include "read/arrays.h"
#include "read/layout.h"

namespace tflower::rnn {
namespace {

using tfl::Builtin;

constexpr int kMaxDepth = 16;

Result<Value> Reshaped(Builder& build, const Value& v, int32_t rows, int32_t columns) {
  TFLOWER_TRY(const Value shape, build.Vector({rows, columns}));
  return build.Emit(tfl::Reshape{}, {v, shape});
}

// Conditions over rows in the body, as conditions over rows and steps outside. Every value has the shape [batch or 1, steps or 1].
class Lifter {
 public:
  Lifter(Builder& build, const Loop& loop, uint64_t batch) : build_(build), loop_(loop), batch_(batch) {}

  Result<Value> Lift(const Value& v, int depth = 0) {
    if (depth > kMaxDepth) return Declined("its mask is computed by too many operators");
    if (!IsOfRows(v, batch_)) return Declined("its mask is not computed row by row");
    if (v.is_constant()) return Declined("its mask is computed with a constant of several elements");
    if (IsRound(build_, loop_, v)) return Steps(build_, loop_);
    if (loop_.Is(v, Loop::Role::kInvariant)) return Reshaped(build_, loop_.op.Input(loop_.VariableOf(v)), -1, 1);
    if (loop_.VariableOf(v) >= 0) return Declined("its mask depends on a state");
    const Operator op = build_.Producer(v);
    if (!op) return Declined("its mask comes from nowhere");
    return Computed(v, op, depth + 1);
  }

 private:
  template <class Op> Result<Value> Of(const Operator& op, const Op& options, int depth) {
    std::vector<Value> operands;
    for (const Value& in : op.Inputs()) {
      const bool number = in.is_constant() && in.num_elements() == 1;
      TFLOWER_TRY(const Value lifted, number ? Result<Value>(in) : Lift(in, depth));
      operands.push_back(lifted);
    }
    return build_.Emit(options, std::span<const Value>(operands));
  }

  Result<Value> Computed(const Value& v, const Operator& op, int depth) {
    switch (op.code()) {
      case Builtin::LESS: return Of(op, tfl::Less{}, depth);
      case Builtin::LESS_EQUAL: return Of(op, tfl::LessEqual{}, depth);
      case Builtin::GREATER: return Of(op, tfl::Greater{}, depth);
      case Builtin::GREATER_EQUAL: return Of(op, tfl::GreaterEqual{}, depth);
      case Builtin::EQUAL: return Of(op, tfl::Equal{}, depth);
      case Builtin::NOT_EQUAL: return Of(op, tfl::NotEqual{}, depth);
      case Builtin::LOGICAL_AND: return Of(op, tfl::LogicalAnd{}, depth);
      case Builtin::LOGICAL_OR: return Of(op, tfl::LogicalOr{}, depth);
      case Builtin::LOGICAL_NOT: return Of(op, tfl::LogicalNot{}, depth);
      case Builtin::RESHAPE: case Builtin::EXPAND_DIMS: case Builtin::SQUEEZE: return Lift(op.Input(0), depth);
      default: return ElementInAll(v);
    }
  }

  Result<Value> ElementInAll(const Value& v) {
    const Result<Element> element = ElementOf(build_, loop_, v);
    if (!element.ok()) return Declined("its mask is computed by other than comparisons, logic and elements of arrays");
    if (v.rank() > 2) return Declined("its mask has more dimensions than rows");
    TFLOWER_TRY(const Sequence all, InputSequence(build_, loop_, element.value()));
    Value x = all.values;
    if (v.rank() == 2) {
      constexpr int32_t kLast[] = {2};
      TFLOWER_TRY(x, build_.Emit(tfl::Squeeze{.squeeze_dims = {kLast, 1}}, {x}));
    }
    if (all.time_major) {
      TFLOWER_TRY(const Value order, build_.Vector({1, 0}));
      TFLOWER_TRY(x, build_.Emit(tfl::Transpose{}, {x, order}));
    }
    return x;
  }

  Builder& build_;
  const Loop& loop_;
  uint64_t batch_;
};

}  // namespace

Result<Value> Steps(Builder& build, const Loop& loop) {
  TFLOWER_TRY(const Value range, RangeOfSteps(build, loop));
  return Reshaped(build, range, 1, -1);
}

namespace {

// For as many rows as the state has.
Result<Value> InAllRows(Builder& build, const Value& mask, const Value& state) {
  if (mask.dim_key(0) == state.dim_key(0)) return mask;
  TFLOWER_TRY(const Value shape, build.Emit(tfl::Shape{.out_type = tfl::TensorType::INT32}, {state}));
  TFLOWER_TRY(const Value zero, build.Vector({0}));
  TFLOWER_TRY(const Value one, build.Vector({1}));
  TFLOWER_TRY(const Value batch, build.Emit(tfl::Slice{}, {shape, zero, one}));
  TFLOWER_TRY(const Value rows, build.Emit(tfl::Concatenation{}, {batch, one}));
  TFLOWER_TRY(const Value yes, build.Scalar(true));
  TFLOWER_TRY(const Value all, build.Emit(tfl::Fill{}, {rows, yes}));
  return build.Emit(tfl::LogicalAnd{}, {mask, all});
}

}  // namespace

Result<Value> MaskOfSteps(Builder& build, const Loop& loop) {
  Lifter lifter(build, loop, loop.mask.dim_key(0));
  TFLOWER_TRY(Value mask, lifter.Lift(loop.mask));
  if (loop.mask_negated) {
    TFLOWER_TRY(mask, build.Emit(tfl::LogicalNot{}, {mask}));
  }
  for (const Value& limit : loop.limits) {
    TFLOWER_TRY(const Value t, Steps(build, loop));
    TFLOWER_TRY(const Value runs, build.Emit(tfl::Less{}, {t, limit}));
    TFLOWER_TRY(mask, build.Emit(tfl::LogicalAnd{}, {mask, runs}));
  }
  const Value state = loop.op.Input(loop.masked);
  TFLOWER_TRY(mask, InAllRows(build, mask, state));
  if (mask.rank() != 2 || mask.dim_key(0) != state.dim_key(0) || mask.dim_key(1) != loop.steps_key) return Declined("its mask is not one for each row and step");
  return mask;
}

}  // namespace tflower::rnn
