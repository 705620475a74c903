// Truth values: AND and OR with constants, double negations, booleans that went through numbers, selections by a negation.
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

// x and true, x or false: x. x and false, x or true: that constant, where the shape is known.
Status Logical(const MatchView& m, Builder& build) {
  const bool is_and = m.root_op().code() == tfl::Builtin::LOGICAL_AND;
  if (IsEvery(build, m["c"], is_and ? 1 : 0)) return m["x"].SameShape(m.root()) ? build.Substitute(m.root(), m["x"]) : Declined();
  if (!IsEvery(build, m["c"], is_and ? 0 : 1)) return Declined();
  if (!m.root().is_static()) return Declined("the shape is not known");
  TFLOWER_TRY(const Value dims, build.Vector(m.root().dims()));
  TFLOWER_TRY(const Value value, build.Scalar(!is_and));
  return build.Substitute(m.root(), build.Emit(tfl::Fill{}, {dims, value}));
}

Status DoubleNot(const MatchView& m, Builder& build) { return build.Substitute(m.root(), m["x"]); }

// A boolean cast to a number is 0 or 1, so comparing it with one of them gives the boolean or its negation.
Status CompareCast(const MatchView& m, Builder& build) {
  const bool with_0 = IsEvery(build, m["c"], 0), with_1 = IsEvery(build, m["c"], 1);
  if (m["b"].dtype() != DType::kBool || (!with_0 && !with_1) || !m["b"].SameShape(m.root())) return Declined();
  const bool equal = m.root_op().code() == tfl::Builtin::EQUAL;
  if (equal == with_1) return build.Substitute(m.root(), m["b"]);
  return build.Substitute(m.root(), build.Emit(tfl::LogicalNot{}, {m["b"]}));
}

template <class TflSelect>
Status SwapSelect(const MatchView& m, Builder& build) { return build.Substitute(m.root(), build.Emit(TflSelect{}, {m["b"], m["y"], m["x"]})); }

constexpr Pattern kNot = Match("LOGICAL_NOT", {Any("b")});

constexpr RuleDef kRules[] = {
    {"logical-with-constant", 250, Match("LOGICAL_AND|LOGICAL_OR", {Any("x"), Const("c")}, nullptr, kCommutative), Logical, "FILL"},
    {"double-not", 250, Match("LOGICAL_NOT", {Match("LOGICAL_NOT", {Any("x")})}), DoubleNot, ""},
    {"compare-cast-boolean", 200, Match("EQUAL|NOT_EQUAL", {Match("CAST", {Any("b")}), Const("c")}, nullptr, kCommutative), CompareCast, "LOGICAL_NOT"},
    {"select-by-not", 200, Match("SELECT", {kNot, Any("x"), Any("y")}), SwapSelect<tfl::Select>, "SELECT"},
    {"select-v2-by-not", 200, Match("SELECT_V2", {kNot, Any("x"), Any("y")}), SwapSelect<tfl::SelectV2>, "SELECT_V2"},
};
}  // namespace
TFLOWER_RULE_FAMILY(boolean, kRules);
}  // namespace tflower::tfl_rules
