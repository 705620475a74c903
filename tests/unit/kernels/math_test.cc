// Accuracy of the vector math, swept over the bit patterns of all floats on every SIMD target.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <string>

#include "elementwise/binary.h"
#include "elementwise/unary.h"
#include "vector_support.h"

namespace tflower::kernels {
namespace {

using namespace vector_test;

struct Claim {
  const char* name;
  Unary op;
  double (*exact)(double);
  double ulp;
  double flushes = 0;  // results below it may be zero
};

constexpr double kLeast = std::numeric_limits<float>::min();

constexpr Claim kClaims[] = {
    {"exp", Unary::kExp, [](double x) { return std::exp(x); }, 1.1, kLeast},
    {"log", Unary::kLog, [](double x) { return std::log(x); }, 1.0},
    {"sin", Unary::kSin, [](double x) { return std::sin(x); }, 1.6},
    {"cos", Unary::kCos, [](double x) { return std::cos(x); }, 1.6},
    {"tanh", Unary::kTanh, [](double x) { return std::tanh(x); }, 1.5},
    {"logistic", Unary::kLogistic, [](double x) { return 1 / (1 + std::exp(-x)); }, 2.0, kLeast},
    {"erf", Unary::kErf, [](double x) { return std::erf(x); }, 1.4},
    {"elu", Unary::kElu, [](double x) { return x < 0 ? std::expm1(x) : x; }, 1.1},
    {"rsqrt", Unary::kRsqrt, [](double x) { return 1 / std::sqrt(x); }, 1.5},
    {"sqrt", Unary::kSqrt, [](double x) { return std::sqrt(x); }, 0.5},
    {"gelu", Unary::kGeluErf, [](double x) { return x / 2 * std::erfc(-x * 0.70710678118654752440); }, 8.0, 3e-37},
};

constexpr uint64_t kStride = 401;  // a prime: 10.7 million floats of all exponents, signs, NaN and infinities
constexpr size_t kChunk = 4096;

// Fills x with the next floats; false when all have been visited.
bool NextFloats(uint64_t& bits, std::vector<float>& x) {
  x.clear();
  for (; bits < (uint64_t{1} << 32) && x.size() < kChunk; bits += kStride) x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  return !x.empty();
}

struct Worst {
  double ulp = 0;
  float x = 0, y = 0;
  std::string target;
};

Worst FindWorst(const Claim& claim) {
  Worst worst;
  std::vector<float> x, y(kChunk);
  std::vector<double> exact(kChunk);
  for (uint64_t bits = 0; NextFloats(bits, x);) {
    for (size_t i = 0; i < x.size(); ++i) exact[i] = claim.exact(x[i]);
    ForEachTarget([&] {
      UnaryF32(claim.op, x.data(), x.size(), 0, y.data());
      for (size_t i = 0; i < x.size(); ++i) {
        if (y[i] == 0 && std::fabs(exact[i]) < claim.flushes) continue;
        const double ulp = UlpError(y[i], exact[i]);
        if (ulp > worst.ulp) worst = {ulp, x[i], y[i], TargetName()};
      }
    });
  }
  return worst;
}

}  // namespace

TEST_CASE("vector math keeps its accuracy claims over all floats") {
  for (const Claim& claim : kClaims) {
    const Worst worst = FindWorst(claim);
    INFO(std::string(claim.name), "(", worst.x, ") = ", worst.y, " on ", worst.target);
    CHECK(worst.ulp <= claim.ulp);
  }
}

TEST_CASE("erf, inside the erf form of GELU, is within 4e-7 of the exact value") {
  std::vector<float> x, y(kChunk);
  for (uint64_t bits = 0; NextFloats(bits, x);) {
    ForEachTarget([&] {
      for (const Unary op : {Unary::kGeluErf, Unary::kGeluTanh}) {
        std::vector<float> exact(x.size());
        UnaryF32Ref(op, x.data(), x.size(), 0, exact.data());
        UnaryF32(op, x.data(), x.size(), 0, y.data());
        for (size_t i = 0; i < x.size(); ++i) {
          if (std::isnan(exact[i]) || std::isinf(exact[i])) continue;
          CAPTURE(x[i]);
          REQUIRE(std::fabs(y[i] - exact[i]) <= 4e-7 * std::fmax(1.0, std::fabs(x[i])));
        }
      }
    });
  }
}

// A base of any size, or near 1, and an exponent that takes the result anywhere in float's range, often to its end.
void RandomPower(int kind, float& a, float& b) {
  const auto uniform = [](double lo, double hi) { return std::uniform_real_distribution<double>(lo, hi)(Random()); };
  a = static_cast<float>(kind == 0 ? std::exp2(uniform(-126, 127)) : kind == 1 ? uniform(0.7, 1.45) : 1 + std::exp2(uniform(-23, -1)) * (RandomInt(0, 1) == 0 ? -1 : 1));
  const double log = std::log2(double{a}), result = RandomInt(0, 1) == 0 ? uniform(110, 129) : uniform(-150, 110);
  b = static_cast<float>(result / (log == 0 ? 1 : log));
  if (kind == 2 && RandomInt(0, 3) == 0) a = -a, b = std::round(b);
}

TEST_CASE("powers are within 2 units in the last place") {
  const OwnRandom random(17);
  constexpr int64_t kPowers = 60000;
  std::vector<float> a(kPowers), b(kPowers), y(kPowers);
  for (size_t i = 0; i < kPowers; ++i) RandomPower(static_cast<int>(i % 3), a[i], b[i]);
  const int64_t dims[] = {kPowers};
  const std::span<const int64_t> shapes[] = {dims, dims};
  const BroadcastPlan plan = PlanBroadcast(shapes).value();
  ForEachTarget([&] {
    INFO(TargetName());
    REQUIRE(BinaryF32(Binary::kPow, plan, a.data(), b.data(), {}, y.data()).ok());
    Worst worst;
    for (size_t i = 0; i < kPowers; ++i) {
      const double ulp = UlpError(y[i], std::pow(double{a[i]}, double{b[i]}));
      if (ulp > worst.ulp) worst = {ulp, a[i], b[i], ""};
    }
    INFO(worst.x, " to the power ", worst.y);
    CHECK(worst.ulp <= 2.0);
  });
}

TEST_CASE("special values") {
  ForEachTarget([] {
    INFO(TargetName());
    for (int op = 0; op < kUnaryCount; ++op) {
      CAPTURE(op);
      for (const float x : {kNaN, -kInfinity, kInfinity, 0.0f, -0.0f, 1e-45f, -1e-45f, 3e38f, -3e38f, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 8388609.0f}) {
        CAPTURE(x);
        float y = 7, expected = 7;
        UnaryF32(static_cast<Unary>(op), &x, 1, 0.25f, &y);
        UnaryF32Ref(static_cast<Unary>(op), &x, 1, 0.25f, &expected);
        if (x == 0 && op >= static_cast<int>(Unary::kSin)) CHECK(std::signbit(y) == std::signbit(expected));
        if (std::isnan(expected) || std::isinf(expected)) CHECK(SameValue(y, expected));
        else CHECK(std::fabs(y - expected) <= 1e-6f * std::fabs(expected) + (x == 3e38f || x == -3e38f || std::fabs(x) < 4 ? 4e-7f : 1.0f));
      }
    }
  });
}

}  // namespace tflower::kernels
