// Activations: RELU, RELU6 and RELU_N1_TO_1 into the operator before them; clips by constants into activations; those that change nothing.
#include "fused.h"
#include "scalars.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

constexpr const char* kActivations = "RELU|RELU6|RELU_N1_TO_1";

Activation ActivationOf(const Operator& op) {
  switch (op.code()) {
    case tfl::Builtin::RELU: return Activation::RELU;
    case tfl::Builtin::RELU6: return Activation::RELU6;
    default: return Activation::RELU_N1_TO_1;
  }
}

Status Fuse(const MatchView& m, Builder& build) {
  if (!IsPlain(m.Op("before")) || m.root().dtype() != DType::kFloat32) return Declined();
  return build.Substitute(m.root(), WithActivation(build, m.Op("before"), ActivationOf(m.root_op())));
}

// ---- clips

bool IsScalar(Builder& build, const Value& v, float x) {
  if (v.dtype() != DType::kFloat32 || v.num_elements() != 1) return false;
  Result<std::span<const float>> data = build.DataAs<float>(v);
  return data.ok() && data.value()[0] == x;
}

// max(x, 0)
Status MaxToRelu(const MatchView& m, Builder& build) {
  if (!IsScalar(build, m["c"], 0.0f) || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Relu{}, {m["x"]}));
}

// The activation that clips to these bounds; `emits` what it must be.
Result<Value> Clip(Builder& build, const Value& x, const Value& low, const Value& high) {
  if (IsScalar(build, low, -1) && IsScalar(build, high, 1)) return build.Emit(tfl::ReluN1To1{}, {x});
  if (!IsScalar(build, low, 0)) return Declined();
  if (IsScalar(build, high, 6)) return build.Emit(tfl::Relu6{}, {x});
  if (IsScalar(build, high, 1)) return build.Emit(tfl::Relu0To1{}, {x});
  return Declined();
}

// min(max(x, low), high) and max(min(x, high), low)
Status ClipByConstants(const MatchView& m, Builder& build) {
  const bool min_outside = m.root_op().code() == tfl::Builtin::MINIMUM;
  if (m.root_op().code() == m.Op("inner").code() || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), Clip(build, m["x"], m[min_outside ? "inner_c" : "outer_c"], m[min_outside ? "outer_c" : "inner_c"]));
}
// min(relu(x), high) and relu(min(x, high))
Status ClipByRelu(const MatchView& m, Builder& build) {
  if (!m["x"].SameShape(m.root())) return Declined();
  TFLOWER_TRY(const Value zero, build.Scalar(0.0f));
  return build.Substitute(m.root(), Clip(build, m["x"], zero, m["c"]));
}
// min(y, 6), where y is an operator with RELU as its activation
Status ClipFusedRelu(const MatchView& m, Builder& build) {
  if (FusedActivation(m.Op("before")) != Activation::RELU || !IsScalar(build, m["c"], 6) || !m["before"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), WithActivation(build, m.Op("before"), Activation::RELU6));
}

// max(max(x, c1), c2) = max(x, max(c1, c2)); the same for min
template <class TflOp>
Status MergeBounds(const MatchView& m, Builder& build) {
  TFLOWER_TRY(const Value c, build.Emit(TflOp{}, {m["c1"], m["c2"]}));
  if (!c.is_constant() || c.num_elements() > std::max(m["c1"].num_elements(), m["c2"].num_elements())) return Declined("the merged constant would be larger");
  return build.Substitute(m.root(), build.Emit(TflOp{}, {m["x"], c}));
}

// ---- what changes nothing

Status Keep(const MatchView& m, Builder& build) { return build.Substitute(m.root(), m["x"]); }
// relu of what an activation has made non-negative already
Status KeepFused(const MatchView& m, Builder& build) {
  const Activation before = FusedActivation(m.Op("x"));
  if (before == Activation::RELU6 || (before == Activation::RELU && m.root_op().code() == tfl::Builtin::RELU)) return Keep(m, build);
  if (before == Activation::RELU && m.root_op().code() == tfl::Builtin::RELU6 && m["x"].users() == 1)
    return build.Substitute(m.root(), WithActivation(build, m.Op("x"), Activation::RELU6));
  return Declined();
}
Status Relu6OfRelu(const MatchView& m, Builder& build) { return build.Substitute(m.root(), build.Emit(tfl::Relu6{}, {m["x"]})); }

constexpr Pattern kClip = Match("MINIMUM|MAXIMUM", {Match("MINIMUM|MAXIMUM", {Any("x"), Const("inner_c")}, "inner", kCommutative), Const("outer_c")}, nullptr, kCommutative);
constexpr Pattern kMinOfRelu = Match("MINIMUM", {Match("RELU", {Any("x")}), Const("c")}, nullptr, kCommutative);
constexpr Pattern kReluOfMin = Match("RELU", {Match("MINIMUM", {Any("x"), Const("c")}, nullptr, kCommutative)});
constexpr Pattern Bounds(const char* op) { return Match(op, {Match(op, {Any("x"), Const("c1")}, nullptr, kCommutative | kSingleUse), Const("c2")}, nullptr, kCommutative); }

constexpr const char* kNotNegative = "RELU|RELU6|RELU_0_TO_1|ABS|SQUARE|SQUARED_DIFFERENCE|EXP|LOGISTIC|SQRT|RSQRT|SOFTMAX";
constexpr const char* kWithin6 = "RELU6|RELU_0_TO_1|LOGISTIC|SOFTMAX";
constexpr const char* kClips = "RELU_N1_TO_1 RELU6 RELU_0_TO_1";

constexpr RuleDef kRules[] = {
    {"activation-into-operator", 150, Match(kActivations, {Match(kFusing, {}, "before", kSingleUse)}), Fuse, kFusingEmits},
    {"clip-by-constants", 170, kClip, ClipByConstants, kClips},
    {"min-of-relu", 170, kMinOfRelu, ClipByRelu, kClips},
    {"relu-of-min", 170, kReluOfMin, ClipByRelu, kClips},
    {"min-of-fused-relu", 170, Match("MINIMUM", {Match(kFusing, {}, "before", kSingleUse), Const("c")}, nullptr, kCommutative), ClipFusedRelu, kFusingEmits},
    {"max-to-relu", 100, Match("MAXIMUM", {Any("x"), Const("c")}, nullptr, kCommutative), MaxToRelu, "RELU"},
    {"merge-lower-bounds", 210, Bounds("MAXIMUM"), MergeBounds<tfl::Maximum>, "MAXIMUM"},
    {"merge-upper-bounds", 210, Bounds("MINIMUM"), MergeBounds<tfl::Minimum>, "MINIMUM"},
    {"relu-of-non-negative", 250, Match("RELU", {Match(kNotNegative, {}, "x")}), Keep, ""},
    {"relu6-within-bounds", 250, Match("RELU6", {Match(kWithin6, {}, "x")}), Keep, ""},
    {"relu-n1-to-1-within-bounds", 250, Match("RELU_N1_TO_1", {Match("RELU_N1_TO_1|RELU_0_TO_1|LOGISTIC|SOFTMAX|TANH", {}, "x")}), Keep, ""},
    {"relu-of-fused-relu", 250, Match("RELU|RELU6", {Match(kFusing, {}, "x")}), KeepFused, kFusingEmits},
    {"relu6-of-relu", 240, Match("RELU6", {Match("RELU", {Any("x")})}), Relu6OfRelu, "RELU6"},
};
}  // namespace
TFLOWER_RULE_FAMILY(activation, kRules);
}  // namespace tflower::tfl_rules
