// Gradients of activations and of simple functions, as TF's own ops for them: SigmoidGrad, ReluGrad, ... Some take the function's result y,
// some its argument x, and the gradient dy before or behind it.
#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T", DType::kFloat32)};
constexpr AttrDef kLeakyAttrs[] = {Float("alpha", 0.2), Type("T", DType::kFloat32)};

Expr SigmoidGrad(const Expr& y, const Expr& dy) { return dy * y * (1 - y); }
Expr TanhGrad(const Expr& y, const Expr& dy) { return dy * (1 - y * y); }
Expr SqrtGrad(const Expr& y, const Expr& dy) { return dy * 0.5 / y; }
Expr RsqrtGrad(const Expr& y, const Expr& dy) { return dy * -0.5 * (y * y * y); }
Expr ReciprocalGrad(const Expr& y, const Expr& dy) { return -dy * y * y; }

Expr ReluGrad(const Expr& dy, const Expr& x) { return Where(x > 0, dy, 0.0); }
Expr Relu6Grad(const Expr& dy, const Expr& x) { return Where(And(x > 0, x < 6), dy, 0.0); }
Expr SoftplusGrad(const Expr& dy, const Expr& x) { return dy * Sigmoid(x); }
Expr SoftsignGrad(const Expr& dy, const Expr& x) {
  const Expr divisor = Abs(x) + 1;
  return dy / (divisor * divisor);
}
Expr EluGrad(const Expr& dy, const Expr& y) { return Where(y < 0, dy * (y + 1), dy); }
Expr SeluGrad(const Expr& dy, const Expr& y) {
  constexpr double kScale = 1.0507009873554804934193349852946, kScaleAlpha = 1.7580993408473768599402175208123;
  return Where(y < 0, dy * (y + kScaleAlpha), dy * kScale);
}
Result<Value> LeakyReluGrad(Builder& build, const Node& node, const std::vector<Value>& in) {
  const Expr dy(build, in[0]), x(build, in[1]);
  return Where(x > 0, dy, dy * static_cast<double>(node.Float("alpha"))).result();
}

template <auto kFormula>
constexpr OpDef Row(const char* op, const char* emits) { return {op, {Float(), Float()}, kT, Elementwise<kFormula>, emits}; }

constexpr OpDef kOps[] = {
    Row<SigmoidGrad>("SigmoidGrad", "CAST MUL SUB"),
    Row<TanhGrad>("TanhGrad", "CAST MUL SUB"),
    Row<SqrtGrad>("SqrtGrad", "CAST DIV MUL"),
    Row<RsqrtGrad>("RsqrtGrad", "CAST MUL"),
    Row<ReciprocalGrad>("ReciprocalGrad", "CAST MUL NEG"),
    Row<ReciprocalGrad>("InvGrad", "CAST MUL NEG"),
    Row<SoftplusGrad>("SoftplusGrad", "CAST LOGISTIC MUL"),
    Row<SoftsignGrad>("SoftsignGrad", "ABS ADD CAST DIV MUL"),
    Row<EluGrad>("EluGrad", "ADD CAST LESS MUL SELECT"),
    Row<SeluGrad>("SeluGrad", "ADD CAST LESS MUL SELECT"),
    {"ReluGrad", {In(kRealNumbers), In(kRealNumbers)}, kT, Elementwise<ReluGrad, kF32 | kIndex>, "CAST GREATER SELECT_V2"},
    {"Relu6Grad", {In(kRealNumbers), In(kRealNumbers)}, kT, Elementwise<Relu6Grad, kF32 | kIndex>, "CAST GREATER LESS LOGICAL_AND SELECT_V2"},
    {"LeakyReluGrad", {Float(), Float()}, kLeakyAttrs, Elementwise<LeakyReluGrad>, "CAST GREATER MUL SELECT"},
};
}  // namespace
TFLOWER_OP_FAMILY(gradients, kOps);
}  // namespace tflower::tf_ops
