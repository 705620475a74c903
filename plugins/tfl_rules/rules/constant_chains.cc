// Two operations by constants behind each other, made one: sums and differences, products and quotients.
#include "fused.h"
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

// c = c1 op c2, if it is no larger than the larger of them. Products must stay normal numbers: x / 1e30 / 1e30 is not x / infinity.
template <class TflOp>
Result<Value> Merged(const MatchView& m, Builder& build, const char* first, const char* second) {
  const Value a = m[first], b = m[second];
  if (m.root().dtype() != DType::kFloat32 && m.root().dtype() != DType::kInt32 && m.root().dtype() != DType::kInt64) return Declined("of another type");
  constexpr bool kProduct = TflOp::kCode == tfl::Builtin::MUL || TflOp::kCode == tfl::Builtin::DIV;
  if (kProduct && m.root().dtype() != DType::kFloat32 && TflOp::kCode == tfl::Builtin::DIV) return Declined("integers round");
  TFLOWER_TRY(const Value c, build.Emit(TflOp{}, {a, b}));
  if (!c.is_constant() || c.num_elements() > std::max(a.num_elements(), b.num_elements()) || c.num_elements() > kMaxSplat) return Declined("the merged constant would be larger");
  if (kProduct && c.dtype() == DType::kFloat32) {
    TFLOWER_TRY(const std::span<const float> data, build.DataAs<float>(c));
    if (!std::all_of(data.begin(), data.end(), [](float x) { return std::isnormal(x); })) return Declined("out of range");
  }
  return c;
}

bool CanMerge(const MatchView& m) { return IsPlain(m.Op("inner")); }
bool IsReal(const MatchView& m) { return m.root().dtype() == DType::kFloat32; }

// (x inner c1) root c2 = x TflOut (a TflMerge b), with the root's activation.
template <class TflOut, class TflMerge>
Status Chain(const MatchView& m, Builder& build, const char* a, const char* b) {
  if (!CanMerge(m)) return Declined();
  TFLOWER_TRY(const Value c, Merged<TflMerge>(m, build, a, b));
  return build.Substitute(m.root(), build.Emit(TflOut{.fused_activation_function = FusedActivation(m.root_op())}, {m["x"], c}));
}
// The same with the constant first.
template <class TflOut, class TflMerge>
Status ChainTurned(const MatchView& m, Builder& build, const char* a, const char* b) {
  if (!CanMerge(m)) return Declined();
  TFLOWER_TRY(const Value c, Merged<TflMerge>(m, build, a, b));
  return build.Substitute(m.root(), build.Emit(TflOut{.fused_activation_function = FusedActivation(m.root_op())}, {c, m["x"]}));
}

// ---- sums and differences
Status AddAdd(const MatchView& m, Builder& b) { return Chain<tfl::Add, tfl::Add>(m, b, "c1", "c2"); }
Status SubAfterAdd(const MatchView& m, Builder& b) { return Chain<tfl::Add, tfl::Sub>(m, b, "c1", "c2"); }         // x + c1 - c2
Status AddAfterSub(const MatchView& m, Builder& b) { return Chain<tfl::Add, tfl::Sub>(m, b, "c2", "c1"); }         // x - c1 + c2
Status SubSub(const MatchView& m, Builder& b) { return Chain<tfl::Sub, tfl::Add>(m, b, "c1", "c2"); }              // x - c1 - c2
Status SumSubtracted(const MatchView& m, Builder& b) { return ChainTurned<tfl::Sub, tfl::Sub>(m, b, "c2", "c1"); }  // c2 - (x + c1)
Status SubSubtracted(const MatchView& m, Builder& b) { return ChainTurned<tfl::Sub, tfl::Add>(m, b, "c2", "c1"); }  // c2 - (x - c1)
Status TurnedSubtracted(const MatchView& m, Builder& b) { return Chain<tfl::Add, tfl::Sub>(m, b, "c2", "c1"); }     // c2 - (c1 - x)
Status AddToTurned(const MatchView& m, Builder& b) { return ChainTurned<tfl::Sub, tfl::Add>(m, b, "c1", "c2"); }    // c1 - x + c2
Status SubFromTurned(const MatchView& m, Builder& b) { return ChainTurned<tfl::Sub, tfl::Sub>(m, b, "c1", "c2"); }  // c1 - x - c2

// ---- products and quotients
Status MulMul(const MatchView& m, Builder& b) { return Chain<tfl::Mul, tfl::Mul>(m, b, "c1", "c2"); }
Status DivAfterMul(const MatchView& m, Builder& b) { return IsReal(m) ? Chain<tfl::Mul, tfl::Div>(m, b, "c1", "c2") : Declined(); }
Status MulAfterDiv(const MatchView& m, Builder& b) { return IsReal(m) ? Chain<tfl::Mul, tfl::Div>(m, b, "c2", "c1") : Declined(); }
Status DivDiv(const MatchView& m, Builder& b) { return IsReal(m) ? Chain<tfl::Div, tfl::Mul>(m, b, "c1", "c2") : Declined(); }

constexpr uint32_t kBoth = kCommutative | kSingleUse;
constexpr Pattern Behind(const char* inner, uint32_t flags) { return Match(inner, {Any("x"), Const("c1")}, "inner", flags); }
constexpr Pattern kTurned = Match("SUB", {Const("c1"), Any("x")}, "inner", kSingleUse);
constexpr Pattern kAdd = Behind("ADD", kBoth), kSub = Behind("SUB", kSingleUse), kMul = Behind("MUL", kBoth), kDiv = Behind("DIV", kSingleUse);
constexpr Pattern Then(const char* op, const Pattern& inner, uint32_t flags = 0) { return Match(op, {inner, Const("c2")}, nullptr, flags); }
constexpr Pattern From(const Pattern& inner) { return Match("SUB", {Const("c2"), inner}); }

constexpr RuleDef kRules[] = {
    {"merge-adds", 210, Then("ADD", kAdd, kCommutative), AddAdd, "ADD"},
    {"sub-after-add", 210, Then("SUB", kAdd), SubAfterAdd, "ADD"},
    {"add-after-sub", 210, Then("ADD", kSub, kCommutative), AddAfterSub, "ADD"},
    {"merge-subs", 210, Then("SUB", kSub), SubSub, "SUB"},
    {"sum-subtracted", 210, From(kAdd), SumSubtracted, "SUB"},
    {"difference-subtracted", 210, From(kSub), SubSubtracted, "SUB"},
    {"turned-difference-subtracted", 210, From(kTurned), TurnedSubtracted, "ADD"},
    {"add-to-turned-difference", 210, Then("ADD", kTurned, kCommutative), AddToTurned, "SUB"},
    {"sub-from-turned-difference", 210, Then("SUB", kTurned), SubFromTurned, "SUB"},
    {"merge-muls", 210, Then("MUL", kMul, kCommutative), MulMul, "MUL"},
    {"div-after-mul", 210, Then("DIV", kMul), DivAfterMul, "MUL"},
    {"mul-after-div", 210, Then("MUL", kDiv, kCommutative), MulAfterDiv, "MUL"},
    {"merge-divs", 210, Then("DIV", kDiv), DivDiv, "DIV"},
};
}  // namespace
TFLOWER_RULE_FAMILY(constant_chains, kRules);
}  // namespace tflower::tfl_rules
