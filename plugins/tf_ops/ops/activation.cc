// Activations: Relu -> RELU, Relu6 -> RELU6, Elu -> ELU, LeakyRelu -> LEAKY_RELU.
#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T", DType::kFloat32)};
constexpr AttrDef kLeakyAttrs[] = {Float("alpha", 0.2), Type("T", DType::kFloat32)};

// TFLite's RELU is for floats; on integers max(x, 0) is the same.
Expr ReluOf(const Expr& x) { return x.dtype() == DType::kFloat32 ? Relu(x) : Max(x, 0); }
Expr Relu6Of(const Expr& x) { return x.dtype() == DType::kFloat32 ? Emit(tfl::Relu6{}, {x}) : Min(Max(x, 0), 6); }

Result<Value> LeakyReluOf(Builder& build, const Node& node, const std::vector<Value>& x) { return build.Emit(tfl::LeakyRelu{.alpha = node.Float("alpha")}, x); }

constexpr OpDef kOps[] = {
    {"Relu", {In(kRealNumbers)}, kT, Elementwise<ReluOf, kF32 | kIndex>, "CAST RELU MAXIMUM"},
    {"Relu6", {In(kRealNumbers)}, kT, Elementwise<Relu6Of, kF32 | kIndex>, "CAST RELU6 MAXIMUM MINIMUM"},
    {"Elu", {Float()}, kT, Direct<tfl::Elu>, "CAST ELU"},
    {"LeakyRelu", {Float()}, kLeakyAttrs, Elementwise<LeakyReluOf>, "CAST LEAKY_RELU"},
};
}  // namespace
TFLOWER_OP_FAMILY(activation, kOps);
}  // namespace tflower::tf_ops
