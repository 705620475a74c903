// Results: arrays, last steps, counters.
#include "emit/results.h"

#include <algorithm>

#include <tflower/pattern.h>

namespace tflower::rnn {
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

namespace {

// Takes the terms of a part out of the sum, where it has them all.
bool TakeOut(Form& sum, const Form& part) {
  const auto is = [&](const Term& t) { return std::ranges::any_of(part.terms, [&](const Term& of) { return of.atom == t.atom; }); };
  if (part.terms.size() < 2 || !part.bias.empty() || std::ranges::count_if(sum.terms, is) != static_cast<std::ptrdiff_t>(part.terms.size())) return false;
  std::erase_if(sum.terms, is);
  return true;
}

}  // namespace

// Of what a wrapper adds to a cell's output: the step's input, or another cell's output.
Result<Value> Results::SumOfSteps(Form form, const std::vector<Track>& tracks) {
  const auto is_plain = [](const Form& sum) {
    return sum.bias.empty() && std::ranges::all_of(sum.terms, [&](const Term& t) {
      return t.of.kind == Coefficient::Kind::kPlaced && t.of.scale == 1 && t.of.row == 0 && t.atom->width == sum.width;
    });
  };
  if (form.terms.empty() || !is_plain(form)) return Declined("it writes something that is no output of the cell");
  Value sum;
  for (const Track& track : tracks) {
    if (!track.all.values || !is_plain(track.form) || !TakeOut(form, track.form)) continue;
    TFLOWER_TRY(const Value steps, WithStepsFirst(build_, track.all));
    TFLOWER_TRY(sum, sum ? build_.Emit(tfl::Add{}, {sum, steps}) : Result<Value>(steps));
  }
  for (const Term& t : form.terms) {
    TFLOWER_TRY(const JoinedSequence part, Join(body_, tracks, {t.atom}));
    if (part.width != form.width) return Declined("it writes a part of its input");
    TFLOWER_TRY(const Value steps, WithStepsFirst(build_, part.sequence));
    TFLOWER_TRY(sum, sum ? build_.Emit(tfl::Add{}, {sum, steps}) : Result<Value>(steps));
  }
  return sum;
}

Result<Value> Results::ResultOf(int variable, std::vector<Track>& tracks) {
  const Loop& loop = body_.loop();
  if (loop.roles[static_cast<size_t>(variable)] == Loop::Role::kCounter) return loop.steps_known >= 0 ? build_.Scalar(static_cast<int32_t>(loop.steps_known)) : Result<Value>(loop.steps);
  const Write write = WriteTo(build_, loop, variable);
  const Form* const form = body_.Read(write.item ? write.item : loop.body.Output(variable));
  for (Track& track : tracks) {
    if (form == nullptr || !Same(*form, track.form)) continue;
    if (write.item && write.every) {
      if (!track.all.values) return Declined("it writes its cell state at each step");
      return WithStepsFirst(build_, track.all);
    }
    TFLOWER_TRY(const Value last, Last(track));
    if (!write.item) return last;
    TFLOWER_TRY(const Value axis, build_.Scalar(int32_t{0}));
    return build_.Emit(tfl::ExpandDims{}, {last, axis});
  }
  if (form != nullptr && write.item && write.every) return SumOfSteps(*form, tracks);
  return Declined(form == nullptr && !body_.why().empty() ? body_.why() : "it carries something that is no state of the cell");
}

Status Results::Replace(std::vector<Track>& tracks) {
  const Loop& loop = body_.loop();
  for (int i = 0; i < loop.num_variables(); ++i) {
    if (loop.roles[static_cast<size_t>(i)] == Loop::Role::kInvariant) continue;
    TFLOWER_TRY(const Value result, ResultOf(i, tracks));
    TFLOWER_CHECK(build_.Substitute(loop.op.Output(i), result));
  }
  return Ok();
}

}  // namespace tflower::rnn
