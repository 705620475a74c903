// AsActivated.
#include "cells/element_function.h"

#include <algorithm>

namespace tflower::rnn {

std::optional<Activated> AsActivated(const Form& form) {
  if (form.terms.size() != 1) return std::nullopt;
  const Term& t = form.terms[0];
  const Atom& atom = *t.atom;
  const bool whole = t.of.kind == Coefficient::Kind::kPlaced && t.of.row == 0 && atom.width == form.width;
  const bool even = std::ranges::all_of(form.bias, [&](float b) { return b == form.bias[0]; });
  if (!whole || !even || (atom.kind != AtomKind::kApply && atom.kind != AtomKind::kClip)) return std::nullopt;
  ElementFunction f;
  f.kind = atom.kind == AtomKind::kApply ? ElementFunction::Kind::kApply : ElementFunction::Kind::kClip;
  f.function = atom.function;
  f.low = atom.low;
  f.high = atom.high;
  f.scale = t.of.scale;
  f.offset = form.bias.empty() ? 0 : form.bias[0];
  return Activated{f, &atom.a[0]};
}

}  // namespace tflower::rnn
