// MatchLstm: from the cell state outwards.
#include "cells/lstm.h"

#include <algorithm>

#include "cells/parts.h"

namespace tflower::rnn {
namespace {

using tfl::Builtin;

// The activation of the candidate, which is that of the cell state, too. As TFLite's operators have it.
std::optional<Builtin> ActivationOf(const Form& form) {
  for (const Builtin f : {Builtin::TANH, Builtin::RELU, Builtin::RELU6, Builtin::RELU_N1_TO_1}) if (Inside(form, f) != nullptr) return f;
  return std::nullopt;
}

enum Gate { kInput, kForget, kCandidate, kOutput };

Form TakeNorm(LstmCell& cell, Gate gate, const Form& inside) {
  cell.norms[gate] = AsNormalized(inside);
  return cell.norms[gate] ? cell.norms[gate]->x : inside;
}

// c' = f * c + i * g, with the products in this order.
bool MatchUpdate(LstmCell& cell, const Form& state, const Atom& keep, const Atom& add, std::string& why) {
  const Form* const forget = OtherFactor(keep, state);
  if (forget == nullptr || add.kind != AtomKind::kProduct) return false;
  const Form* const forget_in = Inside(*forget, Builtin::LOGISTIC);
  if (forget_in == nullptr) {
    why = "the gate of its cell state is no sigmoid";
    return false;
  }
  for (const int i : {0, 1}) {
    const Form &gate = add.a[static_cast<size_t>(i)], &candidate = add.a[static_cast<size_t>(1 - i)];
    const std::optional<Builtin> activation = ActivationOf(candidate);
    const Form* const gate_in = Inside(gate, Builtin::LOGISTIC);
    if (!activation || (gate_in == nullptr && !IsOneMinus(gate, *forget))) continue;
    cell.forget = TakeNorm(cell, kForget, *forget_in);
    cell.activation = *activation;
    cell.candidate = TakeNorm(cell, kCandidate, *Inside(candidate, *activation));
    cell.input.reset();
    cell.norms[kInput].reset();
    if (gate_in != nullptr) cell.input = TakeNorm(cell, kInput, *gate_in);
    return true;
  }
  why = "what it adds to its cell state is no sigmoid times an activation that TFLite's LSTM has";
  return false;
}

// h' = o * act(c'), perhaps projected.
bool MatchHidden(BodyReader& body, LstmCell& cell, const Form& hidden, std::string& why) {
  const std::optional<Clipped> outer = Unclipped(hidden);
  if (!outer) return false;
  const Form& inner = *outer->form;
  if (inner.terms.size() != 1) return false;
  const Atom* const product = inner.terms[0].atom;
  const Form activated = Of(body.atoms().Get({.kind = AtomKind::kApply, .width = cell.cell.width, .function = cell.activation, .a = {cell.cell}}));
  const Form* const gate = OtherFactor(*product, activated);
  if (gate == nullptr) return false;
  const Form* const gate_in = Inside(*gate, Builtin::LOGISTIC);
  if (gate_in == nullptr) {
    why = "its output gate is no sigmoid";
    return false;
  }
  cell.output = TakeNorm(cell, kOutput, *gate_in);
  cell.hidden = hidden;
  cell.unprojected = product;
  cell.has_projection = OnlyAtom(inner) == nullptr;
  cell.projection_clip = outer->clip;
  return cell.has_projection || outer->clip == 0;
}

bool Reads(const Form& form, const Atom* atom) { return std::ranges::any_of(form.terms, [&](const Term& t) { return t.atom == atom; }); }

bool ReadsInGates(const LstmCell& cell, const Atom* atom) {
  return (cell.input && Reads(*cell.input, atom)) || Reads(cell.forget, atom) || Reads(cell.candidate, atom) || Reads(cell.output, atom);
}

// Which variable is h: it becomes h', and is what the gates read.
bool FindHidden(BodyReader& body, LstmCell& cell, std::string& why) {
  int found = -1;
  for (int i = 0; i < body.loop().num_variables(); ++i) {
    if (i == cell.c || body.loop().roles[static_cast<size_t>(i)] != Loop::Role::kCarried || body.loop().body.Input(i).rank() != 2) continue;
    const Form* next = body.Read(body.loop().body.Output(i));
    if (next == nullptr || !MatchHidden(body, cell, *next, why)) continue;
    if (found < 0 || ReadsInGates(cell, body.State(i))) found = i;
  }
  if (found < 0) {
    if (why.empty() && cell.input) why = "no state of it is the output gate times the activated cell state";
    return false;
  }
  cell.h = found;
  return MatchHidden(body, cell, *body.Read(body.loop().body.Output(found)), why);
}

void FindSources(BodyReader& body, LstmCell& cell) {
  const Atom *h = body.State(cell.h), *c = body.State(cell.c);
  std::vector<const Form*> gates = {&cell.forget, &cell.candidate, &cell.output};
  if (cell.input) gates.push_back(&*cell.input);
  for (const Form* gate : gates)
    for (const Term& t : gate->terms) {
      const bool own = t.atom == h || t.atom == c || std::ranges::any_of(cell.cell.terms, [&](const Term& of) { return of.atom == t.atom; });
      if (!own && std::ranges::find(cell.sources, t.atom) == cell.sources.end()) cell.sources.push_back(t.atom);
    }
}

}  // namespace

std::optional<LstmCell> MatchLstm(BodyReader& body, int c, std::string& why) {
  if (body.loop().body.Input(c).rank() != 2) return std::nullopt;
  const Form* const next = body.Read(body.loop().body.Output(c));
  if (next == nullptr) return std::nullopt;
  const std::optional<Clipped> update = Unclipped(*next);
  const std::optional<TwoProducts> products = update ? AsTwoProducts(*update->form) : std::nullopt;
  if (!products) return std::nullopt;
  LstmCell cell;
  cell.c = c;
  cell.cell = *next;
  cell.cell_clip = update->clip;
  const Form state = Of(body.State(c));
  if (!MatchUpdate(cell, state, *products->first, *products->second, why) && !MatchUpdate(cell, state, *products->second, *products->first, why)) return std::nullopt;
  why.clear();
  if (!FindHidden(body, cell, why)) return std::nullopt;
  FindSources(body, cell);
  return cell;
}

}  // namespace tflower::rnn
