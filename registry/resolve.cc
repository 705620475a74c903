#include "resolve.h"

#include <algorithm>

namespace tflower {
namespace {

bool DtypeFits(uint64_t allowed, int32_t dtype) {
  if (allowed == 0 || dtype == -1) return true;
  return dtype >= 0 && dtype < 64 && (allowed >> dtype & 1) != 0;
}

// The walk over one op's claims.
class Walk {
 public:
  Walk(const Claims& claims, const Pins& pins, const Question& question) : claims_(claims), question_(question) {
    const auto pin = pins.empty() ? pins.end() : pins.find(question.op);
    if (pin != pins.end()) pinned_ = &pin->second;
  }

  Result<Choice> Run() {
    Choice choice;
    uint32_t skip = question_.skip;
    for (const Claim& claim : claims_) {
      if (!May(claim)) continue;
      if (const Claim* rival = Rival(claim)) return ConflictError(question_.op, claim, *rival);
      auto rows = claim.plugin->Rows();
      if (!rows.ok()) {
        AddFault(*claim.plugin, std::move(rows.error()), choice);
      } else if (skip > 0) {
        --skip;
        choice.skipped = true;
      } else {
        choice.claim = &claim;
        choice.rows = rows.value();
        return choice;
      }
    }
    return choice;
  }

 private:
  bool May(const Claim& claim) const {
    if (pinned_ != nullptr && claim.plugin->id() != *pinned_) return false;
    if (pinned_ == nullptr && question_.zero_needs_pin && claim.priority == 0) return false;
    if (question_.reference_only && !claim.reference) return false;
    return question_.kernel == nullptr || Fits(claim.plugin->manifest().provides.kernels[claim.row], *question_.kernel);
  }

  // Another plugin's claim with the same right.
  const Claim* Rival(const Claim& claim) const {
    for (const Claim* other = &claim + 1; other != claims_.data() + claims_.size() && other->SameRank(claim); ++other) {
      if (other->plugin != claim.plugin && May(*other)) return other;
    }
    return nullptr;
  }

  void AddFault(const Plugin& plugin, Error fault, Choice& choice) {
    if (std::find(faulty_.begin(), faulty_.end(), &plugin) != faulty_.end()) return;
    faulty_.push_back(&plugin);
    choice.faults.push_back(std::move(fault));
  }

  const Claims& claims_;
  const Question& question_;
  const std::string* pinned_ = nullptr;
  std::vector<const Plugin*> faulty_;
};

}  // namespace

Error ConflictError(std::string_view op_name, const Claim& a, const Claim& b) {
  const auto name = [](const Claim& claim) { return claim.plugin->id() + " " + claim.plugin->manifest().version; };
  const std::string op(op_name);
  return Error(Code::kConflict, name(a) + " and " + name(b) + " claim it with equal priority " + std::to_string(a.priority))
      .Op(op)
      .Hint("choose one with --resolve " + op + "=" + a.plugin->id() + " or --resolve " + op + "=" + b.plugin->id());
}

bool Fits(const KernelDecl& row, const KernelQuery& query) {
  if (query.version < row.min_version || query.version > row.max_version) return false;
  for (size_t i = 0; i < query.input_dtypes.size(); ++i) {
    if (!DtypeFits(row.inputs[std::min(i, row.inputs.size() - 1)], query.input_dtypes[i])) return false;
  }
  for (size_t i = 0; i < std::min(query.output_dtypes.size(), row.outputs.size()); ++i) {
    if (!DtypeFits(row.outputs[i], query.output_dtypes[i])) return false;
  }
  return true;
}

Result<Choice> Choose(const Claims& claims, const Pins& pins, const Question& question) {
  return Walk(claims, pins, question).Run();
}

Result<Pins> ParsePins(const std::vector<std::string>& pins) {
  Pins out;
  for (const std::string& pin : pins) {
    const size_t equals = pin.find('=');
    if (equals == std::string::npos || equals == 0 || !IsPluginId(pin.substr(equals + 1))) {
      return Error(Code::kUsage, "'" + pin + "' is not OP=PLUGIN_ID").What("--resolve");
    }
    const auto [at, is_new] = out.emplace(pin.substr(0, equals), pin.substr(equals + 1));
    if (!is_new && at->second != pin.substr(equals + 1)) {
      return Error(Code::kUsage, "'" + at->first + "' is pinned to two plugins").What("--resolve");
    }
  }
  return out;
}

}  // namespace tflower
