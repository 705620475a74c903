// Truth values: AND and OR with constants, negations, booleans that went through numbers, selections that are known.
#include "binary.h"
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

// A boolean cast to a number is 0 or 1, so comparing it with one of them gives the boolean, its negation, or nothing new. kTurned: the cast is on the
// right.
template <bool kTurned>
Status CompareCast(const MatchView& m, Builder& build) {
  const bool with_0 = IsEvery(build, m["c"], 0), with_1 = IsEvery(build, m["c"], 1);
  if (m["b"].dtype() != DType::kBool || (!with_0 && !with_1) || !m["b"].SameShape(m.root())) return Declined();
  const auto holds = [&](int number) {
    const int c = with_1 ? 1 : 0, x = kTurned ? c : number, y = kTurned ? number : c;
    switch (m.root_op().code()) {
      case tfl::Builtin::EQUAL: return x == y;
      case tfl::Builtin::NOT_EQUAL: return x != y;
      case tfl::Builtin::LESS: return x < y;
      case tfl::Builtin::LESS_EQUAL: return x <= y;
      case tfl::Builtin::GREATER: return x > y;
      default: return x >= y;
    }
  };
  const bool of_false = holds(0), of_true = holds(1);
  if (of_false == of_true) return Declined("the same for both");
  if (of_true) return build.Substitute(m.root(), m["b"]);
  return build.Substitute(m.root(), build.Emit(tfl::LogicalNot{}, {m["b"]}));
}

// not (x == y) is x != y; with an order that holds for integers only, since of NaN neither is true.
template <class TflOp>
Status Negate(const MatchView& m, Builder& build) {
  constexpr bool kExact = TflOp::kCode == tfl::Builtin::EQUAL || TflOp::kCode == tfl::Builtin::NOT_EQUAL;
  if (!kExact && m["x"].dtype() != DType::kInt32 && m["x"].dtype() != DType::kInt64) return Declined("NaN");
  return build.Substitute(m.root(), build.Emit(TflOp{}, {m["x"], m["y"]}));
}

// ---- selections

Status Chosen(const MatchView& m, Builder& build) {
  const char* chosen = IsEvery(build, m["c"], 1) ? "x" : IsEvery(build, m["c"], 0) ? "y" : nullptr;
  if (chosen == nullptr || !m[chosen].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), m[chosen]);
}
Status Either(const MatchView& m, Builder& build) { return m["x"].SameShape(m.root()) ? build.Substitute(m.root(), m["x"]) : Declined(); }
// true where b, false elsewhere; or the other way round
Status SelectTruth(const MatchView& m, Builder& build) {
  if (m.root().dtype() != DType::kBool || !m["b"].SameShape(m.root())) return Declined();
  if (IsEvery(build, m["x"], 1) && IsEvery(build, m["y"], 0)) return build.Substitute(m.root(), m["b"]);
  if (IsEvery(build, m["x"], 0) && IsEvery(build, m["y"], 1)) return build.Substitute(m.root(), build.Emit(tfl::LogicalNot{}, {m["b"]}));
  return Declined();
}

template <class TflSelect>
Status SwapSelect(const MatchView& m, Builder& build) { return build.Substitute(m.root(), build.Emit(TflSelect{}, {m["b"], m["y"], m["x"]})); }

constexpr Pattern kNot = Match("LOGICAL_NOT", {Any("b")});
constexpr Pattern Not(const char* comparison) { return Match("LOGICAL_NOT", {Match(comparison, {Any("x"), Any("y")}, nullptr, kSingleUse)}); }
constexpr const char* kSelects = "SELECT|SELECT_V2";

constexpr RuleDef kRules[] = {
    {"logical-with-constant", 250, Match("LOGICAL_AND|LOGICAL_OR", {Any("x"), Const("c")}, nullptr, kCommutative), Logical, "FILL"},
    {"double-not", 250, Match("LOGICAL_NOT", {Match("LOGICAL_NOT", {Any("x")})}), DoubleNot, ""},
    {"compare-cast-boolean", 200, Match(kComparisons, {Match("CAST", {Any("b")}), Const("c")}), CompareCast<false>, "LOGICAL_NOT"},
    {"compare-with-cast-boolean", 200, Match(kComparisons, {Const("c"), Match("CAST", {Any("b")})}), CompareCast<true>, "LOGICAL_NOT"},
    {"not-equal", 200, Not("EQUAL"), Negate<tfl::NotEqual>, "NOT_EQUAL"},
    {"not-not-equal", 200, Not("NOT_EQUAL"), Negate<tfl::Equal>, "EQUAL"},
    {"not-less", 200, Not("LESS"), Negate<tfl::GreaterEqual>, "GREATER_EQUAL"},
    {"not-less-equal", 200, Not("LESS_EQUAL"), Negate<tfl::Greater>, "GREATER"},
    {"not-greater", 200, Not("GREATER"), Negate<tfl::LessEqual>, "LESS_EQUAL"},
    {"not-greater-equal", 200, Not("GREATER_EQUAL"), Negate<tfl::Less>, "LESS"},
    {"select-by-constant", 250, Match(kSelects, {Const("c"), Any("x"), Any("y")}), Chosen, ""},
    {"select-of-the-same", 250, Match(kSelects, {Any("c"), Any("x"), Any("x")}), Either, ""},
    {"select-truth", 240, Match(kSelects, {Any("b"), Const("x"), Const("y")}), SelectTruth, "LOGICAL_NOT"},
    {"same-operands", 250, Match("LOGICAL_AND|LOGICAL_OR|MAXIMUM|MINIMUM", {Any("x"), Any("x")}), Either, ""},
    {"select-by-not", 200, Match("SELECT", {kNot, Any("x"), Any("y")}), SwapSelect<tfl::Select>, "SELECT"},
    {"select-v2-by-not", 200, Match("SELECT_V2", {kNot, Any("x"), Any("y")}), SwapSelect<tfl::SelectV2>, "SELECT_V2"},
};
}  // namespace
TFLOWER_RULE_FAMILY(boolean, kRules);
}  // namespace tflower::tfl_rules
