// Elements: by GATHER or STRIDED_SLICE. Writes: by DYNAMIC_UPDATE_SLICE.
#include "read/arrays.h"

#include <algorithm>

#include <tflower/pattern.h>

namespace tflower::rnn {
namespace {

using tfl::Builtin;

// Where in an array, along which axis.
struct At {
  Value index;
  int axis = 0;
};

// x[t], or x[:, t], by STRIDED_SLICE.
Result<At> AtOfSlice(Builder& build, const Operator& op, const Value& v) {
  const Value x = op.Input(0);
  const auto options = op.As<tfl::StridedSlice>();
  const int axis = options.shrink_axis_mask == 2 ? 1 : 0;
  const Operator begin = build.Producer(op.Input(1));
  const bool counted = begin && ((begin.code() == Builtin::RESHAPE && axis == 0) || begin.code() == Builtin::PACK) && axis < begin.num_inputs() && begin.Input(axis).rank() == 0;
  if (options.shrink_axis_mask != 1 << axis || (options.begin_mask >> axis & 1) != 0 || options.ellipsis_mask != 0 || options.new_axis_mask != 0 || !counted)
    return Declined("it is cut across the batch");
  const Result<Elements> step = build.ReadElements(op.Input(3));
  for (int d = 0; d < v.rank(); ++d) if (v.dim_key(d) != x.dim_key(d < axis ? d : d + 1)) return Declined("it reads a part of an array's element");
  if (!step.ok() || std::ranges::any_of(step.value().values, [](int64_t s) { return s != 1; })) return Declined("it reads an array in other steps than 1");
  return At{begin.Input(axis), axis};
}

Result<At> AtOf(Builder& build, const Operator& op, const Value& v) {
  if (!op || (op.code() != Builtin::GATHER && op.code() != Builtin::STRIDED_SLICE)) return Declined("it is no element of an array");
  if (op.code() == Builtin::STRIDED_SLICE) return AtOfSlice(build, op, v);
  const auto options = op.As<tfl::Gather>();
  if (options.axis < 0 || options.axis > 1 || options.batch_dims != 0 || op.Input(1).rank() != 0) return Declined("it reads an array, but not along the steps");
  return At{op.Input(1), options.axis};
}

}  // namespace

Result<Element> ElementOf(Builder& build, const Loop& loop, const Value& v) {
  const Operator op = build.Producer(v);
  TFLOWER_TRY(const At at, AtOf(build, op, v));
  const int i = loop.VariableOf(op.Input(0));
  if (i < 0 || loop.roles[static_cast<size_t>(i)] != Loop::Role::kInvariant) return Declined("it reads an array that it writes");
  const std::optional<Place> place = PlaceOf(build, loop, at.index);
  if (!place || place->step == 0) return Declined("it reads an array at another place than that of the step");
  return Element{i, at.axis, *place};
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
  if (!start || start.code() != Builtin::PACK || start.num_inputs() != out.rank()) return {};
  for (int d = 1; d < out.rank(); ++d) if (!start.Input(d).is_constant() || PlaceOf(build, loop, start.Input(d)) != Place{0, 0}) return {};
  const std::optional<Place> place = PlaceOf(build, loop, start.Input(0));
  const bool backwards = place && *place == Place{loop.steps_known - 1, -1};
  if (!place || (!place->is_round() && !backwards)) return {};
  return {inside(made.Input(1)), true, backwards && !place->is_round()};
}

}  // namespace tflower::rnn
