// FormSteps: a plan of sums and products first, then values on demand.
#include "emit/steps.h"

#include <algorithm>
#include <optional>

#include <tflower/pattern.h>

#include "cells/parts.h"
#include "emit/functions.h"
#include "emit/weights.h"

namespace tflower::rnn {
namespace {

using Kind = Coefficient::Kind;

void AddOnce(std::vector<const Atom*>& list, const Atom* atom) {
  if (std::ranges::find(list, atom) == list.end()) list.push_back(atom);
}

bool Even(const std::vector<float>& x) { return std::ranges::all_of(x, [&](float v) { return v == x[0]; }); }

Form JoinedOf(const std::vector<const Form*>& forms) {
  std::vector<Form> parts;
  for (const Form* f : forms) parts.push_back(*f);
  return Joined(parts);
}

bool SameFunction(const Atom& a, const Atom& b) { return a.kind == b.kind && (a.kind == AtomKind::kApply ? a.function == b.function : a.low == b.low && a.high == b.high); }

Result<Value> EmitFunctionOf(Builder& build, const Atom& atom, const Value& x) {
  return atom.kind == AtomKind::kApply ? EmitFunction(build, atom.function, x) : EmitClip(build, x, atom.low, atom.high);
}

// The atoms that a form takes by weights, in order, the step's input as null; nothing where it takes any otherwise.
std::optional<std::set<const Atom*>> OnlyByWeights(const Form& form) {
  std::set<const Atom*> out;
  for (const Term& t : form.terms) {
    if (t.atom->kind != AtomKind::kInput && t.of.kind != Kind::kMatrix) return std::nullopt;
    out.insert(t.atom->kind == AtomKind::kInput ? nullptr : t.atom);
  }
  return out;
}

}  // namespace

// In the order met; an atom that fits to none begins one.
void FormSteps::FindGroups(const Form& form, std::set<const Atom*>& seen) {
  for (const Term& t : form.terms) {
    const Atom* const atom = t.atom;
    if (!seen.insert(atom).second) continue;
    for (const Form& f : atom->a) FindGroups(f, seen);
    const auto taken = atom->kind == AtomKind::kApply || atom->kind == AtomKind::kClip ? OnlyByWeights(atom->a[0]) : std::nullopt;
    if (!taken || taken->empty()) continue;
    const auto fits = [&](const Group& g) { return SameFunction(*g.members[0], *atom) && OnlyByWeights(*g.insides[0]) == taken; };
    auto group = std::ranges::find_if(groups_, fits);
    if (group == groups_.end()) group = groups_.insert(groups_.end(), Group{});
    group->insides.push_back(&atom->a[0]);
    group->members.push_back(atom);
  }
}

Status FormSteps::Plan() {
  std::set<const Atom*> seen;
  for (const auto* forms : {&next_, &recorded_})
    for (const Form* f : *forms) FindGroups(*f, seen);
  std::erase_if(groups_, [](const Group& g) { return g.members.size() < 2; });
  for (Group& g : groups_) {
    g.joined = JoinedOf(g.insides);
    for (const Atom* atom : g.members) group_of_[atom] = &g;
    operators_ += g.members[0]->kind == AtomKind::kApply ? 2 : 3;
  }
  for (const Form* f : next_) TFLOWER_CHECK(PlanForm(*f));
  for (const Form* f : recorded_) TFLOWER_CHECK(PlanForm(*f));
  for (const auto& [atom, weights] : products_) operators_ += weights.forms.size() > 1 ? 2 : 1;
  return Ok();
}

bool FormSteps::TakesByWeights(const Form& form, const Atom* atom) const {
  return std::ranges::any_of(form.terms, [&](const Term& t) { return t.atom == atom && t.of.kind == Kind::kMatrix; });
}

Status FormSteps::PlanForm(const Form& form) {
  const Atom* const only = OnlyAtom(form);
  if (only != nullptr && only->kind != AtomKind::kInput) return PlanAtom(*only);
  if (!sums_.try_emplace(&form, Sum{&form, -1, {}}).second) return Ok();
  Sum& sum = sums_.at(&form);
  sum.pieces = PiecesOf(form);
  for (const Form* piece : sum.pieces) TFLOWER_CHECK(PlanForm(*piece));
  operators_ += sum.pieces.empty() ? 0 : 1;
  if (!sum.pieces.empty()) return Ok();
  for (const Term& t : form.terms) {
    if (t.atom->kind == AtomKind::kInput) {
      AddOnce(inputs_, t.atom);
      if (sum.of_input < 0) input_forms_.push_back(&form);
      sum.of_input = static_cast<int>(input_forms_.size()) - 1;
      continue;
    }
    TFLOWER_CHECK(PlanAtom(*t.atom));
    if (TakesByWeights(form, t.atom)) {
      if (std::ranges::find(sum.by_weights, t.atom) == sum.by_weights.end()) products_[t.atom].forms.push_back(&form);
      AddOnce(sum.by_weights, t.atom);
      AddOnce(multiplied_, t.atom);
    }
  }
  const auto plain = std::ranges::count_if(form.terms, [&](const Term& t) { return t.atom->kind != AtomKind::kInput && !TakesByWeights(form, t.atom); });
  operators_ += std::max<int64_t>(0, plain + static_cast<int64_t>(sum.by_weights.size()) - (sum.of_input < 0 ? 1 : 0));
  return Ok();
}

// Where a term that stands for some columns begins or ends, a piece does.
std::vector<const Form*> FormSteps::PiecesOf(const Form& form) {
  std::set<int64_t> bounds;
  for (const Term& t : form.terms)
    if (t.atom->kind != AtomKind::kInput && !TakesByWeights(form, t.atom)) bounds.insert({t.of.row, t.of.row + t.atom->width});
  bounds.insert({0, form.width});
  std::vector<const Form*> out;
  for (auto at = bounds.begin(); bounds.size() > 2 && std::next(at) != bounds.end(); ++at) out.push_back(&pieces_.emplace_back(Cut(body_.atoms(), form, *at, *std::next(at) - *at)));
  return out;
}

Status FormSteps::PlanAtom(const Atom& atom) {
  if (!planned_.insert(&atom).second) return Ok();
  if (const auto group = group_of_.find(&atom); group != group_of_.end()) return PlanForm(group->second->joined);
  operators_ += atom.kind == AtomKind::kApply || atom.kind == AtomKind::kProduct ? 1 : atom.kind == AtomKind::kClip ? 2 : 0;
  switch (atom.kind) {
    case AtomKind::kState:
      if (std::ranges::find(states_, atom.index) == states_.end()) return Declined("it reads a state of another kind");
      operators_ += &atom == body_.State(atom.index) ? 0 : 1;
      return Ok();
    case AtomKind::kOuter:
      if (atom.first != 0 || atom.width != body_.loop().body.Input(atom.index).dim(-1)) return Declined("it reads a part of what does not change");
      AddOnce(outer_, &atom);
      return Ok();
    case AtomKind::kApply: case AtomKind::kProduct: case AtomKind::kClip: case AtomKind::kLinear:
      for (const Form& f : atom.a) TFLOWER_CHECK(PlanForm(f));
      return Ok();
    default: return Declined("it computes with more than sums, products and activations");
  }
}

Result<Value> FormSteps::Sizes(const std::vector<const Form*>& forms) {
  std::vector<int32_t> sizes;
  for (const Form* f : forms) sizes.push_back(static_cast<int32_t>(f->width));
  return build_.Vector(std::span<const int32_t>(sizes));
}

Result<std::vector<Value>> FormSteps::SplitColumns(const Value& x, const std::vector<const Form*>& forms, const Value& sizes, const Value& axis) {
  if (forms.size() == 1) return std::vector<Value>{x};
  return build_.EmitAll(tfl::SplitV{.num_splits = static_cast<int32_t>(forms.size())}, std::vector<Value>{x, sizes, axis}, static_cast<int>(forms.size()));
}

Status FormSteps::Begin(const Value& x, int steps, int axis, std::span<const Value> outer) {
  const Form all = JoinedOf(input_forms_);
  TFLOWER_TRY(const Value weights, InputWeights(body_, all, *input_));
  TFLOWER_TRY(const Value bias, Bias(build_, all));
  TFLOWER_TRY(const Value product, build_.Emit(tfl::FullyConnected{.keep_num_dims = true}, {x, weights, bias}));
  TFLOWER_TRY(const Value sizes, Sizes(input_forms_));
  TFLOWER_TRY(const Value last, build_.Scalar(int32_t{2}));
  TFLOWER_TRY(const std::vector<Value> parts, SplitColumns(product, input_forms_, sizes, last));
  of_input_.clear();
  for (const Value& part : parts) {
    TFLOWER_TRY(std::vector<Value> rows, build_.EmitAll(tfl::Unpack{.num = steps, .axis = axis}, std::span<const Value>(&part, 1), steps));
    of_input_.push_back(std::move(rows));
  }
  TFLOWER_TRY(columns_, build_.Scalar(int32_t{1}));
  for (size_t i = 0; i < outer_.size(); ++i) outer_values_[outer_[i]] = outer[i];
  for (Group& g : groups_) {
    TFLOWER_TRY(g.sizes, Sizes(g.insides));
  }
  for (const Atom* atom : multiplied_) {
    Weights& weights_of = products_.at(atom);
    TFLOWER_TRY(weights_of.matrix, WeightsOf(build_, JoinedOf(weights_of.forms), atom));
    TFLOWER_TRY(weights_of.sizes, Sizes(weights_of.forms));
    std::vector<Form> biases;
    for (const Form* f : weights_of.forms) biases.push_back(Constant(f->width, CarriesBias(sums_.at(f), atom) ? f->bias : std::vector<float>()));
    const Form joined = Joined(biases);
    weights_of.bias = Value();
    if (!IsZero(joined.bias)) {
      TFLOWER_TRY(weights_of.bias, Bias(build_, joined));
    }
  }
  return Ok();
}

Result<std::vector<Value>> FormSteps::Step(int i, std::vector<Value>& states) {
  step_ = i;
  form_values_.clear();
  atom_values_.clear();
  for (auto& [atom, weights] : products_) weights.parts.clear();
  for (Group& g : groups_) g.parts.clear();
  for (size_t k = 0; k < states_.size(); ++k) atom_values_[body_.State(states_[k])] = states[k];
  for (const auto& [atom, value] : outer_values_) atom_values_[atom] = value;
  std::vector<Value> next, out;
  for (const Form* f : next_) {
    TFLOWER_TRY(const Value v, ValueOf(*f));
    next.push_back(v);
  }
  for (const Form* f : recorded_) {
    TFLOWER_TRY(const Value v, ValueOf(*f));
    out.push_back(v);
  }
  states = std::move(next);
  return out;
}

Result<Value> FormSteps::ValueOf(const Atom& atom) {
  if (const auto known = atom_values_.find(&atom); known != atom_values_.end()) return known->second;
  if (const auto group = group_of_.find(&atom); group != group_of_.end()) return ValueInGroup(atom, *group->second);
  if (atom.kind == AtomKind::kState) return PartOfState(atom);
  std::vector<Value> a;
  for (const Form& f : atom.a) {
    TFLOWER_TRY(const Value v, ValueOf(f));
    a.push_back(v);
  }
  Result<Value> out = Declined("it computes with more than sums, products and activations");
  if (atom.kind == AtomKind::kApply || atom.kind == AtomKind::kClip) out = EmitFunctionOf(build_, atom, a[0]);
  if (atom.kind == AtomKind::kProduct) out = build_.Emit(tfl::Mul{}, {a[0], a[1]});
  if (atom.kind == AtomKind::kLinear) out = a[0];
  if (out.ok()) atom_values_[&atom] = out.value();
  return out;
}

Result<Value> FormSteps::PartOfState(const Atom& atom) {
  TFLOWER_TRY(const Value begin, build_.Vector({0, static_cast<int32_t>(atom.first)}));
  TFLOWER_TRY(const Value size, build_.Vector({-1, static_cast<int32_t>(atom.width)}));
  TFLOWER_TRY(const Value part, build_.Emit(tfl::Slice{}, {atom_values_.at(body_.State(atom.index)), begin, size}));
  return atom_values_[&atom] = part;
}

Result<Value> FormSteps::ValueInGroup(const Atom& atom, Group& group) {
  if (group.parts.empty()) {
    TFLOWER_TRY(const Value sum, ValueOf(group.joined));
    TFLOWER_TRY(const Value all, EmitFunctionOf(build_, atom, sum));
    TFLOWER_TRY(group.parts, SplitColumns(all, group.insides, group.sizes, columns_));
  }
  return group.parts[static_cast<size_t>(std::ranges::find(group.members, &atom) - group.members.begin())];
}

// What a form takes of an atom by weights: a part of the product for all forms.
Result<Value> FormSteps::Part(const Atom* atom, const Form& form) {
  Weights& weights = products_.at(atom);
  if (weights.parts.empty()) {
    TFLOWER_TRY(const Value x, ValueOf(*atom));
    TFLOWER_TRY(const Value product, build_.Emit(tfl::FullyConnected{}, {x, weights.matrix, weights.bias}));
    TFLOWER_TRY(weights.parts, SplitColumns(product, weights.forms, weights.sizes, columns_));
  }
  return weights.parts[static_cast<size_t>(std::ranges::find(weights.forms, &form) - weights.forms.begin())];
}

Result<Value> FormSteps::ValueOf(const Form& form) {
  const auto found = sums_.find(&form);
  if (found == sums_.end()) return ValueOf(*OnlyAtom(form));
  if (const auto known = form_values_.find(&form); known != form_values_.end()) return known->second;
  const Sum& sum = found->second;
  Value out;
  if (!sum.pieces.empty()) {
    std::vector<Value> pieces;
    for (const Form* piece : sum.pieces) {
      TFLOWER_TRY(const Value v, ValueOf(*piece));
      pieces.push_back(v);
    }
    TFLOWER_TRY(form_values_[&form], build_.Emit(tfl::Concatenation{.axis = 1}, std::span<const Value>(pieces)));
    return form_values_[&form];
  }
  if (sum.of_input >= 0) out = of_input_[static_cast<size_t>(sum.of_input)][static_cast<size_t>(step_)];
  for (const Atom* atom : sum.by_weights) {
    TFLOWER_TRY(const Value part, Part(atom, form));
    TFLOWER_TRY(out, out ? build_.Emit(tfl::Add{}, {out, part}) : Result<Value>(part));
  }
  std::vector<const Term*> plain;
  for (const Term& t : form.terms)
    if (t.atom->kind != AtomKind::kInput && !TakesByWeights(form, t.atom)) plain.push_back(&t);
  if (!out && plain.size() == 2 && IsZero(form.bias)) {
    TFLOWER_TRY(out, Blend(plain));
    if (out) plain.clear();
  }
  if (sum.of_input < 0 && sum.by_weights.empty() && !IsZero(form.bias)) {
    TFLOWER_TRY(out, AddBias(out, form));
  }
  for (const Term* t : plain) {
    TFLOWER_TRY(out, AddTerm(out, *t));
  }
  form_values_[&form] = out;
  return out;
}

// a * b + (1 - a) * d = d + a * (b - d).
Result<Value> FormSteps::Blend(const std::vector<const Term*>& terms) {
  for (const Term* t : terms)
    if (t->atom->kind != AtomKind::kProduct || t->of.kind != Kind::kPlaced || t->of.scale != 1) return Value();
  const Atom &x = *terms[0]->atom, &y = *terms[1]->atom;
  for (size_t i : {0, 1}) {
    for (size_t k : {0, 1}) {
      if (!IsOneMinus(y.a[k], x.a[i])) continue;
      const bool first_is_plain = OnlyAtom(x.a[i]) != nullptr;  // else the other factor is
      const Form &gate = first_is_plain ? x.a[i] : y.a[k], &with = first_is_plain ? x.a[1 - i] : y.a[1 - k], &without = first_is_plain ? y.a[1 - k] : x.a[1 - i];
      TFLOWER_TRY(const Value a, ValueOf(gate));
      TFLOWER_TRY(const Value b, ValueOf(with));
      TFLOWER_TRY(const Value d, ValueOf(without));
      TFLOWER_TRY(const Value difference, build_.Emit(tfl::Sub{}, {b, d}));
      TFLOWER_TRY(const Value part, build_.Emit(tfl::Mul{}, {a, difference}));
      return build_.Emit(tfl::Add{}, {d, part});
    }
  }
  return Value();
}

Result<Value> FormSteps::AddTerm(const Value& sum, const Term& term) {
  TFLOWER_TRY(Value x, ValueOf(*term.atom));
  float scale = term.of.kind == Kind::kPlaced ? term.of.scale : 1;
  if (term.of.kind == Kind::kDiagonal) {
    TFLOWER_TRY(const Value factors, VectorOf(build_, term.of.factors));
    TFLOWER_TRY(x, build_.Emit(tfl::Mul{}, {x, factors}));
  }
  if (sum && scale == -1) return build_.Emit(tfl::Sub{}, {sum, x});
  if (scale != 1) {
    TFLOWER_TRY(const Value factor, build_.Scalar(scale));
    TFLOWER_TRY(x, build_.Emit(tfl::Mul{}, {x, factor}));
  }
  return sum ? build_.Emit(tfl::Add{}, {sum, x}) : Result<Value>(x);
}

// A number where all columns have the same.
Result<Value> FormSteps::AddBias(const Value& sum, const Form& form) {
  TFLOWER_TRY(const Value bias, Even(form.bias) ? build_.Scalar(form.bias[0]) : VectorOf(build_, form.bias));
  return sum ? build_.Emit(tfl::Add{}, {sum, bias}) : Result<Value>(bias);
}

}  // namespace tflower::rnn
