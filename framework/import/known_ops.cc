#include "import/known_ops.h"

#include <algorithm>

namespace tflower::tf {
namespace {

constexpr std::string_view kText =
#include "tf_ops.inc"
    ;

KnownOp ParseLine(std::string_view line) {
  const size_t space = std::min(line.find(' '), line.size());
  KnownOp op{line.substr(0, space), line.substr(std::min(space + 1, line.size())), false};
  if (op.name.ends_with('!')) {
    op.stateful = true;
    op.name.remove_suffix(1);
  }
  return op;
}

}  // namespace

const std::vector<KnownOp>& KnownOps() {
  static const std::vector<KnownOp> ops = [] {
    std::vector<KnownOp> out;
    for (std::string_view rest = kText; !rest.empty();) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      if (end != 0) out.push_back(ParseLine(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    std::ranges::sort(out, {}, &KnownOp::name);
    return out;
  }();
  return ops;
}

const KnownOp* FindKnownOp(std::string_view name) {
  const std::vector<KnownOp>& ops = KnownOps();
  const auto at = std::ranges::lower_bound(ops, name, {}, &KnownOp::name);
  return at != ops.end() && at->name == name ? &*at : nullptr;
}

}  // namespace tflower::tf
