#include "formula.h"

namespace tflower::tf_ops {

Expr Polynomial(const Expr& x, std::span<const double> c) {
  Expr sum = x * c[0];
  for (size_t i = 1; i + 1 < c.size(); ++i) sum = (sum + c[i]) * x;
  return sum + c.back();
}

// Near 0: 2 (z + z^3 / 3 + z^5 / 5 + ...), z = x / (2 + x); for |x| < 1/4 the rest of the series is below 1e-9 of the result. It does not
// lean on LOG near 1, where XNNPACK's is right to an absolute error only.
Expr Log1p(const Expr& x) {
  const Expr z = x / (x + 2);
  const Expr square = z * z;
  const Expr near = Polynomial(square, {2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3, 2}) * z;
  return Where(Abs(x) < 0.25, near, Log(x + 1));
}

// 2 t / (1 - t), t = tanh(x / 2), near 0; the plain difference elsewhere.
Expr Expm1(const Expr& x) {
  const Expr t = Tanh(x * 0.5);
  const Expr near = t * 2 / (1 - t);
  return Where(Abs(x) < 0.5, near, Exp(x) - 1);
}

}  // namespace tflower::tf_ops
