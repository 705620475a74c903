// Activations: RELU, RELU6 and RELU_N1_TO_1 into the operator before them; clips by constants into activations.
// TANH is not fused: TFLite's kernels take the option for CONV_2D and others but compute no tanh.
#include "weights.h"

namespace tflower::tfl_rules {
namespace {

using Activation = tfl::ActivationFunctionType;

Activation ActivationOf(const Operator& op) {
  switch (op.code()) {
    case tfl::Builtin::RELU: return Activation::RELU;
    case tfl::Builtin::RELU6: return Activation::RELU6;
    default: return Activation::RELU_N1_TO_1;
  }
}

Status FuseIntoWeighted(const MatchView& m, Builder& build) {
  const Weighted w = Weighted::Of(m.Op("before"));
  if (!w.is_linear() || m.root().dtype() != DType::kFloat32) return Declined();
  return build.Substitute(m.root(), Rebuild(build, w, w.x, w.weights, w.bias, ActivationOf(m.root_op())));
}

template <class TflOp>
Status Fuse(const MatchView& m, Builder& build) {
  TflOp options = m.Op("before").As<TflOp>();
  if (options.fused_activation_function != Activation::NONE || m.root().dtype() != DType::kFloat32) return Declined();
  options.fused_activation_function = ActivationOf(m.root_op());
  return build.Substitute(m.root(), build.Emit(options, m.Op("before").Inputs()));
}

constexpr Pattern Behind(const char* op) { return Match(kActivations, {Match(op, {}, "before", kSingleUse)}); }

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
// min(relu(x), 6)
Status MinToRelu6(const MatchView& m, Builder& build) {
  if (!IsScalar(build, m["c"], 6.0f) || !m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Relu6{}, {m["x"]}));
}
// min(max(x, -1), 1) and max(min(x, 1), -1)
Status ClipToReluN1To1(const MatchView& m, Builder& build) {
  const bool min_outside = m.root_op().code() == tfl::Builtin::MINIMUM;
  if (m.root_op().code() == m.Op("inner").code()) return Declined();
  if (!IsScalar(build, m[min_outside ? "outer_c" : "inner_c"], 1.0f) || !IsScalar(build, m[min_outside ? "inner_c" : "outer_c"], -1.0f)) return Declined();
  if (!m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::ReluN1To1{}, {m["x"]}));
}
// min(max(x, 0), 6), when the maximum was an operand of others too and so is still there
Status ClipToRelu6(const MatchView& m, Builder& build) {
  const bool min_outside = m.root_op().code() == tfl::Builtin::MINIMUM;
  if (m.root_op().code() == m.Op("inner").code()) return Declined();
  if (!IsScalar(build, m[min_outside ? "outer_c" : "inner_c"], 6.0f) || !IsScalar(build, m[min_outside ? "inner_c" : "outer_c"], 0.0f)) return Declined();
  if (!m["x"].SameShape(m.root())) return Declined();
  return build.Substitute(m.root(), build.Emit(tfl::Relu6{}, {m["x"]}));
}

constexpr Pattern kClip = Match("MINIMUM|MAXIMUM", {Match("MINIMUM|MAXIMUM", {Any("x"), Const("inner_c")}, "inner", kCommutative), Const("outer_c")}, nullptr, kCommutative);

constexpr RuleDef kRules[] = {
    {"activation-into-weighted", 150, Behind(kWeighted), FuseIntoWeighted, kWeightedEmits},
    {"activation-into-add", 100, Behind("ADD"), Fuse<tfl::Add>, "ADD"},
    {"activation-into-sub", 100, Behind("SUB"), Fuse<tfl::Sub>, "SUB"},
    {"activation-into-mul", 100, Behind("MUL"), Fuse<tfl::Mul>, "MUL"},
    {"activation-into-div", 100, Behind("DIV"), Fuse<tfl::Div>, "DIV"},
    {"activation-into-average-pool", 100, Behind("AVERAGE_POOL_2D"), Fuse<tfl::AveragePool2D>, "AVERAGE_POOL_2D"},
    {"activation-into-max-pool", 100, Behind("MAX_POOL_2D"), Fuse<tfl::MaxPool2D>, "MAX_POOL_2D"},
    {"clip-to-relu-n1-to-1", 120, kClip, ClipToReluN1To1, "RELU_N1_TO_1"},
    {"clip-to-relu6", 120, kClip, ClipToRelu6, "RELU6"},
    {"min-relu-to-relu6", 110, Match("MINIMUM", {Match("RELU", {Any("x")}, nullptr, kSingleUse), Const("c")}, nullptr, kCommutative), MinToRelu6, "RELU6"},
    {"max-to-relu", 100, Match("MAXIMUM", {Any("x"), Const("c")}, nullptr, kCommutative), MaxToRelu, "RELU"},
};
}  // namespace
TFLOWER_RULE_FAMILY(activation, kRules);
}  // namespace tflower::tfl_rules
