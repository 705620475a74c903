// Erf and Erfc: TFLite has no operator for them. They become tflower.Erf and tflower.Erfc, which rules take as part of GELU or expand.
// Their inverses: Erfinv, Ndtri.
#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Result<Value> Custom(Builder& build, const Value& x, std::string_view name) {
  TFLOWER_TRY(const std::vector<Value> y, build.EmitCustom(name, {}, std::span<const Value>(&x, 1), 1));
  return y[0];
}
Result<Value> Erf(Builder& build, const Node&, const std::vector<Value>& x) { return Custom(build, x[0], "tflower.Erf"); }
Result<Value> Erfc(Builder& build, const Node&, const std::vector<Value>& x) { return Custom(build, x[0], "tflower.Erfc"); }

// The quantile of the standard normal distribution at 1/2 + q, of which `tail` = 1/2 - |q| is left, relative error 1e-7.
// Source: Wichura, Algorithm AS 241, The Percentage Points of the Normal Distribution, PPND7.
Expr NormalQuantile(const Expr& q, const Expr& tail) {
  const Expr r = 0.180625 - q * q;
  const Expr centre = q * Polynomial(r, {59.109374720, 159.29113202, 50.434271938, 3.3871327179}) / Polynomial(r, {67.187563600, 78.757757664, 17.895169469, 1});
  const Expr root = Sqrt(-Log(tail));
  const Expr s = root - 1.6, t = root - 5;
  const Expr near = Polynomial(s, {0.17023821103, 1.3067284816, 2.7568153900, 1.4234372777}) / Polynomial(s, {0.12021132975, 0.73700164250, 1});
  const Expr far = Polynomial(t, {0.017337203997, 0.42868294337, 3.0812263860, 6.6579051150}) / Polynomial(t, {0.012258202635, 0.24197894225, 1});
  const Expr outer = Where(root <= 5, near, far) * Sign(q);
  return Where(Abs(q) <= 0.425, centre, outer);
}

// Ends are infinite, what lies beyond them is NaN, as the root makes it.
Expr OrInfinity(const Expr& value, const Expr& tail, const Expr& sign) {
  return Where(tail == 0, sign / Abs(tail), value);
}
Expr Ndtri(const Expr& p) {
  const Expr q = p - 0.5, tail = Min(p, 1 - p);
  return OrInfinity(NormalQuantile(q, tail), tail, q);
}
Expr Erfinv(const Expr& x) {
  constexpr double kSqrtHalf = 0.70710678118654752440;
  const Expr tail = (1 - Abs(x)) * 0.5;
  return OrInfinity(NormalQuantile(x * 0.5, tail) * kSqrtHalf, tail, x);
}

constexpr const char* kInverse = "ABS ADD CAST DIV EQUAL LESS_EQUAL LOG MINIMUM MUL NEG SELECT SIGN SQRT SUB";

constexpr OpDef kOps[] = {
    {"Erf", {Float()}, kT, Elementwise<Erf>, "ABS ADD CAST DIV EXP GELU LESS MUL NEG SELECT SIGN SQUARE SUB"},
    {"Erfc", {Float()}, kT, Elementwise<Erfc>, "ABS ADD CAST DIV EXP GELU LESS MUL NEG SELECT SIGN SQUARE SUB"},
    {"Erfinv", {Float()}, kT, Elementwise<Erfinv>, kInverse},
    {"Ndtri", {Float()}, kT, Elementwise<Ndtri>, kInverse},
};
}  // namespace
TFLOWER_OP_FAMILY(error_function, kOps);
}  // namespace tflower::tf_ops
