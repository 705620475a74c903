// Activations: Relu -> RELU, Relu6 -> RELU6, Elu -> ELU, LeakyRelu -> LEAKY_RELU.
#include <tflower/op_def.h>

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T", DType::kFloat32)};
constexpr AttrDef kLeakyAttrs[] = {Float("alpha", 0.2), Type("T", DType::kFloat32)};

// TFLite's RELU is for floats; on integers max(x, 0) is the same.
Status LowerRelu(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (x.dtype() == DType::kFloat32) return build.Replace(node, tfl::Relu{}, {x});
  TFLOWER_TRY(const Value zero, build.ScalarOf(x.dtype(), 0));
  return build.Bind(0, build.Emit(tfl::Maximum{}, {x, zero}));
}

Status LowerLeakyRelu(const Node& node, Builder& build) { return build.Replace(node, tfl::LeakyRelu{.alpha = node.Float("alpha")}, {node.Input(0)}); }

constexpr OpDef kOps[] = {
    {"Relu", {Any()}, kT, LowerRelu, "RELU MAXIMUM"},
    {"Relu6", {Float()}, kT, Rename<tfl::Relu6>, "RELU6"},
    {"Elu", {Float()}, kT, Rename<tfl::Elu>, "ELU"},
    {"LeakyRelu", {Float()}, kLeakyAttrs, LowerLeakyRelu, "LEAKY_RELU"},
};
}  // namespace
TFLOWER_OP_FAMILY(activation, kOps);
}  // namespace tflower::tf_ops
