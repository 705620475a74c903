// When floats give what the integers give.
#include <cmath>
#include <vector>

#include "quantized_binary/arithmetic.h"

namespace tflower::kernels {
namespace {

double RealOf(const Multiplier& m) { return std::ldexp(static_cast<double>(m.value), m.shift - 31); }

// How far the integers' roundings may lead away from the real sum.
void SetSum(QuantizedArithmetic& q) {
  if (q.shift > 20 || q.left.shift > 0 || q.right.shift > 0 || q.out.shift > 0) return;
  const double last = RealOf(q.out), a = std::ldexp(RealOf(q.left), q.shift) * last, b = std::ldexp(RealOf(q.right), q.shift) * last * (q.op == QuantizedOp::kSub ? -1 : 1);
  const double offset = -(a * q.a_zero + b * q.b_zero), largest = 256 * (std::abs(a) + std::abs(b)) + std::abs(offset);
  // Two roundings of each operand, by half at most, times the last factor; the first rounding behind that; and eight of floats.
  const double error = 2 * last + std::ldexp(0.5, q.out.shift) + 8 * std::ldexp(largest, -24);
  if (!(error < 1.0 / 64) || !(largest < 1e6)) return;
  q.a_factor = static_cast<float>(a), q.b_factor = static_cast<float>(b), q.constant = static_cast<float>(offset);
  q.margin = static_cast<float>(error * 1.01);
  q.real = true;
}

// Looks for a factor and a constant near the true ones with which floats step where the integers do. Both are functions of an integer p in [lo, hi] that
// never fall, so they are the same if they step to each result at the same p. exact(p): the integers; base(p): what is multiplied, as a float; inverse(v): p of
// a value of base.
template <class Exact, class Base, class Inverse>
void FindFactors(QuantizedArithmetic& q, int64_t lo, int64_t hi, double constant, Exact exact, Base base, Inverse inverse) {
  const int first = q.bounds.lo - q.y_zero, last = q.bounds.hi - q.y_zero;
  const double factor = RealOf(q.out);
  std::vector<int64_t> steps;  // the least p of results first + 1, first + 2 ...; hi + 1 if there is none
  for (int k = first + 1; k <= last; ++k) {
    auto p = static_cast<int64_t>(std::min(std::max(inverse((k - 0.5) / factor), static_cast<double>(lo)), static_cast<double>(hi)));
    while (p > lo && exact(p - 1) >= k) --p;
    while (p <= hi && exact(p) < k) ++p;
    steps.push_back(p);
  }
  const auto same = [&](auto real) {
    for (int k = first + 1; k <= last; ++k) {
      const int64_t p = steps[static_cast<size_t>(k - first - 1)];
      if ((p <= hi && real(p) < static_cast<float>(k)) || (p > lo && real(p - 1) >= static_cast<float>(k))) return false;
    }
    return true;
  };
  const auto nearest = static_cast<float>(factor);
  for (const float f : {nearest, std::nextafter(nearest, 0.0f), std::nextafter(nearest, 1.0f)}) {
    for (const double nudge : {1.0 / 128, 1.0 / 512, 1.0 / 32, 0.0}) {
      const auto c = static_cast<float>(constant + nudge * factor);
      // As one operation, and as two: targets differ.
      const auto fused = [&](int64_t p) { return std::nearbyint(std::fma(base(p), f, c)); };
      const auto rounded = [&](int64_t p) { volatile const float product = base(p) * f; return std::nearbyint(product + c); };
      if (!same(fused) || !same(rounded)) continue;
      q.a_factor = f, q.constant = c, q.real = true;
      return;
    }
  }
}

// Where the first of the two roundings behind a product adds half a unit, the second one's ties lie that much closer to 0.
double HalfUnit(const Multiplier& m) { return m.shift < 0 ? 0x1p30 / m.value : 0; }

void SetProduct(QuantizedArithmetic& q) {
  if (q.out.shift > 0 || q.out.value == 0) return;
  q.offset = static_cast<float>(HalfUnit(q.out));
  FindFactors(q, -255 * 255, 255 * 255, 0, [&](int64_t p) { return Scaled(static_cast<int32_t>(p), q.out); },
              [&](int64_t p) { return static_cast<float>(p) + std::copysign(q.offset, static_cast<float>(p)); }, [](double v) { return v; });
}

void SetSquare(QuantizedArithmetic& q) {
  const auto fits = [](const Multiplier& m) { return m.shift < 0 || (m.shift == 0 && m.value == 1 << 30); };
  if (q.shift == 0 || q.shift > 20 || !fits(q.left) || !fits(q.right) || q.out.shift > 0 || q.out.value == 0) return;
  const int64_t most = int64_t{Scaled(255 << q.shift, q.left)} + Scaled(255 << q.shift, q.right);
  if (most > 46340) return;  // squares must stay below 2^31
  FindFactors(q, 0, most, HalfUnit(q.out) * RealOf(q.out), [&](int64_t p) { return Scaled(static_cast<int32_t>(p * p), q.out); },
              [&](int64_t p) { return static_cast<float>(p) * static_cast<float>(p); }, [](double v) { return std::sqrt(std::max(v, 0.0)); });
}

}  // namespace

void QuantizedArithmetic::SetReal() {
  real = false;
  if (op == QuantizedOp::kAdd || op == QuantizedOp::kSub) SetSum(*this);
  if (op == QuantizedOp::kMul) SetProduct(*this);
  if (op == QuantizedOp::kSquaredDifference) SetSquare(*this);
}

}  // namespace tflower::kernels
