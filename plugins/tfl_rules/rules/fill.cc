// A FILL of run-time shape as an operand that broadcasts: its one number does as well, and the shape arithmetic behind it goes.
#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

constexpr Pattern kFill = Match("FILL", {Any("dims"), Const("v")}, "fill");

// Another operand has the result's shape, so the fill gives nothing but its number.
bool OnlyNumber(const MatchView& m, const Value& other) { return other.SameShape(m.root()) && m["v"].num_elements() == 1; }

Status SelectSecond(const MatchView& m, Builder& build) {
  if (!OnlyNumber(m, m["x"]) && !OnlyNumber(m, m["c"])) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::SelectV2{}, {m["c"], m["x"], m["v"]}));
}
Status SelectFirst(const MatchView& m, Builder& build) {
  if (!OnlyNumber(m, m["y"]) && !OnlyNumber(m, m["c"])) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::SelectV2{}, {m["c"], m["v"], m["y"]}));
}

// A mask that was broadcast by AND with trues: the selection broadcasts by itself.
Status SelectByMask(const MatchView& m, Builder& build) {
  if (!m["x"].SameShape(m.root()) && !m["y"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const std::span<const bool> value, build.DataAs<bool>(m["v"]));
  if (value.size() != 1 || !value[0]) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::SelectV2{}, {m["mask"], m["x"], m["y"]}));
}

template <class TflOp>
Status Right(const MatchView& m, Builder& build) {
  if (!OnlyNumber(m, m["x"])) return Declined();
  return build.Substitute(m.root(), build.Emit(m.root_op().As<TflOp>(), {m["x"], m["v"]}));
}
template <class TflOp>
Status Left(const MatchView& m, Builder& build) {
  if (!OnlyNumber(m, m["x"])) return Declined();
  return build.Substitute(m.root(), build.Emit(m.root_op().As<TflOp>(), {m["v"], m["x"]}));
}
constexpr Pattern OnRight(const char* op) { return Match(op, {Any("x"), kFill}); }
constexpr Pattern OnLeft(const char* op) { return Match(op, {kFill, Any("x")}); }

constexpr const char* kSelects = "SELECT|SELECT_V2";

constexpr RuleDef kRules[] = {
    {"fill-in-select-y", 100, Match(kSelects, {Any("c"), Any("x"), kFill}), SelectSecond, "SELECT_V2"},
    {"fill-in-select-x", 100, Match(kSelects, {Any("c"), kFill, Any("y")}), SelectFirst, "SELECT_V2"},
    {"fill-in-mask", 100, Match(kSelects, {Match("LOGICAL_AND", {kFill, Any("mask")}, nullptr, kCommutative), Any("x"), Any("y")}), SelectByMask, "SELECT_V2"},
    {"fill-in-add", 100, OnRight("ADD"), Right<tfl::Add>, "ADD"}, {"fill-before-add", 100, OnLeft("ADD"), Left<tfl::Add>, "ADD"},
    {"fill-in-sub", 100, OnRight("SUB"), Right<tfl::Sub>, "SUB"}, {"fill-before-sub", 100, OnLeft("SUB"), Left<tfl::Sub>, "SUB"},
    {"fill-in-mul", 100, OnRight("MUL"), Right<tfl::Mul>, "MUL"}, {"fill-before-mul", 100, OnLeft("MUL"), Left<tfl::Mul>, "MUL"},
    {"fill-in-maximum", 100, OnRight("MAXIMUM"), Right<tfl::Maximum>, "MAXIMUM"}, {"fill-in-minimum", 100, OnRight("MINIMUM"), Right<tfl::Minimum>, "MINIMUM"},
};
}  // namespace
TFLOWER_RULE_FAMILY(fill, kRules);
}  // namespace tflower::tfl_rules
