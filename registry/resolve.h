// Resolution: which of the claims to an op is taken, and why the others are not. docs/plugins.md has the rules.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "index.h"

namespace tflower {

// Pins by op: the only plugin that may provide it.
using Pins = std::map<std::string, std::string, std::less<>>;

// "OP=ID" texts to pins. kUsage.
Result<Pins> ParsePins(const std::vector<std::string>& pins);

// What is asked of claims to one op.
struct Question {
  std::string_view op;           // for messages and pins
  bool zero_needs_pin = false;   // priority 0 = only when pinned (lowerings)
  bool reference_only = false;
  const KernelQuery* kernel = nullptr;  // the claims are kernels and must fit
  uint32_t skip = 0;
};

struct Choice {
  const Claim* claim = nullptr;      // nullptr: none of the claims fits; faults says whether one could have
  const MatchedRows* rows = nullptr;
  std::vector<Error> faults;         // of plugins that were passed over
  bool skipped = false;              // at least one candidate was skipped
};

// Walks the claims, best first, and opens the first plugin that may serve. kConflict when two plugins have equal right;
// that is decided from manifests alone, before anything is opened. Thread: any.
Result<Choice> Choose(const Claims& claims, const Pins& pins, const Question& question);

// kConflict between two claims to op, with the flags that choose.
Error ConflictError(std::string_view op, const Claim& a, const Claim& b);

// True when a kernel's row takes the operator: version, then dtypes of inputs and of known outputs.
bool Fits(const KernelDecl& row, const KernelQuery& query);

}  // namespace tflower
