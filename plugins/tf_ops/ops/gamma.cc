// The gamma function's family: Lgamma, Digamma, Polygamma, Zeta; the incomplete ones Igamma, Igammac, Betainc as integrals, by a trapezoid rule with
// a fixed number of points in one more dimension.
#include "gamma.h"

#include <cmath>
#include <limits>

#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kT[] = {Type("T")};
constexpr double kInfinity = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kHalfLogTwoPi = 0.91893853320467274178;

// (-1)^(n + 1) n! zeta(n + 1, x) for n = 1, 2, ...
Expr Polygamma(const Expr& n, const Expr& x) {
  const Expr sign = FloorMod(n, 2) * 2 - 1;
  const Expr value = sign * Exp(Lgamma(n + 1)) * Zeta(n + 1, x);
  return Where(n == 0, Digamma(x), Where(And(n > 0, n == Floor(n)), value, kNan));
}

// ---- integrals from 0 to infinity of e^h(v), where h falls from h(0) = 0 and `scale` is about where it passes -1

// v = scale e^(w - e^-w) for equidistant w: the integrand dies away doubly exponentially on both sides. Source: Takahasi and Mori, double exponential formulas.
struct Points {
  std::vector<float> places, weights;
};
Points MakePoints(double from, double to, double step) {
  Points out;
  for (int i = 0; from + i * step <= to; ++i) {
    const double w = from + i * step, place = std::exp(w - std::exp(-w));
    out.places.push_back(static_cast<float>(place));
    out.weights.push_back(static_cast<float>(step * place * (1 + std::exp(-w))));
  }
  return out;
}

Expr Row(Builder& build, const std::vector<float>& x) {
  const int64_t n = static_cast<int64_t>(x.size());
  return Expr(build, build.Constant<float>(std::span<const int64_t>(&n, 1), x));
}
// x with a last dimension of size 1.
Expr Column(const Expr& x) {
  if (!x.ok()) return x;
  const int32_t last = x.result().value().rank();
  return Expr(x.build(), InsertDims(x.build(), x.result().value(), std::span<const int32_t>(&last, 1)));
}
Expr SumOverLast(const Expr& x) {
  if (!x.ok()) return x;
  return Emit(tfl::Sum{.keep_dims = false}, {x, Expr(x.build(), x.build().Vector({-1}))});
}
// Where h is about -1 when it begins as -slope v - bend v^2 / 2.
Expr Scale(const Expr& slope, const Expr& bend) { return 2 / (slope + Sqrt(slope * slope + bend * 2)); }

// log(1 + m) - m, where ratio = 1 + m.
Expr LogLessLinear(const Expr& m, const Expr& ratio) { return Where(Abs(m) < 0.25, Log1p(m), Log(ratio)) - m; }

struct Gammas {
  Expr part;   // the smaller of the two: that below x when x < a, else that above it
  Expr below;  // x < a
};

// x^a e^-x / Gamma(a) times the integral of e^(-|a - x| v - x (e^u - 1 - u)), u = v above x and -v below it. All large terms are taken together.
Gammas IncompleteGammas(const Expr& a, const Expr& x) {
  const Points points = MakePoints(-2.8, 4.6, 0.075);
  const Expr below = x < a;
  const Expr m = (x - a) / a;
  const Expr front = Exp(a * LogLessLinear(m, x / a) + Log(a) * 0.5 - kHalfLogTwoPi - StirlingRest(a));
  const Expr distance = Abs(a - x);
  const Expr bent = Scale(distance, x);
  const Expr scale = Where(And(below, bent > 1), Max(bent, 1 / a), bent);  // far below x, the fall is a v
  const Expr v = Column(scale) * Row(x.build(), points.places);
  const Expr direction = Column(Where(below, x.Number(-1), 1.0));
  const Expr u = v * direction;
  const Expr exponent = -(Column(distance) * v) - Column(x) * (Expm1(u) - u);
  return {front * scale * SumOverLast(Exp(exponent) * Row(x.build(), points.weights)), below};
}

// What holds at the ends, for both functions: `at_zero` for x = 0 and `at_end` for infinite x.
Expr WithEnds(const Expr& value, const Expr& a, const Expr& x, double at_zero, double at_end) {
  const Expr inside = Where(x == 0, at_zero, Where(x == kInfinity, at_end, Where(a == kInfinity, at_zero, value)));
  return Where(And(x >= 0, a > 0), inside, kNan);
}
Expr Igamma(const Expr& a, const Expr& x) {
  const Gammas g = IncompleteGammas(a, x);
  return WithEnds(Where(g.below, g.part, 1 - g.part), a, x, 0, 1);
}
Expr Igammac(const Expr& a, const Expr& x) {
  const Gammas g = IncompleteGammas(a, x);
  return WithEnds(Where(g.below, 1 - g.part, g.part), a, x, 1, 0);
}

// The part below x, for x below the mean a / (a + b): x^a (1 - x)^(b - 1) / B(a, b) times the integral of e^(-a v + (b - 1) log(1 + r (1 - e^-v))),
// r = x / (1 - x); y = 1 - x.
Expr BetaBelow(const Expr& a, const Expr& b, const Expr& x, const Expr& y) {
  const Points points = MakePoints(-2.8, 9.0, 0.15);
  const Expr sum = a + b;
  const Expr shift = (x * b - y * a) / sum;  // x - mean
  const Expr m = shift * sum / a, n = -shift * sum / b;
  const Expr rests = StirlingRest(sum) - StirlingRest(a) - StirlingRest(b);
  const Expr logs = a * LogLessLinear(m, x * sum / a) + b * LogLessLinear(n, y * sum / b);
  const Expr front = Exp(logs + Log(a * (b / sum)) * 0.5 - kHalfLogTwoPi + rests) / y;
  const Expr r = x / y, power = b - 1;
  const Expr scale = Scale(a - power * r, Relu(power * r * (r + 1)));
  const Expr v = Column(scale) * Row(x.build(), points.places);
  const Expr grown = Column(power) * Log1p(-(Column(r) * Expm1(-v)));
  return front * scale * SumOverLast(Exp(grown - Column(a) * v) * Row(x.build(), points.weights));
}
// Above the mean by symmetry.
Expr Betainc(const Expr& a, const Expr& b, const Expr& x) {
  const Expr y = 1 - x;
  const Expr above = x * b > y * a;
  const Expr part = BetaBelow(Where(above, b, a), Where(above, a, b), Where(above, y, x), Where(above, x, y));
  const Expr value = Where(above, 1 - part, part);
  const Expr inside = Where(x == 0, 0.0, Where(x == 1, 1.0, value));
  return Where(And(And(x >= 0, x <= 1), And(a > 0, b > 0)), inside, kNan);
}

constexpr const char* kEmits = "ABS ADD CAST COS DIV EQUAL EXP EXPAND_DIMS FLOOR FLOOR_MOD GREATER GREATER_EQUAL LESS LESS_EQUAL LOG LOGICAL_AND LOGICAL_OR MAXIMUM "
                               "MINIMUM MUL NEG POW RELU RESHAPE ROUND SELECT SELECT_V2 SIN SQRT SUB SUM TANH";

constexpr OpDef kOps[] = {
    {"Lgamma", {Float()}, kT, Elementwise<Lgamma>, kEmits},
    {"Digamma", {Float()}, kT, Elementwise<Digamma>, kEmits},
    {"Polygamma", {Float(), Float()}, kT, Elementwise<Polygamma>, kEmits},
    {"Zeta", {Float(), Float()}, kT, Elementwise<Zeta>, kEmits},
    {"Igamma", {Float(), Float()}, kT, Elementwise<Igamma>, kEmits},
    {"Igammac", {Float(), Float()}, kT, Elementwise<Igammac>, kEmits},
    {"Betainc", {Float(), Float(), Float()}, kT, Elementwise<Betainc>, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(gamma, kOps);
}  // namespace tflower::tf_ops
