// AsNormalized: (x - mean) * r * scale + offset, or x * (r * scale) + (offset - mean * (r * scale)), with r = 1 / sqrt(variance + epsilon).
#include "cells/norm.h"

#include <cmath>

#include "cells/parts.h"

namespace tflower::rnn {
namespace {

using tfl::Builtin;

// x - mean(x): x, or null.
const Form* Uncentered(const Form& form) {
  for (const Term& t : form.terms) {
    if (t.atom->kind != AtomKind::kMean) continue;
    const Form& x = t.atom->a[0];
    if (Same(form, Sum(x, Spread(Of(t.atom), form.width), -1))) return &x;
  }
  return nullptr;
}

// r: what it makes of which form, and epsilon.
struct Deviation {
  const Form* centered;
  float epsilon;
};
std::optional<Deviation> AsInverseDeviation(const Atom* r) {
  if (r == nullptr || r->kind != AtomKind::kApply || r->function != Builtin::RSQRT || r->a[0].terms.size() != 1) return std::nullopt;
  const Form& sum = r->a[0];
  const Term& variance = sum.terms[0];
  if (variance.of.kind != Coefficient::Kind::kPlaced || variance.of.scale != 1 || variance.atom->kind != AtomKind::kMean) return std::nullopt;
  const Form* const centered = Inside(variance.atom->a[0], Builtin::SQUARE);
  if (centered == nullptr || !(sum.bias_at(0) > 0)) return std::nullopt;
  return Deviation{centered, sum.bias_at(0)};
}

// A factor for each row of a term.
std::vector<float> FactorsOf(const Term& t, int64_t width, float sign = 1) {
  std::vector<float> out = t.of.factors;
  if (out.empty()) out.assign(static_cast<size_t>(width), t.of.kind == Coefficient::Kind::kPlaced ? t.of.scale : 1.0f);
  for (float& f : out) f *= sign;
  return out;
}

// a * r with r the same in all columns: a, and r.
struct ByDeviation {
  const Form* a;
  const Atom* r;
};
std::optional<ByDeviation> AsByDeviation(const Atom& product) {
  for (const int i : {0, 1}) {
    if (product.kind != AtomKind::kProduct) break;
    const Atom* const r = SpreadAtom(product.a[static_cast<size_t>(i)]);
    if (r != nullptr && AsInverseDeviation(r)) return ByDeviation{&product.a[static_cast<size_t>(1 - i)], r};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Normalized> AsNormalized(const Form& form) {
  const bool two = form.terms.size() == 2;
  if (form.terms.empty() || form.terms.size() > 2) return std::nullopt;
  for (const Term& first : form.terms) {
    const std::optional<ByDeviation> by = first.of.kind != Coefficient::Kind::kMatrix && first.of.row == 0 && first.atom->width == form.width ? AsByDeviation(*first.atom) : std::nullopt;
    if (!by) continue;
    const std::optional<Deviation> deviation = AsInverseDeviation(by->r);
    const Form* const x = Uncentered(*deviation->centered);
    if (x == nullptr || !Same(*by->a, two ? *x : *deviation->centered)) return std::nullopt;
    const std::vector<float> scale = FactorsOf(first, form.width);
    if (two) {
      const Term& second = &first == &form.terms[0] ? form.terms[1] : form.terms[0];
      const Atom* const mean_by_r = SpreadAtom({form.width, {{second.atom, {.kind = second.of.kind, .row = second.of.row, .matrix = second.of.matrix}}}, {}});
      const std::optional<ByDeviation> mean = mean_by_r != nullptr ? AsByDeviation(*mean_by_r) : std::nullopt;
      const Atom* const of = mean && mean->r == by->r ? OnlyAtom(*mean->a) : nullptr;
      if (of == nullptr || of->kind != AtomKind::kMean || !Same(of->a[0], *x) || FactorsOf(second, form.width, -1) != scale) return std::nullopt;
    }
    const float to_operator = static_cast<float>(std::sqrt(kNormEpsilon / static_cast<double>(deviation->epsilon)));
    const std::vector<float> factors(static_cast<size_t>(form.width), to_operator);
    return Normalized{to_operator == 1 ? *x : Scaled(*x, factors), scale, form.bias.empty() ? std::vector<float>(static_cast<size_t>(form.width)) : form.bias};
  }
  return std::nullopt;
}

}  // namespace tflower::rnn
