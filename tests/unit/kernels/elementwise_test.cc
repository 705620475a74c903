// Elementwise operators: unary kernels against the reference on every target, broadcasting against index arithmetic.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "elementwise/binary.h"
#include "elementwise/binary_ops.h"
#include "elementwise/select.h"
#include "elementwise/unary.h"
#include "vector_support.h"

namespace tflower::kernels {
namespace {

using namespace vector_test;

using Dims = std::vector<int64_t>;

int64_t Count(const Dims& shape) { return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()); }

BroadcastPlan PlanOf(std::initializer_list<Dims> shapes) {
  std::vector<std::span<const int64_t>> spans(shapes.begin(), shapes.end());
  auto plan = PlanBroadcast(spans);
  REQUIRE(plan.ok());
  return plan.value();
}

// Index into an operand of shape `shape` for element `index` of `out`: the definition of broadcasting.
int64_t SourceIndex(const Dims& shape, const Dims& out, int64_t index) {
  int64_t source = 0, step = 1;
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t at = index % out[out.size() - 1 - i];
    index /= out[out.size() - 1 - i];
    if (i >= shape.size()) continue;
    const int64_t dim = shape[shape.size() - 1 - i];
    if (dim != 1) source += at * step;
    step *= dim;
  }
  return source;
}

Dims OutShape(const Dims& a, const Dims& b) {
  const std::span<const int64_t> spans[] = {a, b};
  auto out = BroadcastOf(spans);
  REQUIRE(out.ok());
  return Dims(out.value().begin(), out.value().end());
}

// An operand that broadcasts to `out`: random dimensions become 1, leading ones may vanish.
Dims RandomOperand(const Dims& out) {
  Dims shape = out;
  for (int64_t& dim : shape) if (RandomInt(0, 3) == 0) dim = 1;
  const int64_t drop = RandomInt(0, 3) == 0 ? RandomInt(0, static_cast<int64_t>(out.size())) : 0;
  shape.erase(shape.begin(), shape.begin() + drop);
  return shape;
}

Dims RandomShape() {
  Dims shape(static_cast<size_t>(RandomInt(0, 5)));
  for (int64_t& dim : shape) dim = RandomInt(0, 12) == 0 ? RandomInt(30, 40) : RandomInt(1, 5);
  if (!shape.empty() && RandomInt(0, 20) == 0) shape[0] = 0;
  return shape;
}

float ScalarF32(Binary op, float a, float b) {
  bool bad = false;
  switch (op) {
    case Binary::kAdd: return a + b;
    case Binary::kSub: return a - b;
    case Binary::kMul: return a * b;
    case Binary::kDiv: return a / b;
    case Binary::kMaximum: return std::isnan(a) || a > b ? a : b;
    case Binary::kMinimum: return std::isnan(a) || a < b ? a : b;
    case Binary::kSquaredDifference: return (a - b) * (a - b);
    case Binary::kPrelu: return a >= 0 ? a : a * b;
    case Binary::kPow: return std::pow(a, b);
    case Binary::kFloorDiv: return std::floor(a / b);
    case Binary::kFloorMod: return scalar::FloorMod(a, b, bad);
    case Binary::kAtan2: return std::atan2(a, b);
    default: return 0;
  }
}

constexpr float kSpecials[] = {0.0f, -0.0f, 1.0f, -1.0f, 2.5f, -7.25f, kNaN, kInfinity, -kInfinity, 1e-40f};

std::vector<float> MixedFloats(size_t n) {
  std::vector<float> values = RandomFloats(n);
  for (float& v : values) if (RandomInt(0, 7) == 0) v = kSpecials[RandomInt(0, std::size(kSpecials) - 1)];
  return values;
}

}  // namespace

TEST_CASE("unary f32 equals the reference for every length, target and split, in place and not") {
  ForEachTarget([] {
    INFO(TargetName());
    for (int op = 0; op < kUnaryCount; ++op) {
      CAPTURE(op);
      for (const size_t n : {0, 1, 2, 3, 7, 15, 16, 17, 31, 33, 100, 20011}) {
        const std::vector<float> values = RandomFloats(n, -9, 9);
        Guarded<float> x(values), y(n);
        std::vector<float> expected(n);
        UnaryF32Ref(static_cast<Unary>(op), x.data(), n, 0.3f, expected.data());
        UnaryF32(static_cast<Unary>(op), x.data(), n, 0.3f, y.data(), Splitting());
        UnaryF32(static_cast<Unary>(op), x.data(), n, 0.3f, x.data());
        bool same = true, close = true;
        for (size_t i = 0; i < n; ++i) {
          same &= SameValue(x[i], y[i]);
          close &= SameValue(y[i], expected[i]) || std::fabs(y[i] - expected[i]) <= 3e-6f * std::fabs(expected[i]) + 4e-7f;
        }
        CHECK(same);
        CHECK(close);
      }
    }
  });
}

TEST_CASE("exact unary operators are bit-exact") {
  ForEachTarget([] {
    INFO(TargetName());
    const std::vector<float> x = MixedFloats(999);
    for (const Unary op : {Unary::kAbs, Unary::kNeg, Unary::kSquare, Unary::kSqrt, Unary::kSign, Unary::kFloor, Unary::kCeil,
                           Unary::kRound, Unary::kRelu, Unary::kRelu6, Unary::kReluN1To1, Unary::kRelu0To1, Unary::kLeakyRelu}) {
      CAPTURE(static_cast<int>(op));
      std::vector<float> y(x.size()), expected(x.size());
      UnaryF32(op, x.data(), x.size(), 0.2f, y.data());
      UnaryF32Ref(op, x.data(), x.size(), 0.2f, expected.data());
      for (size_t i = 0; i < x.size(); ++i) {
        CAPTURE(x[i]);
        REQUIRE(SameValue(y[i], expected[i]));
      }
    }
  });
}

TEST_CASE_TEMPLATE("unary integers wrap", T, int8_t, int16_t, int32_t, int64_t) {
  constexpr T kLowest = std::numeric_limits<T>::lowest();
  const std::vector<T> x = {0, 1, -1, 5, -7, 100, kLowest, std::numeric_limits<T>::max()};
  std::vector<T> y(x.size());
  REQUIRE(UnaryInt(Unary::kAbs, x.data(), x.size(), y.data()));
  CHECK(y == std::vector<T>{0, 1, 1, 5, 7, 100, kLowest, std::numeric_limits<T>::max()});
  REQUIRE(UnaryInt(Unary::kSign, x.data(), x.size(), y.data()));
  CHECK(y == std::vector<T>{0, 1, -1, 1, -1, 1, -1, 1});
  REQUIRE(UnaryInt(Unary::kRelu6, x.data(), x.size(), y.data(), Splitting()));
  CHECK(y == std::vector<T>{0, 1, 0, 5, 0, 6, 0, 6});
  REQUIRE(UnaryInt(Unary::kSquare, x.data(), x.size(), y.data()));
  CHECK(y[6] == 0);
  CHECK(y[7] == 1);
  REQUIRE(UnaryInt(Unary::kNeg, x.data(), x.size(), y.data()));
  CHECK(y[6] == kLowest);
  CHECK_FALSE(UnaryInt(Unary::kExp, x.data(), x.size(), y.data()));
  CHECK_FALSE(HasUnaryInt(Unary::kExp));
}

TEST_CASE("broadcast plans collapse") {
  CHECK(PlanOf({{2, 3, 4}, {2, 3, 4}}).rank == 1);
  CHECK(PlanOf({{2, 3, 4, 5}, {5}}).rank == 2);
  CHECK(PlanOf({{2, 3, 4, 5}, {}}).rank == 1);
  CHECK(PlanOf({{2, 3, 4, 5}, {2, 1, 1, 5}}).rank == 3);
  CHECK(PlanOf({{1, 3, 1, 5}, {1, 3, 1, 5}}).rank == 1);
  CHECK(PlanOf({{}, {}}).size == 1);
  CHECK(PlanOf({{0, 3}, {1}}).size == 0);
  CHECK(PlanOf({{2, 1, 2, 1, 2, 1, 2, 1}, {1, 2, 1, 2, 1, 2, 1, 2}}).rank == 8);
}

TEST_CASE("broadcast errors") {
  auto plan = [](std::vector<Dims> shapes) {
    std::vector<std::span<const int64_t>> spans(shapes.begin(), shapes.end());
    return PlanBroadcast(spans);
  };
  CHECK(plan({{2, 3}, {2, 4}}).error().code == Code::kUnsupportedShape);
  CHECK(plan({{0}, {2}}).error().code == Code::kUnsupportedShape);
  CHECK(plan({{int64_t{1} << 40, 1}, {1, int64_t{1} << 40}}).error().code == Code::kLimit);
}

TEST_CASE("binary f32 with random broadcasts equals index arithmetic on every target") {
  ForEachTarget([] {
    INFO(TargetName());
    for (int trial = 0; trial < 300; ++trial) {
      const Dims full = RandomShape(), a_shape = RandomOperand(full), b_shape = RandomOperand(full), out_shape = OutShape(a_shape, b_shape);
      const BroadcastPlan plan = PlanOf({a_shape, b_shape});
      REQUIRE(plan.size == Count(out_shape));
      const std::vector<float> a_values = MixedFloats(static_cast<size_t>(Count(a_shape)));
      const std::vector<float> b_values = MixedFloats(static_cast<size_t>(Count(b_shape)));
      Guarded<float> a(a_values), b(b_values), out(static_cast<size_t>(plan.size));
      const Binary op = static_cast<Binary>(trial % (static_cast<int>(Binary::kAtan2) + 1));
      CAPTURE(static_cast<int>(op));
      REQUIRE(BinaryF32(op, plan, a.data(), b.data(), {}, out.data(), Splitting()).ok());
      bool same = true;
      for (int64_t i = 0; i < plan.size; ++i) {
        const float va = a[static_cast<size_t>(SourceIndex(a_shape, out_shape, i))], vb = b[static_cast<size_t>(SourceIndex(b_shape, out_shape, i))];
        const float seen = out[static_cast<size_t>(i)];
        same &= SameValue(seen, ScalarF32(op, va, vb)) || (op == Binary::kPow && UlpError(seen, std::pow(double{va}, double{vb})) <= 2);
      }
      CHECK(same);
    }
  });
}

TEST_CASE("large pieces are split and in place works") {
  const size_t n = 100003;
  std::vector<float> a = RandomFloats(n), b = RandomFloats(n);
  std::vector<float> expected(n);
  for (size_t i = 0; i < n; ++i) expected[i] = a[i] * b[i];
  REQUIRE(BinaryF32(Binary::kMul, PlanOf({{100003}, {100003}}), a.data(), b.data(), {}, a.data(), Splitting()).ok());
  CHECK(a == expected);
}

TEST_CASE("fused clamps hold for arithmetic and keep NaN") {
  ForEachTarget([] {
    INFO(TargetName());
    const float a[] = {-5, 0.5f, 9, kNaN}, b = 0;
    float out[4];
    REQUIRE(BinaryF32(Binary::kAdd, PlanOf({{4}, {}}), a, &b, {0, 6}, out).ok());
    CHECK(out[0] == 0);
    CHECK(out[1] == 0.5f);
    CHECK(out[2] == 6);
    CHECK(std::isnan(out[3]));
  });
  const int32_t ia[] = {-5, 3, 9}, ib = 1;
  int32_t out[3];
  REQUIRE(BinaryPlain<int32_t>(Binary::kAdd, PlanOf({{3}, {}}), ia, &ib, {0, 6}, out).ok());
  CHECK(out[0] == 0);
  CHECK(out[1] == 4);
  CHECK(out[2] == 6);
}

TEST_CASE_TEMPLATE("integer division follows TF's sign rules and refuses zero", T, int8_t, int16_t, int32_t, int64_t) {
  constexpr T kLowest = std::numeric_limits<T>::lowest();
  const std::vector<T> a = {7, -7, 7, -7, 6, -6, kLowest, kLowest}, b = {2, 2, -2, -2, 3, 3, -1, 1};
  const BroadcastPlan plan = PlanOf({{8}, {8}});
  std::vector<T> out(8);
  auto run = [&](Binary op) { return BinaryPlain<T>(op, plan, a.data(), b.data(), {}, out.data()).ok(); };
  REQUIRE(run(Binary::kFloorDiv));
  CHECK(out == std::vector<T>{3, -4, -4, 3, 2, -2, kLowest, kLowest});
  REQUIRE(run(Binary::kFloorMod));
  CHECK(out == std::vector<T>{1, 1, -1, -1, 0, 0, 0, 0});
  REQUIRE(run(Binary::kDiv));
  CHECK(out == std::vector<T>{3, -3, -3, 3, 2, -2, kLowest, kLowest});
  const T zero = 0;
  for (const Binary op : {Binary::kDiv, Binary::kFloorDiv, Binary::kFloorMod}) {
    auto status = BinaryPlain<T>(op, PlanOf({{8}, {}}), a.data(), &zero, {}, out.data());
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code == Code::kInvalidOperand);
  }
}

TEST_CASE("integer arithmetic wraps; powers, shifts, xor") {
  auto run = [](Binary op, int32_t a, int32_t b) {
    int32_t out = 0;
    REQUIRE(BinaryPlain<int32_t>(op, PlanOf({{}, {}}), &a, &b, {}, &out).ok());
    return out;
  };
  constexpr int32_t kMax = std::numeric_limits<int32_t>::max(), kMin = std::numeric_limits<int32_t>::min();
  CHECK(run(Binary::kAdd, kMax, 1) == kMin);
  CHECK(run(Binary::kSub, kMin, 1) == kMax);
  CHECK(run(Binary::kMul, 65536, 65536) == 0);
  CHECK(run(Binary::kSquaredDifference, kMax, -1) == 0);
  CHECK(run(Binary::kPow, -3, 5) == -243);
  CHECK(run(Binary::kPow, 0, 0) == 1);
  CHECK(run(Binary::kRightShift, -8, 1) == -4);
  CHECK(run(Binary::kRightShift, 8, 40) == 0);
  CHECK(run(Binary::kRightShift, 8, -3) == 8);
  CHECK(run(Binary::kBitwiseXor, 12, 10) == 6);
  CHECK(run(Binary::kMaximum, -2, 3) == 3);
  int32_t a = 2, b = -1, out = 0;
  CHECK_FALSE(BinaryPlain<int32_t>(Binary::kPow, PlanOf({{}, {}}), &a, &b, {}, &out).ok());
  CHECK_FALSE(BinaryPlain<int32_t>(Binary::kAtan2, PlanOf({{}, {}}), &a, &b, {}, &out).ok());
  const uint8_t ua = 200, ub = 9;
  uint8_t uout = 0;
  REQUIRE(BinaryPlain<uint8_t>(Binary::kRightShift, PlanOf({{}, {}}), &ua, &ub, {}, &uout).ok());
  CHECK(uout == 1);
  REQUIRE(BinaryPlain<uint8_t>(Binary::kMul, PlanOf({{}, {}}), &ua, &ub, {}, &uout).ok());
  CHECK(uout == static_cast<uint8_t>(1800));
}

TEST_CASE("float remainders are those of the C library, bit by bit, near multiples of the divisor too") {
  const auto random_sign = [] { return RandomInt(0, 1) == 0 ? 1.0f : -1.0f; };
  constexpr int64_t n = 4096;
  for (int round = 0; round < 60; ++round) {
    std::vector<float> a(n), b(n), expected(n);
    const int64_t largest = int64_t{1} << RandomInt(0, round % 3 == 0 ? 30 : 21);  // of quotients
    const int scale = static_cast<int>(RandomInt(-100, 90));
    for (size_t i = 0; i < n; ++i) {
      b[i] = random_sign() * std::ldexp(1 + static_cast<float>(RandomInt(0, (1 << 23) - 1)) * 0x1p-23f, scale);
      a[i] = random_sign() * static_cast<float>(RandomInt(0, largest)) * b[i];
      for (int64_t k = RandomInt(0, 3); k > 0; --k) a[i] = std::nextafter(a[i], RandomInt(0, 1) == 0 ? 0.0f : 2 * a[i]);
      bool bad = false;
      expected[i] = scalar::FloorMod(a[i], b[i], bad);
    }
    ForEachTarget([&] {
      std::vector<float> out(n);
      REQUIRE(BinaryF32(Binary::kFloorMod, PlanOf({{n}, {n}}), a.data(), b.data(), {}, out.data()).ok());
      size_t i = 0;
      while (i < n && std::memcmp(&out[i], &expected[i], sizeof(float)) == 0) ++i;
      const size_t k = std::min<size_t>(i, n - 1);
      INFO(TargetName(), " ", a[k], " mod ", b[k], " = ", expected[k], ", not ", out[k]);
      CHECK(i == n);
    });
  }
}

TEST_CASE("float remainders take the divisor's sign") {
  auto mod = [](float a, float b) {
    float out = 0;
    REQUIRE(BinaryF32(Binary::kFloorMod, PlanOf({{}, {}}), &a, &b, {}, &out).ok());
    return out;
  };
  CHECK(mod(7.5f, -2.0f) == -0.5f);
  CHECK(mod(-7.5f, 2.0f) == 0.5f);
  CHECK(mod(1.0f, kInfinity) == 1.0f);
  CHECK(mod(-1.0f, kInfinity) == kInfinity);
  CHECK(std::isnan(mod(1.0f, 0.0f)));
}

TEST_CASE("comparisons on every target and type, with broadcasting and tails") {
  ForEachTarget([] {
    INFO(TargetName());
    for (const int64_t n : {1, 3, 16, 17, 35, 20000}) {
      const std::vector<float> a_values = MixedFloats(static_cast<size_t>(n));
      Guarded<float> a(a_values);
      std::vector<float> b = MixedFloats(static_cast<size_t>(n));
      for (size_t i = 0; i < b.size(); i += 3) b[i] = a[i];
      for (const bool row : {false, true}) {
        const BroadcastPlan plan = row ? PlanOf({{n}, {}}) : PlanOf({{n}, {n}});
        for (int op = 0; op < 6; ++op) {
          Guarded<bool> out(static_cast<size_t>(n));
          Compare<float>(static_cast<Comparison>(op), plan, a.data(), b.data(), out.data(), Splitting());
          bool same = true;
          for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
            const float x = a[i], y = row ? b[0] : b[i];
            const bool expected[] = {x < y, x <= y, x > y, x >= y, x == y, x != y};
            same &= out[i] == expected[op];
          }
          CHECK(same);
        }
      }
    }
  });
  const int64_t a[] = {1, 2, 3}, b = 2;
  bool out[3];
  Compare<int64_t>(Comparison::kGreaterEqual, PlanOf({{3}, {}}), a, &b, out);
  CHECK((!out[0] && out[1] && out[2]));
  Compare<int64_t>(Comparison::kLess, PlanOf({{}, {3}}), &b, a, out);
  CHECK((!out[0] && !out[1] && out[2]));
}

TEST_CASE("logical operators") {
  const bool a[] = {false, false, true, true}, b[] = {false, true, false, true};
  bool out[4];
  LogicalBinary(Logic::kAnd, PlanOf({{4}, {4}}), a, b, out);
  CHECK((!out[0] && !out[1] && !out[2] && out[3]));
  LogicalBinary(Logic::kOr, PlanOf({{4}, {4}}), a, b, out);
  CHECK((!out[0] && out[1] && out[2] && out[3]));
  LogicalNot(a, 4, out);
  CHECK((out[0] && out[1] && !out[2] && !out[3]));
}

TEST_CASE_TEMPLATE("select with random broadcasts equals index arithmetic", T, uint8_t, int16_t, float, int64_t) {
  for (int trial = 0; trial < 100; ++trial) {
    const Dims full = RandomShape(), c_shape = RandomOperand(full), x_shape = RandomOperand(full), y_shape = RandomOperand(full);
    const Dims out_shape = OutShape(OutShape(c_shape, x_shape), y_shape);
    const BroadcastPlan plan = PlanOf({c_shape, x_shape, y_shape});
    Guarded<bool> c(static_cast<size_t>(Count(c_shape)));
    Guarded<T> x(static_cast<size_t>(Count(x_shape))), y(static_cast<size_t>(Count(y_shape))), out(static_cast<size_t>(plan.size));
    for (size_t i = 0; i < c.size(); ++i) c[i] = RandomInt(0, 1) != 0;
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(RandomInt(0, 100));
    for (size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(RandomInt(0, 100));
    Select(plan, c.data(), x.data(), y.data(), sizeof(T), out.data(), Splitting());
    bool same = true;
    for (int64_t i = 0; i < plan.size; ++i) {
      const size_t ic = static_cast<size_t>(SourceIndex(c_shape, out_shape, i)), ix = static_cast<size_t>(SourceIndex(x_shape, out_shape, i)),
                   iy = static_cast<size_t>(SourceIndex(y_shape, out_shape, i));
      same &= out[static_cast<size_t>(i)] == (c[ic] ? x[ix] : y[iy]);
    }
    CHECK(same);
  }
}

TEST_CASE("SELECT version 1 conditions") {
  const Dims x = {3, 2};
  CHECK(SelectConditionShape(Dims{3}, x).value() == Shape{3, 1});
  CHECK(SelectConditionShape(Dims{}, x).value() == Shape{});
  CHECK(SelectConditionShape(Dims{3, 2}, x).value() == Shape{3, 2});
  CHECK(SelectConditionShape(Dims{2}, x).error().code == Code::kUnsupportedShape);
  CHECK(SelectConditionShape(Dims{1, 2}, x).error().code == Code::kUnsupportedShape);
}

}  // namespace tflower::kernels
