// Functions that are integrals: Expint, Dawsn, FresnelCos, FresnelSin, Spence; piece by piece as polynomials.
// Coefficients: Chebyshev interpolation in double, relative error below 1e-6 unless a comment says otherwise.
#include <limits>

#include "elementwise.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kPi = 3.14159265358979323846;

// Ei(x): gamma + log x + a power series up to 4, then e^x / x times a function that tends to 1.
Expr Expint(const Expr& x) {
  constexpr double kEuler = 0.57721566490153286061;
  const Expr low = Min(x, 4);
  const Expr series = Polynomial(low * 0.5 - 1, {8.09459801e-05, 0.000439204686, 0.00197878077, 0.00865820533, 0.033597991, 0.112716878, 0.320170405, 0.744670259, 1.35259218,
                                                 1.84193578});
  const Expr small = Log(low) + kEuler + low * series;
  const Expr high = Max(x, 4), t = 1 / Max(x, 10);
  const Expr middle = Polynomial((Min(high, 10) - 7) / 3, {0.00021938739, -0.00101255704, 0.00269786523, -0.00555975667, 0.00793119559, -0.00302386703, -0.0208821475, 0.0720272835,
                                                          -0.143335192, 1.22240803});
  const Expr large = Polynomial(t, {7460433.28, -3815150.42, 795671.959, -88820.2186, 5974.51918, -240.434097, 8.21145501, 0.912497655, 1.00052901});
  const Expr huge = Polynomial(t, {242.322226, 18.6465648, 6.09997259, 1.99918081, 1.00000242, 0.999999999});
  const Expr root = Exp(high * 0.5);  // e^x overflows before the result does
  const Expr far = Where(x <= 10, middle, Where(x <= 30, large, huge)) / high * root * root;
  return Where(x < 0, kNan, Where(x <= 4, small, far));
}

// e^(-x^2) times the integral of e^(t^2) up to x.
Expr Dawsn(const Expr& x) {
  const Expr size = Abs(x);
  const Expr low = Min(size, 2), square = low * low, far = Max(size, 5);
  const Expr small = low * Polynomial(square, {1.20223928e-08, -3.68832253e-07, 5.59954108e-06, -5.77176887e-05, 0.000462833782, -0.00306437611, 0.0169196632, -0.076184873,
                                               0.266665264, -0.666666529, 0.999999998});  // 5e-6
  const Expr middle = Polynomial((size - 3.5) / 1.5, {-0.000809381197, 0.00198586407, -0.000787332253, -0.00235263432, 0.00501952873, -0.00788391564, 0.0124431647, -0.0203264898,
                                                     0.0362496426, -0.0710259495, 0.14962148});
  const Expr inverse = 1 / far;
  const Expr large = inverse * Polynomial(inverse * inverse, {33.6623437, 2.24564257, 0.96128904, 0.374762213, 0.250000852, 0.5});
  return Where(size <= 2, small, Where(size <= 5, middle, large)) * Sign(x);
}

// ---- Fresnel: power series up to 1.6, then 1/2 and two waves, of which f is the larger

struct Waves {
  Expr size, angle, f, g;
};
Waves WavesOf(const Expr& x) {
  const Expr size = Min(Max(Abs(x), 1.6), 1e9), inverse = 1 / size, t = inverse * inverse, square = size * size;
  const Expr f = Polynomial(t, {-0.091776223, -2.17744879, 4.57410335, -3.88161954, 1.56257974, -0.0330958185, -0.302821181, -1.55780886e-05, 1.00000004});
  const Expr g = Polynomial(t, {33.4868997, -84.4418696, 90.4844172, -52.3637926, 15.7326906, -0.38901693, -1.50670006, -0.000187637397, 1.00000066});
  // The angle pi x^2 / 2 without its whole turns.
  const Expr angle = (square - Round(square * 0.25) * 4) * (kPi / 2);
  return {size, angle, f * inverse * (1 / kPi), g * inverse * t * (1 / (kPi * kPi))};
}
Expr OfPieces(const Expr& x, const Expr& small, const Expr& waves) {
  const Expr size = Abs(x);
  return Where(size <= 1.6, small, waves) * Sign(x);
}
Expr FresnelSin(const Expr& x) {
  const Expr low = Min(Abs(x), 1.6), square = low * low;
  const Expr small = low * square * Polynomial(square * square, {-1.74625945e-11, 2.06590936e-09, -1.56240898e-07, 8.44357199e-06, -0.000312115781, 0.00724478326, -0.0922805851,
                                                                 0.523598776});
  const Waves w = WavesOf(x);
  return OfPieces(x, small, 0.5 - w.f * Cos(w.angle) - w.g * Sin(w.angle));
}
Expr FresnelCos(const Expr& x) {
  const Expr low = Min(Abs(x), 1.6), square = low * low;
  const Expr small = low * Polynomial(square * square, {-1.73546445e-10, 1.83651177e-08, -1.19749534e-06, 5.40662332e-05, -0.00160487006, 0.0281854902, -0.246740107, 1});
  const Waves w = WavesOf(x);
  return OfPieces(x, small, w.f * Sin(w.angle) + 0.5 - w.g * Cos(w.angle));
}

// The dilogarithm of 1 - x: a polynomial about 1, to which the relations of x with 1 / x and with 1 - x lead.
Expr Spence(const Expr& x) {
  constexpr double kSixthOfPiSquared = 1.64493406684822643647;
  const Expr is_large = x > 1.5;
  const Expr y = Where(is_large, 1 / x, x);
  const Expr is_small = y < 0.5;
  const Expr w = Where(is_small, -y, y - 1);
  const Expr series = w * Polynomial(w, {0.0122123336, -0.0134063409, 0.0057700127, -0.0076944596, 0.0128022235, -0.0159945815, 0.0203664472, -0.0277497172, 0.0400017899,
                                         -0.0625009012, 0.111111083, -0.249999992, 1});
  const Expr logs = Where(y == 0, 0.0, Log(y) * Log1p(-y));
  const Expr value = Where(is_small, kSixthOfPiSquared - logs + series, -series);
  const Expr log = Log(x);
  return Where(x < 0, kNan, Where(is_large, log * log * -0.5 - value, value));
}

constexpr const char* kEmits = "ABS ADD CAST COS DIV EQUAL EXP GREATER LESS LESS_EQUAL LOG MAXIMUM MINIMUM MUL NEG ROUND SELECT SELECT_V2 SIGN SIN SUB";
template <auto kFormula>
constexpr OpDef Row(const char* op) { return {op, {Float()}, kT, Elementwise<kFormula>, kEmits}; }

constexpr OpDef kOps[] = {
    Row<Expint>("Expint"), Row<Dawsn>("Dawsn"), Row<FresnelSin>("FresnelSin"), Row<FresnelCos>("FresnelCos"), Row<Spence>("Spence"),
};
}  // namespace
TFLOWER_OP_FAMILY(integrals, kOps);
}  // namespace tflower::tf_ops
