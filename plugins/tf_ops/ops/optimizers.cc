// Steps of optimisers, for models that train on the device: arithmetic on variables.  Source: tf.raw_ops.ResourceApply*.
#include "formula.h"
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Type("T"), NoEffect("use_locking")};
constexpr AttrDef kNesterovAttrs[] = {Type("T"), NoEffect("use_locking"), Bool("use_nesterov", false)};
constexpr AttrDef kAdagradAttrs[] = {Type("T"), NoEffect("use_locking"), Bool("update_slots", true)};

// The variables and the other operands of a step, by their numbers.
struct Operands {
  const Node& node;
  Builder& build;
  Expr Read(int i) const { return Expr(build, build.ReadVariable(node.Input(i))); }
  Expr In(int i) const { return Expr(build, node.Input(i)); }
  Status Write(int i, const Expr& x) const {
    TFLOWER_TRY(const Value v, x.result());
    return build.AssignVariable(node.Input(i), v);
  }
};

// rate of `to` comes in, the rest stays.
Expr Mixed(const Expr& old, const Expr& keep, const Expr& with) { return old * keep + with * (1 - keep); }

// Inputs: variable, rate, gradient.
Status LowerGradientDescent(const Node& node, Builder& build) {
  const Operands o{node, build};
  return o.Write(0, o.Read(0) - o.In(1) * o.In(2));
}

// Inputs: variable, accumulator, rate, gradient, momentum.
Status LowerMomentum(const Node& node, Builder& build) {
  const Operands o{node, build};
  const Expr rate = o.In(2), gradient = o.In(3), momentum = o.In(4);
  const Expr sum = o.Read(1) * momentum + gradient;
  TFLOWER_CHECK(o.Write(1, sum));
  return o.Write(0, o.Read(0) - (node.Bool("use_nesterov") ? gradient * rate + sum * momentum * rate : sum * rate));
}

// The rate is in the accumulator.
Status LowerKerasMomentum(const Node& node, Builder& build) {
  const Operands o{node, build};
  const Expr step = o.In(2) * o.In(3), momentum = o.In(4);
  const Expr sum = o.Read(1) * momentum - step;
  TFLOWER_CHECK(o.Write(1, sum));
  return o.Write(0, o.Read(0) + (node.Bool("use_nesterov") ? sum * momentum - step : sum));
}

// Inputs: variable, first and second moment, powers of the betas, rate, betas, epsilon, gradient.
Status LowerAdam(const Node& node, Builder& build) {
  const Operands o{node, build};
  const Expr first = o.In(6), second = o.In(7), gradient = o.In(9);
  const Expr m = Mixed(o.Read(1), first, gradient), v = Mixed(o.Read(2), second, gradient * gradient);
  TFLOWER_CHECK(o.Write(1, m));
  TFLOWER_CHECK(o.Write(2, v));
  const Expr rate = o.In(5) * Sqrt(1 - o.In(4)) / (1 - o.In(3));
  const Expr towards = node.Bool("use_nesterov") ? Mixed(m, first, gradient) : m;
  return o.Write(0, o.Read(0) - towards * rate / (Sqrt(v) + o.In(8)));
}

// Inputs: variable, first moment, largest gradient, power of beta1, rate, betas, epsilon, gradient.
Status LowerAdaMax(const Node& node, Builder& build) {
  const Operands o{node, build};
  const Expr gradient = o.In(8);
  const Expr m = Mixed(o.Read(1), o.In(5), gradient), v = Max(o.Read(2) * o.In(6), Abs(gradient));
  TFLOWER_CHECK(o.Write(1, m));
  TFLOWER_CHECK(o.Write(2, v));
  return o.Write(0, o.Read(0) - o.In(4) / (1 - o.In(3)) * (m / (v + o.In(7))));
}

// Inputs: variable, mean square, momentum, rate, rho, momentum's rate, epsilon, gradient.
Status LowerRmsProp(const Node& node, Builder& build) {
  const Operands o{node, build};
  const Expr gradient = o.In(7);
  const Expr square = Mixed(o.Read(1), o.In(4), gradient * gradient);
  const Expr momentum = o.Read(2) * o.In(5) + gradient * o.In(3) / Sqrt(square + o.In(6));
  TFLOWER_CHECK(o.Write(1, square));
  TFLOWER_CHECK(o.Write(2, momentum));
  return o.Write(0, o.Read(0) - momentum);
}

// Inputs: variable, accumulator, rate, (V2: epsilon,) gradient.
template <bool kHasEpsilon>
Status LowerAdagrad(const Node& node, Builder& build) {
  const Operands o{node, build};
  const Expr gradient = o.In(kHasEpsilon ? 4 : 3), old = o.Read(1);
  const Expr sum = node.Bool("update_slots") ? old + gradient * gradient : old;
  if (node.Bool("update_slots")) TFLOWER_CHECK(o.Write(1, sum));
  const Expr root = Sqrt(sum);
  return o.Write(0, o.Read(0) - gradient * o.In(2) / (kHasEpsilon ? root + o.In(3) : root));
}

// Inputs: variable, mean square of gradients, of updates, rate, rho, epsilon, gradient.
Status LowerAdadelta(const Node& node, Builder& build) {
  const Operands o{node, build};
  const Expr rho = o.In(4), epsilon = o.In(5), gradient = o.In(6), updates = o.Read(2);
  const Expr square = Mixed(o.Read(1), rho, gradient * gradient);
  const Expr update = Sqrt(updates + epsilon) / Sqrt(square + epsilon) * gradient;
  TFLOWER_CHECK(o.Write(1, square));
  TFLOWER_CHECK(o.Write(2, Mixed(updates, rho, update * update)));
  return o.Write(0, o.Read(0) - update * o.In(3));
}

constexpr Operand kVariable = WrittenHandle(), kGradient = Of(kF32, 0, TFLOWER_MAX_RANK), kRate = Of(kF32, 0, 0);
constexpr const char* kEmits = "ABS ADD ASSIGN_VARIABLE DIV MAXIMUM MUL READ_VARIABLE SQRT SUB";

constexpr OpDef kOps[] = {
    {"ResourceApplyGradientDescent", {kVariable, kRate, kGradient}, kAttrs, LowerGradientDescent, kEmits},
    {"ResourceApplyMomentum", {kVariable, kVariable, kRate, kGradient, kRate}, kNesterovAttrs, LowerMomentum, kEmits},
    {"ResourceApplyKerasMomentum", {kVariable, kVariable, kRate, kGradient, kRate}, kNesterovAttrs, LowerKerasMomentum, kEmits},
    {"ResourceApplyAdam", {kVariable, kVariable, kVariable, kRate, kRate, kRate, kRate, kRate, kRate, kGradient}, kNesterovAttrs, LowerAdam, kEmits},
    {"ResourceApplyAdaMax", {kVariable, kVariable, kVariable, kRate, kRate, kRate, kRate, kRate, kGradient}, kAttrs, LowerAdaMax, kEmits},
    {"ResourceApplyRMSProp", {kVariable, kVariable, kVariable, kRate, kRate, kRate, kRate, kGradient}, kAttrs, LowerRmsProp, kEmits},
    {"ResourceApplyAdagrad", {kVariable, kVariable, kRate, kGradient}, kAdagradAttrs, LowerAdagrad<false>, kEmits},
    {"ResourceApplyAdagradV2", {kVariable, kVariable, kRate, kRate, kGradient}, kAdagradAttrs, LowerAdagrad<true>, kEmits},
    {"ResourceApplyAdadelta", {kVariable, kVariable, kVariable, kRate, kRate, kRate, kGradient}, kAttrs, LowerAdadelta, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(optimizers, kOps);
}  // namespace tflower::tf_ops
