// The gamma function's logarithm and what else needs it. Coefficients: Chebyshev interpolation of the functions in double.
#pragma once

#include "elementwise.h"

namespace tflower::tf_ops {

// log |Gamma(x)|, relative error below 1e-6 for x > 0; of x < 0 absolute, times the size of the two logarithms that it is the difference of.
Expr Lgamma(const Expr& x);
// d/dx log Gamma(x); absolute error below 1e-6 near the zeros of the result.
Expr Digamma(const Expr& x);
// log of Gamma(x) / (sqrt(2 pi) x^(x - 1/2) e^-x): what Stirling's formula leaves, for x > 0.
Expr StirlingRest(const Expr& x);
// The zeta function of Hurwitz, the sum of (q + k)^-s over k from 0; as TF for s > 1 and q > -5; NaN below that.
Expr Zeta(const Expr& s, const Expr& q);

}  // namespace tflower::tf_ops
