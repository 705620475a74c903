// Sequences, joined by columns.
#include "emit/sequences.h"

#include <algorithm>

#include <tflower/pattern.h>

#include "emit/packing.h"

namespace tflower::rnn {
namespace {

// The track whose form the atom is.
const Track* TrackOf(const std::vector<Track>& tracks, const Atom* atom) {
  for (const Track& t : tracks)
    if (t.all.values && (OnlyAtom(t.form) == atom || (atom->kind == AtomKind::kLinear && Same(atom->a[0], t.form)))) return &t;
  return nullptr;
}

Error Unknown(const Atom* atom) {
  return Declined(atom->kind == AtomKind::kState ? "its gates read a state that is not of this cell" : "its gates read something that is neither the step's input nor its state");
}

// The parts that atoms come from, each once.
class Joiner {
 public:
  Joiner(BodyReader& body, const Packing* packing, const std::vector<Track>& tracks) : body_(body), packing_(packing), tracks_(tracks) {}

  // Of a sum that is no track, each term: its weights are those of the sum.
  Status Add(const Atom* atom) {
    if (TrackOf(tracks_, atom) != nullptr || atom->kind != AtomKind::kLinear) return AddPart(atom, atom);
    for (const Term& t : atom->a[0].terms) {
      const bool plain = t.of.kind == Coefficient::Kind::kPlaced && t.of.scale == 1 && t.atom->width == atom->width;
      if (!plain || !atom->a[0].bias.empty()) return Unknown(atom);
      TFLOWER_CHECK(AddPart(t.atom, atom));
    }
    return Ok();
  }

  Result<JoinedSequence> Finish() {
    if (parts_.empty()) return Declined("it reads no sequence");
    for (const Sequence& part : parts_) if (part.values.rank() != 3) return Declined("its input has another rank than 3");
    out_.sequence = parts_[0];
    if (parts_.size() == 1) return out_;
    const bool mixed = std::ranges::any_of(parts_, [&](const Sequence& part) { return part.time_major != parts_[0].time_major; });
    std::vector<Value> values;
    for (const Sequence& part : parts_) {
      TFLOWER_TRY(const Value v, mixed ? WithStepsFirst(body_.build(), part) : Result<Value>(part.values));
      values.push_back(v);
    }
    out_.sequence.time_major = mixed || parts_[0].time_major;
    TFLOWER_TRY(out_.sequence.values, body_.build().Emit(tfl::Concatenation{.axis = 2}, std::span<const Value>(values)));
    return out_;
  }

 private:
  // The part that an atom comes from, for the weights that forms have of `weights_of`.
  Status AddPart(const Atom* atom, const Atom* weights_of) {
    const Track* const track = TrackOf(tracks_, atom);
    if (track == nullptr && atom->kind != AtomKind::kInput) return Unknown(atom);
    const void* const key = track != nullptr ? static_cast<const void*>(track) : &body_.ElementAt(atom->index);
    size_t part = 0;
    while (part < keys_.size() && keys_[part] != key) ++part;
    if (part == keys_.size()) {
      TFLOWER_TRY(const Sequence sequence, track != nullptr ? Result<Sequence>(track->all) : Input(atom->index));
      AddSequence(key, sequence);
    }
    out_.columns.emplace_back(weights_of, starts_[part] + (track != nullptr ? 0 : atom->first));
    return Ok();
  }
  Result<Sequence> Input(int i) {
    TFLOWER_TRY(const Sequence x, InputSequence(body_.build(), body_.loop(), body_.ElementAt(i)));
    return packing_ != nullptr && x.values.rank() == 3 ? packing_->Pack(x) : Result<Sequence>(x);
  }

  void AddSequence(const void* key, const Sequence& part) {
    keys_.push_back(key);
    parts_.push_back(part);
    starts_.push_back(out_.width);
    out_.width += part.values.dim(-1);
  }

  BodyReader& body_;
  const Packing* packing_;
  const std::vector<Track>& tracks_;
  std::vector<const void*> keys_;
  std::vector<Sequence> parts_;
  std::vector<int64_t> starts_;
  JoinedSequence out_;
};

}  // namespace

namespace {

// What [batch, steps, width] is transposed to x; or null.
Value BatchMajor(Builder& build, const Value& x) {
  const Operator transpose = build.Producer(x);
  if (!transpose || transpose.code() != tfl::Builtin::TRANSPOSE) return Value();
  const Result<std::vector<int64_t>> order = build.Ints(transpose.Input(1), "perm");
  return order.ok() && order.value() == std::vector<int64_t>{1, 0, 2} ? transpose.Input(0) : Value();
}

}  // namespace

Result<Value> Reversed(Builder& build, const Value& x, int axis) {
  TFLOWER_TRY(const Value axes, build.Vector({axis}));
  return build.Emit(tfl::ReverseV2{}, {x, axes});
}

Result<Value> NumberOfSteps(Builder& build, const Loop& loop) {
  return loop.steps_known >= 0 ? build.Scalar(static_cast<int32_t>(loop.steps_known)) : Result<Value>(loop.steps);
}

Result<Value> RangeOfSteps(Builder& build, const Loop& loop) {
  TFLOWER_TRY(const Value from, build.Scalar(int32_t{0}));
  TFLOWER_TRY(const Value step, build.Scalar(int32_t{1}));
  TFLOWER_TRY(const Value to, NumberOfSteps(build, loop));
  return build.Emit(tfl::Range{}, {from, to, step});
}

namespace {

// With steps first: what is transposed to x, if anything is.
Result<Sequence> Untransposed(Builder& build, const Value& x) {
  if (const Value y = BatchMajor(build, x)) return Sequence{y, false};
  const Operator reverse = build.Producer(x);
  if (!reverse || reverse.code() != tfl::Builtin::REVERSE_V2) return Sequence{x, true};
  const Result<std::vector<int64_t>> axes = build.Ints(reverse.Input(1), "axis");
  const Value y = BatchMajor(build, reverse.Input(0));
  if (!y || !axes.ok() || axes.value() != std::vector<int64_t>{0}) return Sequence{x, true};
  TFLOWER_TRY(const Value reversed, Reversed(build, y, 1));
  return Sequence{reversed, false};
}

// As many elements as there are steps, from the one at `first` on; all of them without a cut. How long an array is need not be known: SLICE would ask.
Result<Value> Cut(Builder& build, const Loop& loop, const Value& x, int axis, int64_t first) {
  if (first == 0 && x.dim_key(axis) == loop.steps_key) return x;
  if (first < 0 || (x.dim(axis) >= 0 && loop.steps_known >= 0 && first + loop.steps_known > x.dim(axis))) return Declined("it reads where the array ends");
  if (x.dim(axis) < 0 || loop.steps_known < 0) {
    TFLOWER_TRY(Value places, RangeOfSteps(build, loop));
    if (first != 0) {
      TFLOWER_TRY(const Value start, build.Scalar(static_cast<int32_t>(first)));
      TFLOWER_TRY(places, build.Emit(tfl::Add{}, {places, start}));
    }
    return build.Emit(tfl::Gather{.axis = axis}, {x, places});
  }
  std::vector<int64_t> from(static_cast<size_t>(x.rank())), sizes(from.size(), -1);
  from[static_cast<size_t>(axis)] = first;
  sizes[static_cast<size_t>(axis)] = loop.steps_known;
  TFLOWER_TRY(const Value begin, build.Vector(from));
  TFLOWER_TRY(const Value size, build.Vector(sizes));
  return build.Emit(tfl::Slice{}, {x, begin, size});
}

}  // namespace

Result<Sequence> InputSequence(Builder& build, const Loop& loop, const Element& element) {
  const Value array = loop.op.Input(element.array);
  TFLOWER_TRY(Sequence x, element.axis == 1 ? Result<Sequence>(Sequence{array, false}) : Untransposed(build, array));
  const int axis = x.time_major ? 0 : 1;
  const Place at = element.place;
  if (at.step > 0) {
    TFLOWER_TRY(x.values, Cut(build, loop, x.values, axis, at.first));
    return x;
  }
  if (loop.steps_known < 0) return Declined("it reads an array backwards, for a number of steps that is not known");
  TFLOWER_TRY(const Value part, Cut(build, loop, x.values, axis, at.first + 1 - loop.steps_known));
  TFLOWER_TRY(x.values, Reversed(build, part, axis));
  return x;
}

namespace {

Result<Value> Swapped(Builder& build, const Value& x) {
  TFLOWER_TRY(const Value order, build.Vector({1, 0, 2}));
  return build.Emit(tfl::Transpose{}, {x, order});
}

}  // namespace

Result<Value> WithStepsFirst(Builder& build, const Sequence& x) { return x.time_major ? Result<Value>(x.values) : Swapped(build, x.values); }

Result<Value> WithBatchFirst(Builder& build, const Sequence& x) { return x.time_major ? Swapped(build, x.values) : Result<Value>(x.values); }

Result<Value> LastStep(Builder& build, const Sequence& x) {
  const int axis = x.time_major ? 0 : 1, others = 7 & ~(1 << axis);
  TFLOWER_TRY(const Value from, build.Vector({axis == 0 ? -1 : 0, axis == 1 ? -1 : 0, 0}));
  TFLOWER_TRY(const Value to, build.Vector({0, 0, 0}));
  TFLOWER_TRY(const Value steps, build.Vector({1, 1, 1}));
  return build.Emit(tfl::StridedSlice{.begin_mask = others, .end_mask = others, .shrink_axis_mask = 1 << axis}, {x.values, from, to, steps});
}

Result<JoinedSequence> Marked(Builder& build, JoinedSequence x) {
  if (!x.behind) return x;
  TFLOWER_TRY(x.sequence.values, build.Emit(tfl::Concatenation{.axis = 2}, {x.sequence.values, x.behind}));
  x.width += 1;
  x.marked = true;
  return x;
}

Result<JoinedSequence> Join(BodyReader& body, const Packing* packing, const std::vector<Track>& tracks, const std::vector<const Atom*>& atoms) {
  Joiner joiner(body, packing, tracks);
  for (const Atom* atom : atoms) TFLOWER_CHECK(joiner.Add(atom));
  TFLOWER_TRY(JoinedSequence joined, joiner.Finish());
  if (packing != nullptr) joined.behind = packing->behind();
  return joined;
}

}  // namespace tflower::rnn
