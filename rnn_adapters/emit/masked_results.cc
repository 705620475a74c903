// Results of loops with masks: at steps that do not count, states stay, and arrays get the last output again, or something else.
#include <tflower/pattern.h>

#include "emit/results.h"
#include "emit/weights.h"
#include "read/mask.h"

namespace tflower::rnn {

Result<Value> Results::PackedSteps(const Form& form, const std::vector<Track>& tracks) {
  for (const Track& track : tracks) {
    if (!Same(form, track.form)) continue;
    if (!track.all.values) return Declined("it writes its cell state at each step");
    return track.all.values;
  }
  TFLOWER_TRY(const Sequence sum, SumOfSteps(form, tracks));
  return sum.values;
}

Result<Value> Results::Masked(int variable, const Write& write, const Form& form, std::vector<Track>& tracks) {
  const Loop& loop = body_.loop();
  if (!write.item && IsKept(build_, loop, variable)) return KeptState(variable, form, tracks);
  const std::optional<rnn::Masked> item = ByMask(build_, loop, write.item ? write.item : loop.body.Output(variable));
  if (!item) return Declined("it writes outputs at steps that its mask leaves out, too");
  TFLOWER_TRY(const Value packed, PackedSteps(form, tracks));
  const int holder = loop.VariableOf(item->otherwise);
  if (holder >= 0 && loop.roles[static_cast<size_t>(holder)] == Loop::Role::kCarried) return HeldItems(write, form, packed, holder);
  return ChosenItems(variable, write, packed, item->otherwise);
}

Result<Value> Results::KeptState(int variable, const Form& form, const std::vector<Track>& tracks) {
  for (const Track& track : tracks) {
    if (track.all.values || !Same(form, track.form)) continue;
    return track.initial == body_.loop().op.Input(variable) ? Result<Value>(track.last) : Declined("two states of it differ only in what they begin with");
  }
  TFLOWER_TRY(const Value packed, PackedSteps(form, tracks));
  TFLOWER_TRY(const Value initial, Initial(variable));
  return packing_->Last(packed, initial);
}

Result<Value> Results::HeldItems(const Write& write, const Form& form, const Value& packed, int holder) {
  const Loop& loop = body_.loop();
  const Form* const held = body_.Read(loop.body.Output(holder));
  if (!IsKept(build_, loop, holder) || held == nullptr || !Same(*held, form)) return Declined("at steps that its mask leaves out it writes something else than the last output");
  if (!loop.limits.empty()) return Declined("it stops at one of two numbers of rounds");
  TFLOWER_TRY(const Value initial, Initial(holder));
  if (write.every) {
    TFLOWER_TRY(const Value all, packing_->Held(packed, initial));
    return Written(write, {all, false});
  }
  TFLOWER_TRY(const Value last, packing_->Last(packed, initial));
  return write.item ? AsOnlyStep(last) : Result<Value>(last);
}

// What a variable begins with, or the number 0.
Result<Value> Results::Initial(int variable) {
  const Value initial = body_.loop().op.Input(variable);
  return IsZero(build_, initial) ? build_.Scalar(0.0f) : Result<Value>(initial);
}

// What does not depend on the step: as a number where it is one.
Result<Value> Results::Outside(const Value& inside) {
  const Form* const form = body_.Read(inside);
  if (form != nullptr && form->is_constant()) return IsZero(form->bias) ? build_.Scalar(0.0f) : VectorOf(build_, form->bias);
  const Atom* const atom = form != nullptr ? OnlyAtom(*form) : nullptr;
  if (atom == nullptr || atom->kind != AtomKind::kOuter || atom->first != 0 || inside.rank() > 2) return Declined("at steps that its mask leaves out it writes what is computed there");
  return Initial(atom->index);
}

Result<Value> Results::ChosenItems(int variable, const Write& write, const Value& packed, const Value& otherwise) {
  const Loop& loop = body_.loop();
  TFLOWER_TRY(const Value other, Outside(otherwise));
  const bool same_behind = write.every && other.rank() == 0 && IsZero(build_, loop.op.Input(variable));  // as it was before the loop
  if (!loop.limits.empty() && !same_behind) return Declined("it stops at one of two numbers of rounds");
  if (write.every) {
    TFLOWER_TRY(const Value all, packing_->Chosen(packed, other));
    return Written(write, {all, false});
  }
  TFLOWER_TRY(const Value last, packing_->ChosenLast(packed, other));
  return write.item ? AsOnlyStep(last) : Result<Value>(last);
}

}  // namespace tflower::rnn
