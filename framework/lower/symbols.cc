// Symbols: samples, and their revision.
#include "lower/symbols.h"

#include <algorithm>

#include <fmt/format.h>

namespace tflower::lower {
namespace {

constexpr size_t kMaxProposals = 64;

// Samples of the n-th dimension among those that are kept apart. Sizes stay such as real models accept: multiples of 32, but for batches.
ir::Dim Separate(ir::Dim usual, int axis, size_t n) {
  const int64_t step = axis == 0 ? 4 : 32 * 35;
  for (int64_t& s : usual.samples) s += step * static_cast<int64_t>(n);
  return usual;
}

// Samples of the symbol for which a dim that was `from` becomes `to`, where from = a * symbol + b. Nothing: it does not depend on it like
// that, or no whole sizes solve it.
std::optional<ir::Dim> Solve(const ir::Dim& symbol, const ir::Dim& from, const ir::Dim& to) {
  const auto& s = symbol.samples;
  int64_t run = 0, rise = 0;
  for (int w = 1; w < ir::kWorlds && run == 0; ++w) run = s[w] - s[0], rise = from.samples[w] - from.samples[0];
  if (run == 0 || rise == 0) return std::nullopt;
  ir::Dim out;
  for (int w = 0; w < ir::kWorlds; ++w) {
    int64_t left = 0, right = 0, move = 0;
    if (__builtin_mul_overflow(from.samples[w] - from.samples[0], run, &left) || __builtin_mul_overflow(rise, s[w] - s[0], &right) || left != right)
      return std::nullopt;
    if (__builtin_mul_overflow(to.samples[w] - from.samples[w], run, &move) || move % rise != 0) return std::nullopt;
    out.samples[w] = s[w] + move / rise;
    if (out.samples[w] < 1) return std::nullopt;
  }
  return out;
}

}  // namespace

ir::Dim Symbols::Give(std::vector<Symbol>& symbols, size_t i, ir::Dim usual) {
  if (symbols.size() <= i) symbols.resize(i + 1);
  symbols[i].dim = symbols[i].chosen.value_or(usual);
  return symbols[i].dim;
}

ir::Dim Symbols::Input(std::string_view input, int axis) {
  const size_t i = inputs_given_++;
  const ir::Dim usual = ir::InputSymbol(axis);
  const ir::Dim dim = Give(inputs_, i, separate_ ? Separate(usual, axis, i) : usual);
  inputs_[i].input = input;
  inputs_[i].axis = axis;
  return dim;
}

ir::Dim Symbols::Fresh() {
  const size_t i = fresh_given_++;
  return Give(fresh_, i, ir::FreshSymbol(static_cast<int64_t>(i)));
}

void Symbols::Propose(std::string_view node, Substitution remedy) {
  if (proposals_.size() < kMaxProposals) proposals_.push_back({std::string(node), std::move(remedy)});
}

bool Symbols::SharesSamples() const {
  for (size_t i = 0; i < inputs_given_; ++i)
    for (size_t k = 0; k < i; ++k) if (inputs_[i].dim == inputs_[k].dim) return true;
  return false;
}

// The symbol behind a dim that is to be replaced: the dim itself, or what it follows from.
std::optional<Symbols::Choice> Symbols::ChoiceFor(const ir::Dim& from, const ir::Dim& to) const {
  for (const bool exact : {true, false})
    for (const bool input : {true, false}) {
      const std::vector<Symbol>& symbols = input ? inputs_ : fresh_;
      for (size_t i = 0; i < (input ? inputs_given_ : fresh_given_); ++i) {
        const ir::Dim& dim = symbols[i].dim;
        if (dim.known() || (exact && !(dim == from))) continue;
        if (const auto samples = exact ? std::optional(to) : Solve(dim, from, to)) return Choice{input, i, *samples};
      }
    }
  return std::nullopt;
}

bool Symbols::CanChoose(const Substitution& remedy) const {
  return std::ranges::all_of(remedy, [this](const auto& s) { return ChoiceFor(s.first, s.second).has_value(); });
}

bool Symbols::Choose(const Proposal& proposal) {
  if (proposal.remedy.empty() || !CanChoose(proposal.remedy)) return false;
  for (const auto& [from, to] : proposal.remedy) {
    const std::optional<Choice> choice = ChoiceFor(from, to);
    Symbol& symbol = (choice->input ? inputs_ : fresh_)[choice->index];
    symbol.chosen = choice->samples;
    symbol.node = proposal.node;
  }
  return true;
}

void Symbols::StartAgain() {
  inputs_given_ = fresh_given_ = 0;
  proposals_.clear();
}

bool Symbols::Revise(const std::function<bool(std::string_view)>& failed) {
  for (const Proposal& proposal : proposals_) {
    if (!failed(proposal.node)) continue;
    if (!separate_ && SharesSamples()) {
      separate_ = true;
      StartAgain();
      return true;
    }
    if (!Choose(proposal)) continue;
    StartAgain();
    return true;
  }
  return false;
}

std::vector<std::string> Symbols::Notes() const {
  std::vector<std::string> notes;
  for (size_t i = 0; i < inputs_given_; ++i)
    if (const Symbol& s = inputs_[i]; s.chosen && s.chosen->known())
      notes.push_back(fmt::format("dimension {} of input '{}' is {}: '{}' takes no other size", s.axis, s.input, s.chosen->value(), s.node));
  return notes;
}

}  // namespace tflower::lower
