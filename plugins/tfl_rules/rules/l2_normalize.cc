// L2 normalisation over the last dimension in its usual spellings -> L2_NORMALIZATION, which divides by max(norm, 1e-6). Other bounds differ
// for rows of small numbers and stay spelled out.
#include "last_axis.h"
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

constexpr float kBound = 1e-6f, kBoundOfSquares = 1e-12f;

// ---- the sum of squares, and what x is multiplied or divided by

constexpr Pattern kSquare = Match("SQUARE", {Any("x")});
constexpr Pattern kProduct = Match("MUL", {Any("x"), Any("x")}, "product");
constexpr Pattern Sum(const Pattern& squares) { return Match("SUM", {squares, Const("axes")}, "sum"); }
constexpr Pattern Bounded(const Pattern& x) { return Match("MAXIMUM", {x, Const("bound")}, nullptr, kCommutative); }

constexpr Pattern TimesRsqrt(const Pattern& squares) { return Match("MUL", {Any("x"), Match("RSQRT", {Bounded(Sum(squares))})}, nullptr, kCommutative); }
constexpr Pattern OverSqrt(const Pattern& squares) { return Match("DIV", {Any("x"), Match("SQRT", {Bounded(Sum(squares))})}); }
constexpr Pattern OverNorm(const Pattern& squares) { return Match("DIV", {Any("x"), Bounded(Match("SQRT", {Sum(squares)}))}); }

// The operator has no fused activation: the root's follows as an operator.
template <class TflOp>
Result<Value> WithActivation(const MatchView& m, Builder& build, const Value& y) {
  switch (m.root_op().As<TflOp>().fused_activation_function) {
    case Activation::NONE: return y;
    case Activation::RELU: return build.Emit(tfl::Relu{}, {y});
    case Activation::RELU6: return build.Emit(tfl::Relu6{}, {y});
    case Activation::RELU_N1_TO_1: return build.Emit(tfl::ReluN1To1{}, {y});
    default: return Declined("another activation");
  }
}

template <class TflOp>
Status Fuse(const MatchView& m, Builder& build, float bound) {
  if (!IsSplat(build, m["bound"], bound) || !ReducesLast<tfl::Sum>(m, build, "sum", "axes") || !m["x"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const Value y, build.Emit(tfl::L2Normalization{}, {m["x"]}));
  return build.Substitute(m.root(), WithActivation<TflOp>(m, build, y));
}

bool IsPlainProduct(const MatchView& m) { return m.Op("product").As<tfl::Mul>().fused_activation_function == Activation::NONE; }

Status FromRsqrt(const MatchView& m, Builder& build) { return Fuse<tfl::Mul>(m, build, kBoundOfSquares); }
Status FromSqrt(const MatchView& m, Builder& build) { return Fuse<tfl::Div>(m, build, kBoundOfSquares); }
Status FromNorm(const MatchView& m, Builder& build) { return Fuse<tfl::Div>(m, build, kBound); }
Status FromRsqrtOfProduct(const MatchView& m, Builder& build) { return IsPlainProduct(m) ? FromRsqrt(m, build) : Declined(); }
Status FromSqrtOfProduct(const MatchView& m, Builder& build) { return IsPlainProduct(m) ? FromSqrt(m, build) : Declined(); }
Status FromNormOfProduct(const MatchView& m, Builder& build) { return IsPlainProduct(m) ? FromNorm(m, build) : Declined(); }

constexpr const char* kEmits = "L2_NORMALIZATION RELU RELU6 RELU_N1_TO_1";

constexpr RuleDef kRules[] = {
    {"l2-rsqrt", 300, TimesRsqrt(kSquare), FromRsqrt, kEmits},
    {"l2-sqrt", 300, OverSqrt(kSquare), FromSqrt, kEmits},
    {"l2-norm", 300, OverNorm(kSquare), FromNorm, kEmits},
    {"l2-rsqrt-product", 300, TimesRsqrt(kProduct), FromRsqrtOfProduct, kEmits},
    {"l2-sqrt-product", 300, OverSqrt(kProduct), FromSqrtOfProduct, kEmits},
    {"l2-norm-product", 300, OverNorm(kProduct), FromNormOfProduct, kEmits},
};
}  // namespace
TFLOWER_RULE_FAMILY(l2_normalize, kRules);
}  // namespace tflower::tfl_rules
