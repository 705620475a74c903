// A TRANSPOSE of the last two dimensions before BATCH_MATMUL is its adj_x or adj_y.
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

bool SwapsLastTwo(const std::vector<int64_t>& perm) {
  const size_t n = perm.size();
  if (n < 2) return false;
  for (size_t i = 0; i + 2 < n; ++i) if (perm[i] != static_cast<int64_t>(i)) return false;
  return perm[n - 2] == static_cast<int64_t>(n - 1) && perm[n - 1] == static_cast<int64_t>(n - 2);
}

template <bool kLeft>
Status TakeTranspose(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  if (!SwapsLastTwo(perm)) return Declined();
  tfl::BatchMatMul op = m.root_op().As<tfl::BatchMatMul>();
  if (kLeft) op.adj_x = !op.adj_x;
  else op.adj_y = !op.adj_y;
  return build.Substitute(m.root(), build.Emit(op, {kLeft ? m["x"] : m["a"], kLeft ? m["b"] : m["x"]}));
}

constexpr Pattern kTransposed = Match("TRANSPOSE", {Any("x"), Const("perm")});
constexpr RuleDef kRules[] = {
    {"batch-matmul-transposed-left", 70, Match("BATCH_MATMUL", {kTransposed, Any("b")}), TakeTranspose<true>, "BATCH_MATMUL"},
    {"batch-matmul-transposed-right", 70, Match("BATCH_MATMUL", {Any("a"), kTransposed}), TakeTranspose<false>, "BATCH_MATMUL"},
};
}  // namespace
TFLOWER_RULE_FAMILY(batch_matmul, kRules);
}  // namespace tflower::tfl_rules
