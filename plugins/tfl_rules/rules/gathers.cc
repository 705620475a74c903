// Gathers and scatters of everything in order, and of a stretch; reversals and sums along one element; ONE_HOT as a way to look rows up.
#include <algorithm>

#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

// first, first + 1, ... : the first; nullopt for others.
std::optional<int64_t> Consecutive(const std::vector<int64_t>& indices) {
  for (size_t i = 0; i < indices.size(); ++i) if (indices[i] != indices[0] + static_cast<int64_t>(i)) return std::nullopt;
  return indices.empty() || indices[0] < 0 ? std::nullopt : std::optional<int64_t>(indices[0]);
}

Result<Value> Stretch(Builder& build, const Value& x, int axis, int64_t first, int64_t count) {
  std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), size(static_cast<size_t>(x.rank()), -1);
  begin[static_cast<size_t>(axis)] = first;
  size[static_cast<size_t>(axis)] = count;
  TFLOWER_TRY(const Value b, build.Vector(begin));
  TFLOWER_TRY(const Value s, build.Vector(size));
  return build.Emit(tfl::Slice{}, {x, b, s});
}

Status GatherStretch(const MatchView& m, Builder& build) {
  const auto o = m.root_op().As<tfl::Gather>();
  if (o.batch_dims != 0 || m["indices"].rank() != 1) return Declined();
  TFLOWER_TRY(const std::vector<int64_t> indices, build.Ints(m["indices"], "indices"));
  const std::optional<int64_t> first = Consecutive(indices);
  if (!first) return Declined();
  if (m["x"].SameShape(m.root())) return build.Substitute(m.root(), m["x"]);
  const int axis = o.axis < 0 ? o.axis + m["x"].rank() : o.axis;
  return build.Substitute(m.root(), Stretch(build, m["x"], axis, *first, static_cast<int64_t>(indices.size())));
}

// Indices [n, 1]: rows.
Status GatherRows(const MatchView& m, Builder& build) {
  if (m["indices"].rank() != 2 || m["indices"].dim(1) != 1) return Declined();
  TFLOWER_TRY(const std::vector<int64_t> indices, build.Ints(m["indices"], "indices"));
  const std::optional<int64_t> first = Consecutive(indices);
  if (!first) return Declined();
  if (m["x"].SameShape(m.root())) return build.Substitute(m.root(), m["x"]);
  return build.Substitute(m.root(), Stretch(build, m["x"], 0, *first, static_cast<int64_t>(indices.size())));
}
Status ScatterAll(const MatchView& m, Builder& build) {
  if (m["indices"].rank() != 2 || m["indices"].dim(1) != 1 || !m["x"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const std::vector<int64_t> indices, build.Ints(m["indices"], "indices"));
  return Consecutive(indices) == 0 ? build.Substitute(m.root(), m["x"]) : Declined();
}

// ---- along dimensions of size 1 nothing is turned round or summed up

bool AreSingle(const Value& x, const std::vector<int64_t>& axes) {
  return std::ranges::all_of(axes, [&](int64_t a) { return x.dim(static_cast<int>(a)) == 1; });
}
Status DropReverse(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> axes, build.Ints(m["axes"], "axis"));
  return AreSingle(m["x"], axes) ? build.Substitute(m.root(), m["x"]) : Declined();
}
Status ReverseTwice(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> first, build.Ints(m["axes1"], "axis"));
  TFLOWER_TRY(const std::vector<int64_t> second, build.Ints(m["axes2"], "axis"));
  return first == second ? build.Substitute(m.root(), m["x"]) : Declined();
}
Status DropCumsum(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> axis, build.Ints(m["axis"], "axis"));
  return !m.root_op().As<tfl::Cumsum>().exclusive && AreSingle(m["x"], axis) ? build.Substitute(m.root(), m["x"]) : Declined();
}

constexpr RuleDef kRules[] = {
    {"gather-stretch", 200, Match("GATHER", {Any("x"), Const("indices")}), GatherStretch, "SLICE"},
    {"gather-nd-rows", 200, Match("GATHER_ND", {Any("x"), Const("indices")}), GatherRows, "SLICE"},
    {"scatter-nd-all", 200, Match("SCATTER_ND", {Const("indices"), Any("x")}), ScatterAll, ""},
    {"drop-reverse", 250, Match("REVERSE_V2", {Any("x"), Const("axes")}), DropReverse, ""},
    {"reverse-twice", 250, Match("REVERSE_V2", {Match("REVERSE_V2", {Any("x"), Const("axes1")}), Const("axes2")}), ReverseTwice, ""},
    {"drop-cumsum", 250, Match("CUMSUM", {Any("x"), Const("axis")}), DropCumsum, ""},
};
}  // namespace
TFLOWER_RULE_FAMILY(gathers, kRules);
}  // namespace tflower::tfl_rules
