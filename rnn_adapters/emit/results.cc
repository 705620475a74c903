// Results: arrays, last steps, counters.
#include "emit/results.h"

#include <algorithm>

#include <tflower/pattern.h>

#include "emit/step_mask.h"

namespace tflower::rnn {

Result<Value> Results::Last(Track& track) {
  if (track.last) return track.last;
  TFLOWER_TRY(track.last, LastStep(build_, track.all));
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

Status Results::AddSteps(Sequence& sum, const Sequence& steps) {
  if (!sum.values) {
    sum = steps;
    return Ok();
  }
  if (steps.time_major != sum.time_major) {
    TFLOWER_TRY(const Value left, WithStepsFirst(build_, sum));
    sum = {left, true};
  }
  TFLOWER_TRY(const Value right, sum.time_major ? WithStepsFirst(build_, steps) : Result<Value>(steps.values));
  TFLOWER_TRY(sum.values, build_.Emit(tfl::Add{}, {sum.values, right}));
  return Ok();
}

// Of what a wrapper adds to a cell's output: the step's input, or another cell's output.
Result<Sequence> Results::SumOfSteps(Form form, const std::vector<Track>& tracks) {
  const auto is_plain = [](const Form& sum) {
    return sum.bias.empty() && std::ranges::all_of(sum.terms, [&](const Term& t) {
      return t.of.kind == Coefficient::Kind::kPlaced && t.of.scale == 1 && t.of.row == 0 && t.atom->width == sum.width;
    });
  };
  if (form.terms.empty() || !is_plain(form)) return Declined("it writes something that is no output of the cell");
  Sequence sum;
  for (const Track& track : tracks) {
    if (!track.all.values || !is_plain(track.form) || !TakeOut(form, track.form)) continue;
    TFLOWER_CHECK(AddSteps(sum, track.all));
  }
  for (const Term& t : form.terms) {
    TFLOWER_TRY(const JoinedSequence part, Join(body_, packing_, tracks, {t.atom}));
    if (part.width != form.width) return Declined("it writes a part of its input");
    TFLOWER_CHECK(AddSteps(sum, part.sequence));
  }
  return sum;
}

Result<Value> Results::ResultOf(int variable, std::vector<Track>& tracks) {
  const Loop& loop = body_.loop();
  if (loop.roles[static_cast<size_t>(variable)] == Loop::Role::kCounter) return PlaceBehind(loop.places[static_cast<size_t>(variable)]);
  const Write write = WriteTo(build_, loop, variable);
  const Form* const form = body_.Read(write.item ? write.item : loop.body.Output(variable));
  if (form == nullptr) return Declined(body_.why().empty() ? "it carries something that is no state of the cell" : body_.why());
  if (packing_ != nullptr) return Masked(variable, write, *form, tracks);
  for (Track& track : tracks) {
    if (!Same(*form, track.form)) continue;
    if (write.item && write.every) {
      if (!track.all.values) return Declined("it writes its cell state at each step");
      return Written(write, track.all);
    }
    TFLOWER_TRY(const Value last, Last(track));
    return write.item ? AsOnlyStep(last) : Result<Value>(last);
  }
  if (!write.item || !write.every) return Declined("it carries something that is no state of the cell");
  TFLOWER_TRY(const Sequence sum, SumOfSteps(*form, tracks));
  return Written(write, sum);
}

Result<Value> Results::Written(const Write& write, const Sequence& steps) {
  TFLOWER_TRY(const Value all, WithStepsFirst(build_, steps));
  return write.backwards ? Reversed(build_, all, 0) : all;
}

Result<Value> Results::AsOnlyStep(const Value& last) {
  TFLOWER_TRY(const Value axis, build_.Scalar(int32_t{0}));
  return build_.Emit(tfl::ExpandDims{}, {last, axis});
}

Result<Value> Results::Rounds() {
  const Loop& loop = body_.loop();
  TFLOWER_TRY(Value rounds, NumberOfSteps(build_, loop));
  for (const Value& limit : loop.limits) {
    TFLOWER_TRY(rounds, build_.Emit(tfl::Minimum{}, {rounds, limit}));
  }
  if (loop.limits.empty()) return rounds;
  TFLOWER_TRY(const Value zero, build_.Scalar(int32_t{0}));
  return build_.Emit(tfl::Maximum{}, {rounds, zero});
}

// What a counter is in the end.
Result<Value> Results::PlaceBehind(const Place& place) {
  TFLOWER_TRY(const Value rounds, Rounds());
  if (place.is_round()) return rounds;
  TFLOWER_TRY(const Value first, build_.Scalar(static_cast<int32_t>(place.first)));
  if (place.step > 0) return build_.Emit(tfl::Add{}, {rounds, first});
  return build_.Emit(tfl::Sub{}, {first, rounds});
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
