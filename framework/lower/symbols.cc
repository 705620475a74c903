// Symbols: samples, and their revision.
#include "lower/symbols.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

namespace tflower::lower {
namespace {

constexpr size_t kMaxProposals = 64;

constexpr int64_t kUnit = 32;

// All ways to cut the sum of the usual sizes otherwise: see ir::InputSymbol.
std::vector<ir::Dim> OtherCuts() {
  constexpr int64_t kSum = 3 + 5 + 7, kLeast = 2, kMost = 8;
  std::vector<ir::Dim> out;
  for (int64_t a = kLeast; a <= kMost; ++a)
    for (int64_t b = kLeast; b <= kMost; ++b) {
      const int64_t c = kSum - a - b;
      if (c < kLeast || c > kMost) continue;
      ir::Dim dim;
      dim.samples = {ir::InputSymbol(1).samples[0], a * kUnit, b * kUnit, c * kUnit};
      if (std::ranges::none_of(std::array{1, 2, 3}, [&](int axis) { return dim == ir::InputSymbol(axis); })) out.push_back(dim);
    }
  return out;
}

std::vector<ir::Dim> OtherBatches() {
  constexpr int64_t kSum = 2 + 3 + 257;
  std::vector<ir::Dim> out;
  for (int64_t a = 4; a < 40; a += 2) {
    ir::Dim dim;
    dim.samples = {1, a, a + 1, kSum - 2 * a - 1};
    do out.push_back(dim); while (std::next_permutation(dim.samples.begin() + 1, dim.samples.end()));
  }
  return out;
}

// Samples of the n-th unknown dimension for an input that is not the first with one at this axis.
ir::Dim Separate(int axis, size_t n) {
  static const std::vector<ir::Dim> sizes = OtherCuts(), batches = OtherBatches();
  const std::vector<ir::Dim>& all = axis == 0 ? batches : sizes;
  ir::Dim dim = all[n % all.size()];
  for (int w = 1; w < ir::kWorlds; ++w) dim.samples[w] += static_cast<int64_t>(n / all.size()) * kUnit * 35;
  return dim;
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

// The same where from = symbol - other + b.
std::optional<ir::Dim> SolveDifference(const ir::Dim& symbol, const ir::Dim& other, const ir::Dim& from, const ir::Dim& to) {
  ir::Dim out;
  for (int w = 0; w < ir::kWorlds; ++w) {
    if (from.samples[w] - from.samples[0] != symbol.samples[w] - other.samples[w] - symbol.samples[0] + other.samples[0]) return std::nullopt;
    if (__builtin_add_overflow(symbol.samples[w], to.samples[w] - from.samples[w], &out.samples[w]) || out.samples[w] < 1) return std::nullopt;
  }
  return out;
}

constexpr int64_t kEvenSize = 16;
// From round sizes to usual ones. Sums over the worlds stay equal, and sizes of different inputs equal in the first one.
constexpr std::array<int64_t, ir::kWorlds> kOff = {0, 1, -2, 1};
constexpr size_t kMaxDifferences = 64;  // symbols that are looked at in pairs

}  // namespace

ir::Dim Symbols::Give(std::vector<Symbol>& symbols, size_t i, ir::Dim usual) {
  if (symbols.size() <= i) symbols.resize(i + 1);
  symbols[i].dim = symbols[i].chosen.value_or(usual);
  return symbols[i].dim;
}

ir::Dim Symbols::Input(std::string_view input, int axis) {
  const size_t i = inputs_given_++;
  const auto before = inputs_.begin() + static_cast<ptrdiff_t>(std::min(i, inputs_.size()));
  const bool first = sizes_ == Sizes::kByAxis || std::find_if(inputs_.begin(), before, [&](const Symbol& s) { return s.axis == axis; }) == before;
  ir::Dim usual = first ? ir::InputSymbol(axis) : Separate(axis, i);
  if (sizes_ == Sizes::kEven)
    for (int64_t& s : usual.samples) s *= s == 1 ? 1 : kEvenSize;  // 1 stays: it broadcasts, and is squeezed
  if (sizes_ == Sizes::kUsual && axis != 0)
    for (int w = 0; w < ir::kWorlds; ++w) usual.samples[w] += kOff[w];
  const ir::Dim dim = Give(inputs_, i, usual);
  inputs_[i].input = input;
  inputs_[i].axis = axis;
  return dim;
}

ir::Dim Symbols::Fresh(uint64_t key) {
  const auto [it, is_new] = fresh_index_.try_emplace(key, fresh_given_);
  if (!is_new) return fresh_[it->second].dim;
  const size_t i = fresh_given_++;
  return Give(fresh_, i, ir::FreshSymbol(static_cast<int64_t>(i)));
}

void Symbols::Propose(std::string_view node, Substitution remedy) {
  if (proposals_.size() < kMaxProposals) proposals_.push_back({std::string(node), std::move(remedy)});
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
  const size_t n = std::min(inputs_given_, kMaxDifferences);
  for (size_t i = 0; i < n; ++i)
    for (size_t k = 0; k < n; ++k)
      if (const auto samples = i == k ? std::nullopt : SolveDifference(inputs_[i].dim, inputs_[k].dim, from, to)) return Choice{true, i, *samples};
  return std::nullopt;
}

bool Symbols::CanChoose(const Substitution& remedy) const {
  return std::ranges::all_of(remedy, [this](const auto& s) { return ChoiceFor(s.first, s.second).has_value(); });
}

bool Symbols::Choose(const Proposal& proposal, std::vector<ir::Dim>& used) {
  if (proposal.remedy.empty() || !CanChoose(proposal.remedy)) return false;
  std::vector<ir::Dim> touched;
  for (const auto& [from, to] : proposal.remedy) touched.insert(touched.end(), {from, to});
  const auto is_used = [&](const ir::Dim& d) { return !d.known() && std::ranges::find(used, d) != used.end(); };
  if (std::ranges::any_of(touched, is_used)) return false;
  used.insert(used.end(), touched.begin(), touched.end());
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
  fresh_index_.clear();
  proposals_.clear();
}

bool Symbols::SeveralAtOneAxis() const {
  std::set<int> axes;
  return std::ranges::any_of(inputs_, [&](const Symbol& s) { return !axes.insert(s.axis).second; });
}

bool Symbols::Take(Sizes sizes) {
  sizes_ = sizes;
  for (Symbol& symbol : inputs_) symbol.chosen.reset();
  return true;
}

bool Symbols::OtherSizes() {
  if (sizes_ == Sizes::kUsual && inputs_given_ != 0) return Take(Sizes::kRound);
  if (sizes_ == Sizes::kRound) return Take(Sizes::kEven);
  return ShareByAxis();
}

bool Symbols::ShareByAxis() {
  if (sizes_ == Sizes::kByAxis || !SeveralAtOneAxis()) return false;
  StartAgain();
  return Take(Sizes::kByAxis);
}

bool Symbols::Revise(const std::function<bool(std::string_view)>& failed) {
  const auto fixes = [](const Proposal& p) { return std::ranges::any_of(p.remedy, [](const auto& s) { return s.second.known(); }); };
  std::vector<ir::Dim> used;  // in this round
  const auto choose = [&](bool fixing) {
    bool any = false;
    for (const Proposal& p : proposals_)
      if (failed(p.node) && fixes(p) == fixing) any |= Choose(p, used);
    return any;
  };
  // A size is fixed only when nothing else helps.
  const bool any_chosen = choose(false) || OtherSizes() || choose(true);
  if (any_chosen) StartAgain();
  return any_chosen;
}

std::vector<std::string> Symbols::Notes() const {
  std::vector<std::string> notes;
  for (size_t i = 0; i < inputs_given_; ++i)
    if (const Symbol& s = inputs_[i]; s.chosen && s.chosen->known())
      notes.push_back(fmt::format("dimension {} of input '{}' is {}: '{}' takes no other size", s.axis, s.input, s.chosen->value(), s.node));
  const auto is_round = [](const Symbol& s) { return s.axis != 0 && !s.chosen; };
  if (notes.empty() && (sizes_ == Sizes::kRound || sizes_ == Sizes::kEven) && std::any_of(inputs_.begin(), inputs_.begin() + static_cast<ptrdiff_t>(inputs_given_), is_round))
    notes.push_back("unknown sizes were looked at as multiples of 32, as the model does not take all others");
  return notes;
}

}  // namespace tflower::lower
