// BROADCAST_TO before an operator that broadcasts by itself: with it goes the shape arithmetic behind it. The result's shape stays, or the
// rewrite is not applied.
#include "binary.h"

namespace tflower::tfl_rules {
namespace {

constexpr Pattern kBroadcast = Match("BROADCAST_TO", {Any("small"), Any("shape")}, "broadcast");

Status Right(const MatchView& m, Builder& build) { return build.Substitute(m.root(), BinaryOn(build, m.root_op(), m["x"], m["small"])); }
Status Left(const MatchView& m, Builder& build) { return build.Substitute(m.root(), BinaryOn(build, m.root_op(), m["small"], m["x"])); }

// SELECT reads a vector as condition in its own way; one of the result's shape means the same in both.
Status Select(const MatchView& m, Builder& build, const char* condition, std::initializer_list<Value> operands) {
  if (m.root_op().code() == tfl::Builtin::SELECT && !m[condition].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::SelectV2{}, operands));
}
Status SelectCondition(const MatchView& m, Builder& build) { return Select(m, build, "broadcast", {m["small"], m["x"], m["y"]}); }
Status SelectFirst(const MatchView& m, Builder& build) { return Select(m, build, "c", {m["c"], m["small"], m["y"]}); }
Status SelectSecond(const MatchView& m, Builder& build) { return Select(m, build, "c", {m["c"], m["x"], m["small"]}); }

constexpr const char* kSelects = "SELECT|SELECT_V2";

constexpr RuleDef kRules[] = {
    {"broadcast-in-binary", 100, Match(kBinary, {Any("x"), kBroadcast}), Right, kBinaryNames.data()},
    {"broadcast-before-binary", 100, Match(kBinary, {kBroadcast, Any("x")}), Left, kBinaryNames.data()},
    {"broadcast-in-select-condition", 100, Match(kSelects, {kBroadcast, Any("x"), Any("y")}), SelectCondition, "SELECT_V2"},
    {"broadcast-in-select-x", 100, Match(kSelects, {Any("c"), kBroadcast, Any("y")}), SelectFirst, "SELECT_V2"},
    {"broadcast-in-select-y", 100, Match(kSelects, {Any("c"), Any("x"), kBroadcast}), SelectSecond, "SELECT_V2"},
};
}  // namespace
TFLOWER_RULE_FAMILY(broadcast, kRules);
}  // namespace tflower::tfl_rules
