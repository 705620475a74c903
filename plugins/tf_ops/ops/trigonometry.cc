// Functions of angles and hyperbolas that TFLite does not have, in SIN, COS, ATAN2, EXP and LOG; formulas are those that lose nothing near 0.
#include <limits>

#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};

Expr Atan2(const Expr& y, const Expr& x) { return Emit(tfl::Atan2{}, {y, x}); }

Expr Tan(const Expr& x) { return Sin(x) / Cos(x); }

// ATAN2 in stock runtimes does not broadcast: the 1 is made in x's shape.
Expr Atan(const Expr& x) { return Atan2(x, Exp(Emit(tfl::ZerosLike{}, {x}))); }

// sqrt((1 - x)(1 + x)): the other leg of the triangle; NaN beyond [-1, 1], as the inverse functions are.
Expr OtherLeg(const Expr& x) { return Sqrt((1 - x) * (1 + x)); }
Expr Asin(const Expr& x) { return Atan2(x, OtherLeg(x)); }
Expr Acos(const Expr& x) { return Atan2(OtherLeg(x), x); }

// e^x / 2 by e^(x / 2), so that it overflows where the result does.
Expr HalfExp(const Expr& half) {
  const Expr root = Exp(half);
  return root * 0.5 * root;
}
Expr Cosh(const Expr& x) {
  const Expr half = x * 0.5;
  return HalfExp(half) + HalfExp(-half);
}

// Near 0, where the exponentials cancel, 2 t / (1 - t^2) with t = tanh(x / 2).
Expr Sinh(const Expr& x) {
  const Expr half = x * 0.5;
  const Expr t = Tanh(half);
  const Expr near = t * 2 / (1 - t * t);
  return Where(Abs(x) < 1, near, HalfExp(half) - HalfExp(-half));
}

Expr Atanh(const Expr& x) { return Log1p(x * 2 / (1 - x)) * 0.5; }

// `exact` for arguments whose square can be taken, log(2 x) beyond.
Expr OrLogOfTwice(const Expr& x, const Expr& exact) {
  constexpr double kLog2 = 0.69314718055994530942, kLarge = 1e9;
  return Where(x > kLarge, Log(x) + kLog2, exact);
}

// sign(x) log1p(|x| + x^2 / (1 + sqrt(x^2 + 1)))
Expr Asinh(const Expr& x) {
  const Expr size = Abs(x);
  const Expr square = size * size;
  return OrLogOfTwice(size, Log1p(size + square / (Sqrt(square + 1) + 1))) * Sign(x);
}

// log1p(t + sqrt(2 t + t^2)), t = x - 1
Expr Acosh(const Expr& x) {
  const Expr t = x - 1;
  const Expr value = OrLogOfTwice(x, Log1p(t + Sqrt(t * (t + 2))));
  return Where(x < 1, std::numeric_limits<double>::quiet_NaN(), value);
}

constexpr OpDef kOps[] = {
    {"Tan", {Float()}, kT, Elementwise<Tan>, "CAST COS DIV SIN"},
    {"Atan", {Float()}, kT, Elementwise<Atan>, "ATAN2 CAST EXP ZEROS_LIKE"},
    {"Asin", {Float()}, kT, Elementwise<Asin>, "ADD ATAN2 CAST MUL SQRT SUB"},
    {"Acos", {Float()}, kT, Elementwise<Acos>, "ADD ATAN2 CAST MUL SQRT SUB"},
    {"Cosh", {Float()}, kT, Elementwise<Cosh>, "ADD CAST EXP MUL NEG"},
    {"Sinh", {Float()}, kT, Elementwise<Sinh>, "ABS CAST DIV EXP LESS MUL NEG SELECT SUB TANH"},
    {"Atanh", {Float()}, kT, Elementwise<Atanh>, "ABS ADD CAST DIV LESS LOG MUL SELECT SUB"},
    {"Asinh", {Float()}, kT, Elementwise<Asinh>, "ABS ADD CAST DIV GREATER LESS LOG MUL SELECT SIGN SQRT"},
    {"Acosh", {Float()}, kT, Elementwise<Acosh>, "ABS ADD CAST DIV GREATER LESS LOG MUL SELECT SQRT SUB"},
};
}  // namespace
TFLOWER_OP_FAMILY(trigonometry, kOps);
}  // namespace tflower::tf_ops
