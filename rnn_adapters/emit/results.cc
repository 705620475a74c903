// Results: arrays, last steps, counters.
#include "emit/results.h"

#include <tflower/pattern.h>

namespace tflower::rnn {
namespace {

Result<Value> Swapped(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value order, build.Vector({1, 0, 2}));
  return build.Emit(tfl::Transpose{}, {x, order});
}

}  // namespace

Sequence InputSequence(Builder& build, const Loop& loop, int i) {
  const Value x = loop.op.Input(i);
  const Operator transpose = build.Producer(x);
  if (transpose && transpose.code() == tfl::Builtin::TRANSPOSE) {
    const Result<std::vector<int64_t>> order = build.Ints(transpose.Input(1), "perm");
    if (order.ok() && order.value() == std::vector<int64_t>{1, 0, 2}) return {transpose.Input(0), false};
  }
  return {x, true};
}

Result<Value> Results::Last(Track& track) {
  if (track.last) return track.last;
  const int axis = track.all.time_major ? 0 : 1, others = 7 & ~(1 << axis);
  const int32_t begin[] = {axis == 0 ? -1 : 0, axis == 1 ? -1 : 0, 0};
  TFLOWER_TRY(const Value from, build_.Vector(std::span<const int32_t>(begin)));
  TFLOWER_TRY(const Value to, build_.Vector({0, 0, 0}));
  TFLOWER_TRY(const Value steps, build_.Vector({1, 1, 1}));
  TFLOWER_TRY(track.last, build_.Emit(tfl::StridedSlice{.begin_mask = others, .end_mask = others, .shrink_axis_mask = 1 << axis}, {track.all.values, from, to, steps}));
  return track.last;
}

Result<Value> Results::Steps(const Track& track) {
  if (!track.all.values) return Declined("it writes its cell state at each step");
  return track.all.time_major ? Result<Value>(track.all.values) : Swapped(build_, track.all.values);
}

Result<Value> Results::ResultOf(int variable, std::vector<Track>& tracks) {
  const Loop& loop = body_.loop();
  if (loop.roles[static_cast<size_t>(variable)] == Loop::Role::kCounter) return loop.steps_known >= 0 ? build_.Scalar(static_cast<int32_t>(loop.steps_known)) : Result<Value>(loop.steps);
  const Write write = WriteTo(build_, loop, variable);
  const Form* const form = body_.Read(write.item ? write.item : loop.body.Output(variable));
  for (Track& track : tracks) {
    if (form == nullptr || !Same(*form, *track.form)) continue;
    if (write.item && write.every) return Steps(track);
    TFLOWER_TRY(const Value last, Last(track));
    if (!write.item) return last;
    TFLOWER_TRY(const Value axis, build_.Scalar(int32_t{0}));
    return build_.Emit(tfl::ExpandDims{}, {last, axis});
  }
  return Declined(form == nullptr && !body_.why().empty() ? body_.why() : "it carries something that is no state of the cell");
}

Status Results::Replace(std::vector<Track> tracks) {
  const Loop& loop = body_.loop();
  for (int i = 0; i < loop.num_variables(); ++i) {
    if (loop.roles[static_cast<size_t>(i)] == Loop::Role::kInvariant) continue;
    TFLOWER_TRY(const Value result, ResultOf(i, tracks));
    TFLOWER_CHECK(build_.Substitute(loop.op.Output(i), result));
  }
  return Ok();
}

}  // namespace tflower::rnn
