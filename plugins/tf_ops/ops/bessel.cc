// Bessel functions of orders 0 and 1: BesselI0 ... BesselY1. Near 0 their power series, far away an exponential or a wave times a polynomial in 1 / x.
// Coefficients of the latter: Chebyshev interpolation in double, relative error below 2e-7.
#include <limits>

#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kEuler = 0.57721566490153286061, kTwoOverPi = 0.63661977236758134308, kQuarterPi = 0.78539816339744830962;

// ---- I: sums of positive terms up to 8

// Terms of I0 and I1 / x in x^2 / 4: 1 / k!^2 and 1 / (2 k! (k + 1)!).
std::vector<double> SeriesOfI(int order, int terms) {
  std::vector<double> c(static_cast<size_t>(terms));
  double term = order == 0 ? 1 : 0.5;
  for (int k = 0; k < terms; ++k) {
    c[c.size() - 1 - static_cast<size_t>(k)] = term;
    term /= (k + 1.0) * (k + 1.0 + order);
  }
  return c;
}
Expr SmallI(int order, const Expr& x, int terms) {
  const Expr value = Polynomial(x * x * 0.25, SeriesOfI(order, terms));
  return order == 0 ? value : value * x;
}
// e^-x I(x) for x > 8.
Expr LargeI(int order, const Expr& x) {
  const Expr t = 8 / x;
  const Expr p = order == 0 ? Polynomial(t, {3.88435011e-07, 2.49388927e-06, -4.68646374e-06, 8.08195287e-06, 8.40740879e-06, 5.7679852e-05, 0.00043822081, 0.00623347613,
                                             0.39894228})
                            : Polynomial(t, {-6.20603957e-07, -2.09699366e-06, 4.13922152e-06, -8.53386725e-06, -1.15574822e-05, -8.05073463e-05, -0.000730414353,
                                             -0.0187004224, 0.39894228});
  return p / Sqrt(x);
}
constexpr int kTermsOfI = 16;
template <int kOrder, bool kScaled>
Expr BesselI(const Expr& x) {
  const Expr size = Abs(x);
  const Expr small = SmallI(kOrder, Min(size, 8), kTermsOfI), large = LargeI(kOrder, Max(size, 8));
  const Expr root = Exp(size * (kScaled ? -0.5 : 0.5));  // e^x overflows before I does
  const Expr value = kScaled ? Where(size <= 8, small * root * root, large) : Where(size <= 8, small, large * root * root);
  return kOrder == 0 ? value : value * Sign(x);
}

// ---- K: for x > 0

// K0 + (log(x / 2) + gamma) I0 and what is left of K1, in x^2 / 4: the terms of I0 times 1 + 1/2 + ... + 1/k, those of I1 / x times
// psi(k + 1) + psi(k + 2).
std::vector<double> SeriesOfK(int order, int terms) {
  std::vector<double> c = SeriesOfI(order, terms);
  double harmonic = 0;
  for (int k = 0; k < terms; ++k) {
    double& term = c[c.size() - 1 - static_cast<size_t>(k)];
    term *= order == 0 ? harmonic : 2 * (harmonic - kEuler) + 1.0 / (k + 1);
    harmonic += 1.0 / (k + 1);
  }
  return c;
}
constexpr int kTermsOfK = 8;
Expr SmallK(int order, const Expr& x) {
  const Expr log = Log(x * 0.5);
  const Expr rest = Polynomial(x * x * 0.25, SeriesOfK(order, kTermsOfK));
  const Expr i = SmallI(order, x, kTermsOfK);
  return order == 0 ? rest - (log + kEuler) * i : 1 / x + log * i - x * 0.5 * rest;
}
// e^x K(x) for x > 2.
Expr LargeK(int order, const Expr& x) {
  const Expr t = 2 / x;
  const Expr p = order == 0 ? Polynomial(t, {-0.000222374592, 0.00128160842, -0.00338175619, 0.00562600102, -0.00713812547, 0.00840658887, -0.011424248, 0.0220273869,
                                             -0.0783320347, 1.25331414})
                            : Polynomial(t, {0.000263971123, -0.00152684359, 0.004053451, -0.00681858265, 0.00883846669, -0.0108556414, 0.0160058081, -0.0367140787,
                                             0.234996285, 1.25331414});
  return p / Sqrt(x);
}
template <int kOrder, bool kScaled>
Expr BesselK(const Expr& x) {
  const Expr small = SmallK(kOrder, Min(x, 2)), large = LargeK(kOrder, Max(x, 2));
  const Expr value = kScaled ? Where(x <= 2, small * Exp(x), large) : Where(x <= 2, small, large * Exp(-x));
  return Where(x <= 0, kInfinity, value);
}

// ---- J and Y: for x > 0

Expr SmallJ(int order, const Expr& square) {
  return order == 0 ? Polynomial(square, {4.38413965e-10, -6.76398913e-08, 6.78120415e-06, -0.000434027108, 0.0156249996, -0.25, 1})
                    : Polynomial(square, {3.15982638e-11, -5.64028917e-09, 6.78138243e-07, -5.42534301e-05, 0.00260416664, -0.0625, 0.5});  // over x
}
// For x > 2 J and Y are size cos(x + turn) and size sin(x + turn).
struct Wave {
  Expr size, turn;
};
Wave WaveOf(int order, const Expr& x) {
  const Expr t = 2 / x;
  if (order == 0) {
    return {Polynomial(t, {0.000555070367, -0.00260907245, 0.00460618935, -0.00258456482, -0.00325002668, 0.00620139508, -0.000175594427, -0.0124517736, -5.62986266e-07,
                           0.797884567}) / Sqrt(x),
            Polynomial(t, {-0.000543977776, 0.00210221443, -0.00204563114, -0.00308433244, 0.00974259841, -0.0094573091, 0.000485722617, 0.00809430622, 1.83316685e-06,
                           -0.0625000253}) * t - kQuarterPi};
  }
  return {Polynomial(t, {-0.000869950289, 0.00426456368, -0.00814058609, 0.00592333063, 0.00378285026, -0.0109067443, 0.000218546206, 0.0373816799, 7.17790094e-07,
                         0.797884553}) / Sqrt(x),
          Polynomial(t, {0.00101236845, -0.00439126319, 0.00635390601, 0.000167753513, -0.0121904277, 0.0153316423, -0.000636215356, -0.0204498043, -2.45525557e-06,
                         0.187500034}) * t - 3 * kQuarterPi};
}
// The sum would be rounded: cos and sin of both angles instead.
Expr CosOfSum(const Expr& a, const Expr& b) { return Cos(a) * Cos(b) - Sin(a) * Sin(b); }
Expr SinOfSum(const Expr& a, const Expr& b) { return Sin(a) * Cos(b) + Cos(a) * Sin(b); }

template <int kOrder>
Expr BesselJ(const Expr& x) {
  const Expr size = Abs(x), near = Min(size, 2), far = Max(size, 2);
  const Expr series = SmallJ(kOrder, near * near);
  const Wave wave = WaveOf(kOrder, far);
  const Expr value = Where(size <= 2, kOrder == 0 ? series : series * near, wave.size * CosOfSum(far, wave.turn));
  return kOrder == 0 ? value : value * Sign(x);
}

Expr SmallY(int order, const Expr& x) {
  const Expr square = x * x, log = Log(x * 0.5) * kTwoOverPi, j = SmallJ(order, square);
  if (order == 0) return log * j + Polynomial(square, {-5.19826854e-10, 7.34327103e-08, -6.5018295e-06, 0.000347077852, -0.00917910495, 0.0672882167, 0.367466905});
  const Expr rest = Polynomial(square, {-3.89422341e-11, 6.42343043e-09, -6.93378192e-07, 4.77021374e-05, -0.00180616155, 0.0267692381, 0.0245785095});
  return x * (log * j + rest) - kTwoOverPi / x;
}
template <int kOrder>
Expr BesselY(const Expr& x) {
  const Expr far = Max(x, 2);
  const Wave wave = WaveOf(kOrder, far);
  const Expr value = Where(x <= 2, SmallY(kOrder, Min(x, 2)), wave.size * SinOfSum(far, wave.turn));
  return Where(x <= 0, -kInfinity, value);
}

constexpr const char* kEmits = "ABS ADD CAST COS DIV EXP LESS_EQUAL LOG MAXIMUM MINIMUM MUL NEG SELECT SELECT_V2 SIGN SIN SQRT SUB";
template <auto kFormula>
constexpr OpDef Row(const char* op) { return {op, {Float()}, kT, Elementwise<kFormula>, kEmits}; }

constexpr OpDef kOps[] = {
    Row<BesselI<0, false>>("BesselI0"), Row<BesselI<0, true>>("BesselI0e"), Row<BesselI<1, false>>("BesselI1"), Row<BesselI<1, true>>("BesselI1e"),
    Row<BesselK<0, false>>("BesselK0"), Row<BesselK<0, true>>("BesselK0e"), Row<BesselK<1, false>>("BesselK1"), Row<BesselK<1, true>>("BesselK1e"),
    Row<BesselJ<0>>("BesselJ0"),        Row<BesselJ<1>>("BesselJ1"),        Row<BesselY<0>>("BesselY0"),        Row<BesselY<1>>("BesselY1"),
};
}  // namespace
TFLOWER_OP_FAMILY(bessel, kOps);
}  // namespace tflower::tf_ops
