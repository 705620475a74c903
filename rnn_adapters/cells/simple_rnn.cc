// MatchSimpleRnn.
#include "cells/simple_rnn.h"

#include <algorithm>

#include "cells/parts.h"

namespace tflower::rnn {
namespace {

using tfl::ActivationFunctionType;
using tfl::Builtin;

struct Activation {
  Builtin function;
  ActivationFunctionType type;
};
constexpr Activation kActivations[] = {{Builtin::TANH, ActivationFunctionType::TANH},
                                       {Builtin::RELU, ActivationFunctionType::RELU},
                                       {Builtin::RELU6, ActivationFunctionType::RELU6},
                                       {Builtin::RELU_N1_TO_1, ActivationFunctionType::RELU_N1_TO_1}};

// Sums over the steps and the like have no weights, and are no cells.
bool IsProduct(const Form& form, const Atom* atom) {
  bool any = false;
  for (const Term& t : form.terms) {
    if (t.atom != atom) continue;
    if (t.of.kind != Coefficient::Kind::kMatrix) return false;
    any = true;
  }
  return any;
}

}  // namespace

std::optional<SimpleRnn> MatchSimpleRnn(BodyReader& body, int h, std::string& why) {
  if (body.loop().body.Input(h).rank() != 2) return std::nullopt;
  const Form* const next = body.Read(body.loop().body.Output(h));
  if (next == nullptr) return std::nullopt;
  SimpleRnn cell;
  cell.h = h;
  cell.hidden = *next;
  cell.inside = *next;
  for (const Activation& a : kActivations) {
    const Form* const inside = Inside(*next, a.function);
    if (inside == nullptr) continue;
    cell.activation = a.type;
    cell.inside = *inside;
  }
  const Atom* const state = body.State(h);
  if (!IsProduct(cell.inside, state)) {
    const Atom* const only = OnlyAtom(*next);
    if (only != nullptr && only->kind == AtomKind::kApply && IsProduct(only->a[0], state)) why = "its activation is none of those that TFLite's RNN has";
    return std::nullopt;
  }
  for (const Term& t : cell.inside.terms)
    if (t.atom != state && std::ranges::find(cell.sources, t.atom) == cell.sources.end()) cell.sources.push_back(t.atom);
  for (const Atom* source : cell.sources) if (!IsProduct(cell.inside, source)) return std::nullopt;
  return cell;
}

}  // namespace tflower::rnn
