// Symbols: the sample sizes that unknown dimensions have in the worlds (ir/dim.h), and others where a model contradicts them.
//
// Each unknown dimension of each input has a symbol of its own. When an operator fails in some world, what it would take is proposed
// (lower/remedies.h), and the conversion is tried again with symbols made equal to others, to a size that is asked for, or to a multiple
// of what they were; at last with round sizes, and with one symbol per axis for all inputs. Deterministic; see docs/architecture.md, "Worlds".
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ir/dim.h"

namespace tflower::lower {

// Dims, and what should stand in their place.
using Substitution = std::vector<std::pair<ir::Dim, ir::Dim>>;

class Symbols {
 public:
  // The unknown dimension `axis` of a model input. Inputs come in the same order in each try.
  ir::Dim Input(std::string_view input, int axis);
  // A dimension that nothing is known of, but that it is the one which was given for this key before.
  ir::Dim Fresh(uint64_t key);

  // An operator of `node` does not take its operands in all worlds; with the substitution it would (empty: nothing found).
  void Propose(std::string_view node, Substitution remedy);
  // Whether each dim to be replaced follows from one symbol, which can have samples that make it so.
  bool CanChoose(const Substitution& remedy) const;
  bool HasProposal(std::string_view node) const {
    return std::ranges::any_of(proposals_, [&](const Proposal& p) { return p.node == node; });
  }
  // After a try that failed: other samples for the next, because of the proposals by nodes that `failed`, as far as they do not touch each
  // other's symbols. False: there are none.
  bool Revise(const std::function<bool(std::string_view node)>& failed);
  // For a last try: what Revise would come to at the end. False: it did already.
  bool ShareByAxis();

  // For the report: dimensions of inputs that only one size fits, and whether all were looked at as multiples of 32 only.
  std::vector<std::string> Notes() const;

 private:
  struct Symbol {
    std::string input;
    int axis = 0;
    ir::Dim dim;                    // as given out in this try
    std::optional<ir::Dim> chosen;  // instead of the usual samples
    std::string node;               // that asked for it
  };
  struct Proposal {
    std::string node;
    Substitution remedy;
  };
  ir::Dim Give(std::vector<Symbol>& symbols, size_t i, ir::Dim usual);
  struct Choice {
    bool input;
    size_t index;
    ir::Dim samples;
  };
  std::optional<Choice> ChoiceFor(const ir::Dim& from, const ir::Dim& to) const;
  bool Choose(const Proposal& proposal, std::vector<ir::Dim>& used);
  bool SeveralAtOneAxis() const;
  bool OtherSizes();
  void StartAgain();

  std::vector<Symbol> inputs_, fresh_;
  std::unordered_map<uint64_t, size_t> fresh_index_;  // by key, in this try
  size_t inputs_given_ = 0, fresh_given_ = 0;
  enum class Sizes : uint8_t {
    kUsual,   // with no divisor in common: what depends on a remainder is not decided
    kRound,   // multiples of 32, which models take that halve sizes
    kEven,    // those, many times as large, which can be halved a few times more
    kByAxis,  // the unknown dimensions of all inputs share the symbol of their axis
  };
  bool Take(Sizes sizes);
  Sizes sizes_ = Sizes::kUsual;  // what is tried, one after the other, when no proposal is left
  std::vector<Proposal> proposals_;
};

}  // namespace tflower::lower
