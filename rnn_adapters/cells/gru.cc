// MatchGru: from the new state inwards.
#include "cells/gru.h"

#include <algorithm>

#include "cells/parts.h"

namespace tflower::rnn {
namespace {

using Kind = Coefficient::Kind;

// h' = keep * h + (1 - keep) * candidate.
struct Shares {
  Form keep, candidate;
};

bool IsPlain(const Term& t, int64_t width) { return t.of.kind == Kind::kPlaced && t.of.row == 0 && t.atom->width == width; }

// As two products.
std::optional<Shares> SharesOfProducts(const Form& next, const Form& state) {
  const std::optional<TwoProducts> products = AsTwoProducts(next);
  if (!products) return std::nullopt;
  for (const auto& [old, added] : {std::pair(products->first, products->second), std::pair(products->second, products->first)}) {
    const Form* const keep = OtherFactor(*old, state);
    if (keep == nullptr) continue;
    for (size_t i : {0, 1}) if (IsOneMinus(added->a[i], *keep)) return Shares{*keep, added->a[1 - i]};
  }
  return std::nullopt;
}

// As one product and what it is added to: h + a * (g - h), or g + k * (h - g).
std::optional<Shares> SharesOfDifference(const Form& next, const Form& state) {
  const auto product = std::ranges::find_if(next.terms, [&](const Term& t) { return t.atom->kind == AtomKind::kProduct && IsPlain(t, next.width); });
  if (product == next.terms.end()) return std::nullopt;
  Form rest = next;
  rest.terms.erase(rest.terms.begin() + (product - next.terms.begin()));
  for (size_t i : {0, 1}) {
    const Form& gate = product->atom->a[i];
    const Form difference = Scaled(product->atom->a[1 - i], std::vector<float>(static_cast<size_t>(next.width), product->of.scale));
    if (Same(rest, state)) {
      Form candidate = Sum(difference, state);
      std::erase_if(candidate.terms, [](const Term& t) { return t.of.kind == Kind::kPlaced && t.of.scale == 0; });
      const bool whole = std::ranges::none_of(candidate.terms, [&](const Term& t) { return t.atom == state.terms[0].atom; });
      if (whole && !candidate.terms.empty()) return Shares{Sum(Constant(next.width, std::vector<float>(static_cast<size_t>(next.width), 1.0f)), gate, -1), candidate};
    } else if (Form old = Sum(difference, rest); true) {
      std::erase_if(old.terms, [](const Term& t) { return t.of.kind == Kind::kPlaced && t.of.scale == 0; });
      if (Same(old, state)) return Shares{gate, rest};
    }
  }
  return std::nullopt;
}

class Matcher {
 public:
  Matcher(BodyReader& body, int h, std::string& why) : why_(why), state_(body.State(h)) { cell_.h = h; }

  std::optional<GruCell> Run(const Form& next) {
    const Form state = Of(state_);
    std::optional<Shares> shares = SharesOfProducts(next, state);
    if (!shares) shares = SharesOfDifference(next, state);
    if (!shares || !SetUpdate(shares->keep) || !SetCandidate(shares->candidate)) return std::nullopt;
    cell_.hidden = next;
    FindSources();
    return std::move(cell_);
  }

 private:
  bool SetUpdate(const Form& keep) {
    const std::optional<Activated> gate = AsActivated(keep);
    if (!gate) return false;
    cell_.update_keeps = gate->function.scale > 0;
    cell_.update = {cell_.update_keeps ? gate->function : gate->function.OneMinus(), *gate->inside};
    return true;
  }

  bool SetCandidate(const Form& candidate) {
    const std::optional<Activated> activated = AsActivated(candidate);
    if (activated) cell_.activation = activated->function;
    cell_.candidate = activated ? *activated->inside : candidate;
    const auto is_reset = [&](const Term& t) { return t.atom->kind == AtomKind::kProduct; };
    const auto found = std::ranges::find_if(cell_.candidate.terms, is_reset);
    if (found == cell_.candidate.terms.end()) return Refuse("no gate multiplies its state on the way into the candidate");
    const Term term = *found;
    const bool others = std::ranges::any_of(cell_.candidate.terms, [&](const Term& t) { return t.atom == state_ || (is_reset(t) && t.atom != term.atom); });
    if (others) return Refuse("its candidate reads the state in more than one way");
    return term.of.kind == Kind::kMatrix ? SetResetBefore(*term.atom) : SetResetAfter(term, static_cast<size_t>(found - cell_.candidate.terms.begin()));
  }

  bool SetResetBefore(const Atom& product) {
    const Form* const gate = OtherFactor(product, Of(state_));
    if (gate == nullptr || !SetReset(*gate)) return Refuse("what its candidate multiplies by weights is no gate times the state");
    cell_.reset_state = &product;
    return true;
  }

  bool SetResetAfter(const Term& term, size_t index) {
    const Atom& product = *term.atom;
    if (!IsPlain(term, cell_.candidate.width) || term.of.scale != 1) return Refuse("its reset gate's product is scaled");
    for (size_t i : {0, 1}) {
      const Form& after = product.a[1 - i];
      const bool linear = !after.terms.empty() && std::ranges::all_of(after.terms, [&](const Term& t) { return t.atom == state_; });
      if (!linear || !SetReset(product.a[i])) continue;
      cell_.after = after;
      cell_.candidate.terms.erase(cell_.candidate.terms.begin() + static_cast<std::ptrdiff_t>(index));
      return true;
    }
    return Refuse("what its reset gate multiplies is no product of the state and weights");
  }

  bool SetReset(const Form& form) {
    const std::optional<Activated> gate = AsActivated(form);
    if (!gate || !gate->function.SameCore(cell_.update.function)) return false;
    cell_.reset = {gate->function, *gate->inside};
    return true;
  }

  void FindSources() {
    for (const Form* form : {&cell_.update.inside, &cell_.reset.inside, &cell_.candidate})
      for (const Term& t : form->terms)
        if (t.atom != state_ && t.atom != cell_.reset_state && std::ranges::find(cell_.sources, t.atom) == cell_.sources.end()) cell_.sources.push_back(t.atom);
  }

  bool Refuse(const char* why) {
    if (why_.empty()) why_ = why;
    return false;
  }

  std::string& why_;
  const Atom* const state_;
  GruCell cell_;
};

}  // namespace

std::optional<GruCell> MatchGru(BodyReader& body, int h, std::string& why) {
  if (body.loop().body.Input(h).rank() != 2) return std::nullopt;
  const Form* const next = body.Read(body.loop().body.Output(h));
  if (next == nullptr) return std::nullopt;
  return Matcher(body, h, why).Run(*next);
}

}  // namespace tflower::rnn
