// Registry::Explain: every claim to an op, and why it won or lost.
#include <algorithm>

#include "names.h"
#include "registry_impl.h"

namespace tflower {
namespace {

Candidate Describe(RowKind kind, const Claim& claim) {
  const Provides& provides = claim.plugin->manifest().provides;
  Candidate out{.kind = kind,
                .plugin_id = claim.plugin->id(),
                .plugin_version = claim.plugin->manifest().version,
                .library = claim.plugin->LibraryPath(),
                .priority = claim.priority};
  switch (kind) {
    case RowKind::kLowering: out.detail = provides.lowerings[claim.row].emits; break;
    case RowKind::kComposite:
    case RowKind::kPattern: out.detail = provides.rules[claim.row].id; break;
    case RowKind::kKernel: {
      const KernelDecl& row = provides.kernels[claim.row];
      const bool one = row.min_version == row.max_version;
      out.detail = "v" + std::to_string(row.min_version) + (one ? "" : "-" + std::to_string(row.max_version)) + " " + DescribeSignature(row) +
                   (claim.reference ? " reference" : "");
    }
  }
  return out;
}

// Some operator would be taken by both rows.
bool Overlap(const KernelDecl& a, const KernelDecl& b) {
  const auto meet = [](uint64_t x, uint64_t y) { return x == 0 || y == 0 || (x & y) != 0; };
  if (a.max_version < b.min_version || b.max_version < a.min_version) return false;
  return std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), meet) &&
         std::equal(a.outputs.begin(), a.outputs.end(), b.outputs.begin(), meet);
}

// Judges the claims of one kind, best first.
class Explainer {
 public:
  Explainer(RowKind kind, const Claims& claims, const Pins& pins, Resolution& out) : kind_(kind), claims_(claims), out_(out) {
    const auto pin = pins.find(out.op);
    if (pin != pins.end()) pin_ = &pin->second;
  }

  // Fills in the candidates. Returns the first plugin's fault when that is why nothing was chosen.
  std::optional<Error> Run() {
    for (const Claim& claim : claims_) {
      Candidate candidate = Describe(kind_, claim);
      Judge(claim, candidate);
      if (candidate.chosen && winner_ == nullptr) winner_ = &claim;
      out_.candidates.push_back(std::move(candidate));
    }
    return winner_ == nullptr ? fault_ : std::nullopt;
  }

 private:
  bool May(const Claim& claim) const {
    if (pin_ != nullptr) return claim.plugin->id() == *pin_;
    return kind_ != RowKind::kLowering || claim.priority != 0;
  }

  const Claim* Rival(const Claim& claim) const {
    const auto row = [](const Claim& c) -> const KernelDecl& { return c.plugin->manifest().provides.kernels[c.row]; };
    for (const Claim& other : claims_) {
      if (other.plugin == claim.plugin || !other.SameRank(claim) || !May(other)) continue;
      if (kind_ != RowKind::kKernel || Overlap(row(claim), row(other))) return &other;
    }
    return nullptr;
  }

  // One claim takes all, except that kernels share the work by version and dtypes.
  bool Taken() const { return kind_ != RowKind::kKernel && (winner_ != nullptr || out_.error.has_value()); }

  void Judge(const Claim& claim, Candidate& out) {
    const Claim* rival = nullptr;
    if (!May(claim)) {
      out.verdict = pin_ != nullptr ? "not asked: pinned to " + *pin_ : "not asked: priority 0 needs --resolve " + out_.op + "=" + claim.plugin->id();
    } else if (rival = winner_ == nullptr || kind_ == RowKind::kKernel ? Rival(claim) : nullptr; rival != nullptr) {
      out.tied = true;
      out.verdict = "conflict: equal priority with " + rival->plugin->id();
      if (!out_.error) out_.error = ConflictError(out_.op, claim, *rival);
    } else if (auto rows = claim.plugin->Rows(); !rows.ok()) {
      out.verdict = "cannot be used: " + rows.error().ToString();
      if (!fault_) fault_ = std::move(rows.error());
    } else if (Taken()) {
      out.verdict = winner_ == nullptr                       ? "not asked: conflict above"
                    : claim.priority < winner_->priority     ? "asked when those above decline: lower priority"
                                                             : "asked when those above decline: later row";
    } else {
      out.chosen = true;
      out.verdict = pin_ != nullptr       ? "chosen: pinned"
                    : claims_.size() == 1 ? "chosen: the only one"
                    : winner_ == nullptr  ? "chosen: first in order"
                                          : "chosen where the rows above do not fit";
    }
  }

  RowKind kind_;
  const Claims& claims_;
  Resolution& out_;
  const std::string* pin_ = nullptr;
  const Claim* winner_ = nullptr;
  std::optional<Error> fault_;
};

}  // namespace

Resolution Registry::Impl::Explain(std::string_view op) const {
  Resolution out{.op = std::string(op)};
  const std::optional<int32_t> code = OperatorCode(op);
  const auto explain = [&](RowKind kind, const Claims& claims) {
    auto fault = Explainer(kind, claims, pins, out).Run();
    if (fault && !out.error) out.error = Uncovered(op, {.faults = {*std::move(fault)}}, {});
  };
  explain(RowKind::kLowering, index->Lowerings(op));
  explain(RowKind::kComposite, index->Composites(op));
  explain(RowKind::kKernel, index->Kernels(code.value_or(kCustomOperator), op));
  const auto chosen = [](const Candidate& candidate) { return candidate.chosen; };
  const bool any = std::any_of(out.candidates.begin(), out.candidates.end(), chosen);
  if (!any && !out.error) out.error = NoLowering(op, {});
  return out;
}

Resolution Registry::Explain(std::string_view op) const { return impl_->Explain(op); }

}  // namespace tflower
