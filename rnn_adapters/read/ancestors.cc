// VisitAncestors: a worklist of values.
#include "read/ancestors.h"

#include <unordered_set>
#include <vector>

namespace tflower::rnn {

bool VisitAncestors(Builder& build, std::span<const Value> values, const Value& stop, size_t most, const std::function<bool(const Operator&)>& enough) {
  std::vector<Value> pending(values.begin(), values.end());
  std::unordered_set<const tflower_value*> seen = {stop.abi()};
  while (!pending.empty()) {
    const Value v = pending.back();
    pending.pop_back();
    if (!v || !seen.insert(v.abi()).second) continue;
    if (seen.size() > most) return false;
    const Operator op = build.Producer(v);
    if (!op) continue;
    if (enough(op)) return false;
    for (const Value& in : op.Inputs()) pending.push_back(in);
  }
  return true;
}

}  // namespace tflower::rnn
