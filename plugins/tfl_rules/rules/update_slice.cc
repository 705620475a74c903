// Writes of single rows into one tensor, as lists in unrolled loops make them: neighbours become one write, and a write of everything
// leaves nothing of what was there. A row is a PACK, so that many of them are one operator; a PACK of one value ends as a RESHAPE.
#include <algorithm>

#include <tflower/pattern.h>

#include "join.h"

namespace tflower::tfl_rules {
namespace {

// The first row that is written: the starts are known, whole rows are written, and nothing needs to be moved into range. -1: not so.
Result<int64_t> FirstRow(Builder& build, const Value& operand, const Value& update, const Value& starts) {
  TFLOWER_TRY(const std::vector<int64_t> at, build.Ints(starts, "start_indices"));
  if (at.empty() || operand.dim(0) < 0 || update.dim(0) < 0 || at[0] < 0 || at[0] > operand.dim(0) - update.dim(0)) return -1;
  for (int i = 1; i < operand.rank(); ++i) if (at[static_cast<size_t>(i)] != 0 || operand.dim_key(i) != update.dim_key(i)) return -1;
  return at[0];
}

bool PacksRows(const Operator& op) { return op.As<tfl::Pack>().axis == 0; }

// Rows u, and behind or before them rows v.
Status JoinWrites(const MatchView& m, Builder& build) {
  const Operator first = m.Op("first"), second = m.Op("second");
  if (!PacksRows(first) || !PacksRows(second) || !MayJoin(first.num_inputs(), second.num_inputs())) return Declined();
  TFLOWER_TRY(const int64_t u, FirstRow(build, m["x"], first.Output(), m["first_at"]));
  TFLOWER_TRY(const int64_t v, FirstRow(build, m["x"], second.Output(), m["second_at"]));
  if (u < 0 || v < 0) return Declined();
  const bool behind = v == u + first.num_inputs();
  if (!behind && u != v + second.num_inputs()) return Declined("they are no neighbours");
  std::vector<Value> rows = (behind ? first : second).Inputs();
  const std::vector<Value> more = (behind ? second : first).Inputs();
  rows.insert(rows.end(), more.begin(), more.end());
  TFLOWER_TRY(const Value update, build.Emit(tfl::Pack{.values_count = static_cast<int32_t>(rows.size()), .axis = 0}, rows));
  return build.Substitute(m.root(), build.Emit(tfl::DynamicUpdateSlice{}, {m["x"], update, behind ? m["first_at"] : m["second_at"]}));
}

Status DropOverwritten(const MatchView& m, Builder& build) {
  if (!m["update"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), m["update"]);
}

Status PackToReshape(const MatchView& m, Builder& build) {
  if (m.root_op().num_inputs() != 1) return Declined();
  const std::span<const int64_t> dims = m.root().dims();
  const auto unknown = std::count(dims.begin(), dims.end(), -1);
  if (unknown > 1 || (unknown == 1 && std::find(dims.begin(), dims.end(), 0) != dims.end())) return Declined("more than one dimension is unknown");
  TFLOWER_TRY(const Value shape, build.Vector(dims));
  return build.Substitute(m.root(), build.Emit(tfl::Reshape{}, {m["x"], shape}));
}

constexpr Pattern kFirst = Match("DYNAMIC_UPDATE_SLICE", {Any("x"), Match("PACK", {}, "first", kSingleUse), Const("first_at")}, "inner", kSingleUse);

constexpr RuleDef kRules[] = {
    {"neighbouring-updates", 100, Match("DYNAMIC_UPDATE_SLICE", {kFirst, Match("PACK", {}, "second", kSingleUse), Const("second_at")}), JoinWrites,
     "DYNAMIC_UPDATE_SLICE PACK"},
    {"update-of-everything", 110, Match("DYNAMIC_UPDATE_SLICE", {Any("x"), Any("update")}), DropOverwritten, ""},
    {"pack-of-one", -10, Match("PACK", {Any("x")}), PackToReshape, "RESHAPE"},
};

}  // namespace
TFLOWER_RULE_FAMILY(update_slice, kRules);
}  // namespace tflower::tfl_rules
