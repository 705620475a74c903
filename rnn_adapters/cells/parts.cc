// Parts of cells.
#include "cells/parts.h"

#include <algorithm>

namespace tflower::rnn {

std::optional<TwoProducts> AsTwoProducts(const Form& form) {
  if (form.terms.size() != 2 || std::ranges::any_of(form.bias, [](float b) { return b != 0; })) return std::nullopt;
  for (const Term& t : form.terms) {
    const bool plain = t.of.kind == Coefficient::Kind::kPlaced && t.of.scale == 1 && t.of.row == 0 && t.atom->width == form.width;
    if (!plain || t.atom->kind != AtomKind::kProduct) return std::nullopt;
  }
  return TwoProducts{form.terms[0].atom, form.terms[1].atom};
}

const Form* OtherFactor(const Atom& product, const Form& factor) {
  if (product.kind != AtomKind::kProduct) return nullptr;
  if (Same(product.a[0], factor)) return &product.a[1];
  return Same(product.a[1], factor) ? &product.a[0] : nullptr;
}

const Form* Inside(const Form& form, tfl::Builtin function) {
  const Atom* atom = OnlyAtom(form);
  return atom != nullptr && atom->kind == AtomKind::kApply && atom->function == function ? &atom->a[0] : nullptr;
}

std::optional<Clipped> Unclipped(const Form& form) {
  const Atom* atom = OnlyAtom(form);
  if (atom == nullptr || atom->kind != AtomKind::kClip) return Clipped{&form, 0};
  if (atom->low != -atom->high || !(atom->high > 0)) return std::nullopt;
  return Clipped{&atom->a[0], atom->high};
}

bool IsOneMinus(const Form& form, const Form& x) {
  return Same(form, Sum(Constant(x.width, std::vector<float>(static_cast<size_t>(x.width), 1.0f)), x, -1));
}

}  // namespace tflower::rnn
