#include "gamma.h"

#include <cmath>
#include <limits>

namespace tflower::tf_ops {
namespace {

constexpr double kPi = 3.14159265358979323846, kInfinity = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kHalfLogTwoPi = 0.91893853320467274178;

// For x >= 3: the asymptotic series, in 1 / x.
Expr StirlingSeries(const Expr& x) {
  const Expr inverse = 1 / x;
  return Polynomial(inverse * inverse, {-0.00042982316, 0.00077953105, -0.00277725607, 0.0833333266}) * inverse;
}

// For x >= 3.
Expr LgammaLarge(const Expr& x) {
  const Expr log = Log(x);
  return (x - 0.5) * (log - 1) + (StirlingSeries(x) + (kHalfLogTwoPi - 0.5));
}

// Of 2 + t, t in [-1, 1]: with the zeros at -1 and 0 taken out.
Expr LgammaMiddle(const Expr& t) {
  return (t + 1) * t * Polynomial(t, {1.93087504e-05, -3.87342096e-05, 2.02493769e-05, -5.24194421e-05, 0.000195799474, -0.00042557137, 0.000910506309, -0.00210206158,
                                      0.00499948051, -0.0123849751, 0.0329649469, -0.100317273, 0.422784336});
}

// For x >= 0; of x < 1 that of x + 1, which is not rounded to a float.
Expr LgammaPositive(const Expr& x) {
  const Expr small = x < 1;
  const Expr middle = LgammaMiddle(Min(Where(small, x - 1, x - 2), 1));
  const Expr log = Where(x < 0.75, Log(x), Log1p(x - 1));
  return Where(x > 3, LgammaLarge(Max(x, 3)), Where(small, middle - log, middle));
}

}  // namespace

Expr StirlingRest(const Expr& x) {
  const Expr log = Log(x);
  const Expr small = LgammaPositive(Min(x, 3)) - (x * (log - 1) - log * 0.5 + kHalfLogTwoPi);
  return Where(x < 3, small, StirlingSeries(x));
}

// Of negative x by reflection: |Gamma(x) Gamma(-x)| = pi / (|x| |sin(pi x)|).
Expr Lgamma(const Expr& x) {
  const Expr size = Abs(x);
  const Expr positive = LgammaPositive(size);
  const Expr sine = Sin((size - Floor(size)) * kPi);
  const Expr negative = std::log(kPi) - Log(Abs(sine) * size) - positive;
  return Where(Or(x >= 0, size == kInfinity), positive, Where(size == Floor(size), kInfinity, Where(x == x, negative, x)));
}

// Six steps up, to where the asymptotic series holds; of negative x by reflection: psi(x) = psi(1 - x) - pi / tan(pi x).
Expr Digamma(const Expr& x) {
  const Expr is_negative = x < 0;
  const Expr y = Where(is_negative, 1 - x, x);
  Expr steps = 1 / y;
  for (int k = 1; k < 6; ++k) steps = steps + 1 / (y + k);
  const Expr z = y + 6;
  const Expr inverse = 1 / z;
  const Expr square = inverse * inverse;
  const Expr series = Log(z) - inverse * 0.5 - square * Polynomial(square, {1.0 / 252, -1.0 / 120, 1.0 / 12});
  const Expr rest = x - Round(x);
  const Expr angle = rest * kPi;
  const Expr turn = Cos(angle) / Sin(angle) * kPi;
  const Expr value = series - steps;
  const Expr reflected = Where(rest == 0, kNan, value - turn);
  return Where(is_negative, reflected, Where(x == 0, kNan, value));
}

// Euler and Maclaurin: ten terms of the sum, then an integral and its corrections in the numbers of Bernoulli.
Expr Zeta(const Expr& s, const Expr& q) {
  constexpr int kTerms = 10;
  const double bernoulli[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0};  // B(2j) / (2j)!
  const Expr exponent = -s;
  Expr sum = Pow(q, exponent);
  for (int k = 1; k < kTerms; ++k) sum = sum + Pow(q + k, exponent);
  const Expr end = q + kTerms;
  const Expr last = Pow(end, exponent);
  const Expr inverse = 1 / end;
  // last (end / (s - 1) + 1/2 + sum of bernoulli[j] s (s + 1) ... (s + 2j) / end^(2j + 1))
  Expr factor = s * inverse;
  Expr corrections = factor * bernoulli[0];
  for (int j = 1; j < 6; ++j) {
    factor = factor * ((s + (2 * j - 1)) * inverse) * ((s + 2 * j) * inverse);
    corrections = corrections + factor * bernoulli[j];
  }
  const Expr tail = Where(last == 0, 0.0, last * (end / (s - 1) + 0.5 + corrections));
  const Expr total = sum + tail;
  // The poles at 0, -1, -2, ...: infinite on both sides where s is even.
  const Expr pole = Where(FloorMod(s, 2) == 0, kInfinity, total + kNan);
  const Expr value = Where(And(q <= 0, q == Floor(q)), pole, Where(q > -5, total, kNan));
  return Where(s < 1, kNan, Where(s == 1, kInfinity, value));
}

}  // namespace tflower::tf_ops
