// Reductions: with the reshape behind them, behind each other, behind a transpose, over nothing; ARG_MAX behind what keeps the order.
#include "reductions.h"

#include <algorithm>
#include <numeric>

#include "last_axis.h"

namespace tflower::tfl_rules {
namespace {

// A reshape that gives back the reduced dimensions, or takes them away: keep_dims.
Status WithReshape(const MatchView& m, Builder& build) {
  const Operator reduce = m.Op("reduce");
  TFLOWER_TRY(const Value y, Reduce(build, reduce, m["x"], m["axes"], !KeepsDims(reduce)));
  if (!y.SameShape(m.root())) return Declined("the shape is not that of keep_dims");
  return build.Substitute(m.root(), y);
}

// Over dimensions of size 1, or over none.
Status OverNothing(const MatchView& m, Builder& build) {
  const Operator reduce = m.root_op();
  TFLOWER_TRY(const std::vector<int64_t> axes, build.Ints(m["axes"], "axes"));
  for (int64_t a : axes) if (m["x"].dim(static_cast<int>(a)) != 1) return Declined();
  if (m["x"].SameShape(m.root())) return build.Substitute(m.root(), m["x"]);
  if (KeepsDims(reduce) || std::ranges::count(m.root().dims(), -1) > 1) return Declined();
  TFLOWER_TRY(const Value shape, build.Vector(m.root().dims()));
  return build.Substitute(m.root(), build.Emit(tfl::Reshape{}, {m["x"], shape}));
}

std::vector<int64_t> Normal(std::vector<int64_t> axes, int rank) {
  for (int64_t& a : axes) a += a < 0 ? rank : 0;
  std::ranges::sort(axes);
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

// The sum of sums, the largest of the largest; the mean of means of equally many.
Status Merge(const MatchView& m, Builder& build) {
  const Operator inner = m.Op("inner"), outer = m.root_op();
  if (inner.code() != outer.code() || KeepsDims(inner) != KeepsDims(outer)) return Declined();
  if (outer.code() == tfl::Builtin::MEAN && m.root().dtype() != DType::kFloat32) return Declined("each mean is rounded");
  TFLOWER_TRY(std::vector<int64_t> first, build.Ints(m["axes1"], "axes"));
  TFLOWER_TRY(std::vector<int64_t> second, build.Ints(m["axes2"], "axes"));
  const int rank = m["x"].rank();
  first = Normal(std::move(first), rank);
  second = Normal(std::move(second), m["inner"].rank());
  if (!KeepsDims(inner)) {  // as dimensions of x
    std::vector<int64_t> left;
    for (int64_t a = 0; a < rank; ++a) if (!std::ranges::binary_search(first, a)) left.push_back(a);
    for (int64_t& a : second) a = left[static_cast<size_t>(a)];
  }
  first.insert(first.end(), second.begin(), second.end());
  TFLOWER_TRY(const Value axes, build.Vector(Normal(std::move(first), rank)));
  return build.Substitute(m.root(), Reduce(build, outer, m["x"], axes, KeepsDims(outer)));
}

// Of a transposed tensor: the dimensions that are left come as they are, or are transposed afterwards, when they are fewer.
Status OfTransposed(const MatchView& m, Builder& build) {
  const Operator reduce = m.root_op();
  TFLOWER_TRY(const std::vector<int64_t> perm, build.Ints(m["perm"], "perm"));
  TFLOWER_TRY(std::vector<int64_t> axes, build.Ints(m["axes"], "axes"));
  axes = Normal(std::move(axes), m["x"].rank());
  std::vector<int64_t> before, order;
  for (int64_t a : axes) before.push_back(perm[static_cast<size_t>(a)]);
  for (size_t i = 0; i < perm.size(); ++i) if (KeepsDims(reduce) || !std::ranges::binary_search(axes, static_cast<int64_t>(i))) order.push_back(perm[i]);
  std::vector<int64_t> sorted = order;
  std::ranges::sort(sorted);
  for (int64_t& p : order) p = std::ranges::lower_bound(sorted, p) - sorted.begin();
  TFLOWER_TRY(const Value on, build.Vector(Normal(before, m["x"].rank())));
  TFLOWER_TRY(const Value y, Reduce(build, reduce, m["x"], on, KeepsDims(reduce)));
  if (std::ranges::is_sorted(order)) return build.Substitute(m.root(), y);
  TFLOWER_TRY(const Value p, build.Vector(order));
  return build.Substitute(m.root(), build.Emit(tfl::Transpose{}, {y, p}));
}

// The largest logit has the largest probability.
template <class TflOp>
Status OfLogits(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> axis, build.Ints(m["axis"], "axis"));
  if (axis.size() != 1 || (axis[0] != -1 && axis[0] != m["x"].rank() - 1)) return Declined();
  return build.Substitute(m.root(), build.Emit(m.root_op().As<TflOp>(), {m["x"], m["axis"]}));
}

constexpr Pattern kReduced = Match(kReductions, {Any("x"), Const("axes")}, "reduce", kSingleUse);
constexpr Pattern OfSoftmax(const char* op) { return Match(op, {Match("SOFTMAX|LOG_SOFTMAX", {Any("x")}), Const("axis")}); }

constexpr RuleDef kRules[] = {
    {"reduction-with-reshape", 120, Match("RESHAPE|SQUEEZE|EXPAND_DIMS", {kReduced}), WithReshape, kReductionsEmits},
    {"reduction-over-nothing", 250, Match(kReductions, {Any("x"), Const("axes")}), OverNothing, "RESHAPE"},
    {"merge-reductions", 210, Match(kReductions, {Match(kReductions, {Any("x"), Const("axes1")}, "inner", kSingleUse), Const("axes2")}), Merge, kReductionsEmits},
    {"reduction-of-transposed", 70, Match(kReductions, {Match("TRANSPOSE", {Any("x"), Const("perm")}, nullptr, kSingleUse), Const("axes")}), OfTransposed,
     "SUM MEAN REDUCE_MAX REDUCE_MIN REDUCE_PROD REDUCE_ANY REDUCE_ALL TRANSPOSE"},
    {"arg-max-of-softmax", 150, OfSoftmax("ARG_MAX"), OfLogits<tfl::ArgMax>, "ARG_MAX"},
    {"arg-min-of-softmax", 150, OfSoftmax("ARG_MIN"), OfLogits<tfl::ArgMin>, "ARG_MIN"},
};
}  // namespace
TFLOWER_RULE_FAMILY(reductions, kRules);
}  // namespace tflower::tfl_rules
