// Reductions against plain loops over random shapes and axes, on every SIMD target.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "reduce/reduce.h"
#include "vector_support.h"

namespace tflower::kernels {
namespace {

using namespace vector_test;
using Dims = std::vector<int64_t>;

int64_t Count(const Dims& shape) { return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()); }

ReducePlan PlanOf(const Dims& shape, const std::vector<int32_t>& axes) {
  auto plan = PlanReduce(shape, axes);
  REQUIRE(plan.ok());
  return plan.value();
}

// The output element of every input element: the definition, without collapsing.
std::vector<size_t> Targets(const Dims& shape, uint32_t mask) {
  std::vector<size_t> targets;
  for (int64_t i = 0; i < Count(shape); ++i) {
    int64_t rest = i, out = 0, step = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      const int64_t at = rest % shape[axis];
      rest /= shape[axis];
      if (mask >> axis & 1) continue;
      out += at * step;
      step *= shape[axis];
    }
    targets.push_back(static_cast<size_t>(out));
  }
  return targets;
}

struct Case {
  Dims shape;
  std::vector<int32_t> axes;
  uint32_t mask = 0;
};

Case RandomCase() {
  Case c;
  const int64_t rank = RandomInt(0, 6);
  for (int64_t i = 0; i < rank; ++i) {
    c.shape.push_back(RandomInt(0, 9) == 0 ? RandomInt(60, 140) : RandomInt(1, 5));
    if (RandomInt(0, 1) == 0) continue;
    c.axes.push_back(static_cast<int32_t>(RandomInt(0, 1) == 0 ? i : i - rank));
    c.mask |= 1u << i;
  }
  if (rank > 0 && RandomInt(0, 15) == 0) c.shape[0] = 0;
  return Count(c.shape) <= 20000 ? c : RandomCase();
}

double Expected(Reduction op, const std::vector<float>& values, double& scale) {
  double sum = 0, product = 1, most = -kInfinity, least = kInfinity;
  scale = 0;
  bool nan = false;
  for (const float v : values) {
    sum += v;
    scale += std::fabs(v);
    product *= v;
    nan |= std::isnan(v);
    most = std::max<double>(most, v);
    least = std::min<double>(least, v);
  }
  const double count = static_cast<double>(values.size());
  switch (op) {
    case Reduction::kSum: return sum;
    case Reduction::kMean: scale /= count; return sum / count;
    case Reduction::kProd: scale = std::fabs(product); return product;
    case Reduction::kMax: scale = 0; return nan ? kNaN : most;
    default: scale = 0; return nan ? kNaN : least;
  }
}

void CheckF32(const Case& c, bool with_nan) {
  const ReducePlan plan = PlanOf(c.shape, c.axes);
  const size_t n = static_cast<size_t>(Count(c.shape));
  Guarded<float> x(RandomFloats(n, -1.5f, 1.5f));
  if (n > 3 && with_nan) x[n / 2] = kNaN;
  std::vector<std::vector<float>> groups(static_cast<size_t>(plan.outputs));
  const std::vector<size_t> targets = Targets(c.shape, c.mask);
  for (size_t i = 0; i < n; ++i) groups[targets[i]].push_back(x[i]);
  ForEachTarget([&] {
    INFO(TargetName());
    for (const Reduction op : {Reduction::kSum, Reduction::kMean, Reduction::kProd, Reduction::kMax, Reduction::kMin}) {
      CAPTURE(static_cast<int>(op));
      Guarded<float> out(groups.size()), ref(groups.size());
      REQUIRE(ReduceF32(op, plan, x.data(), out.data(), Splitting()).ok());
      ReduceF32Ref(op, plan, x.data(), ref.data());
      bool close = true, ref_close = true;
      for (size_t i = 0; i < groups.size(); ++i) {
        double scale;
        const double expected = Expected(op, groups[i], scale);
        const bool nan = std::isnan(expected);
        const double tolerance = op == Reduction::kProd ? 1e-5 * scale + 1e-44 : 5e-6 * scale;
        close &= nan ? std::isnan(out[i]) : SameValue(out[i], static_cast<float>(expected)) || std::fabs(out[i] - expected) <= tolerance;
        ref_close &= nan ? std::isnan(ref[i]) : SameValue(ref[i], static_cast<float>(expected)) || std::fabs(ref[i] - expected) <= 1e-7 * scale + 1e-44;
      }
      CHECK(close);
      CHECK(ref_close);
    }
  });
  }
}  // namespace

TEST_CASE("f32 reductions over random shapes and axes") {
  for (int trial = 0; trial < 250; ++trial) CheckF32(RandomCase(), trial % 5 == 0);
}

TEST_CASE("f32 reductions of more columns than a strip, of blocks of rows and of rows shorter than a vector") {
  for (const bool with_nan : {false, true}) {
    for (const int64_t rows : {1, 2, 5, 64, 67, 130}) CheckF32({{rows, 1061}, {0}, 1}, with_nan);
    for (const int64_t width : {2, 3, 7, 15, 16, 17}) CheckF32({{83, width}, {1}, 2}, with_nan);
    for (const int64_t width : {2, 3, 7, 15}) CheckF32({{2, 3001, width}, {1}, 2}, with_nan);
    CheckF32({{3, 5, 2, 1030}, {0, 2}, 5}, with_nan);
  }
}

TEST_CASE("integer and boolean reductions of many columns and long rows") {
  for (const Case& c : {Case{{9, 1061}, {0}, 1}, Case{{9, 1061}, {1}, 2}, Case{{3, 4, 2, 1030}, {0, 2}, 5}}) {
    const ReducePlan plan = PlanOf(c.shape, c.axes);
    const std::vector<size_t> targets = Targets(c.shape, c.mask);
    std::vector<int8_t> x(targets.size()), sums(static_cast<size_t>(plan.outputs)), most = sums, sum_seen = sums, most_seen = sums;
    for (int8_t& v : x) v = static_cast<int8_t>(RandomInt(-128, 127));
    std::fill(most.begin(), most.end(), std::numeric_limits<int8_t>::lowest());
    for (size_t i = 0; i < x.size(); ++i) {
      sums[targets[i]] = static_cast<int8_t>(sums[targets[i]] + x[i]);
      most[targets[i]] = std::max(most[targets[i]], x[i]);
    }
    REQUIRE(ReduceInt<int8_t>(Reduction::kSum, plan, x.data(), sum_seen.data(), Splitting()).ok());
    REQUIRE(ReduceInt<int8_t>(Reduction::kMax, plan, x.data(), most_seen.data(), Splitting()).ok());
    CHECK(sum_seen == sums);
    CHECK(most_seen == most);
    Guarded<bool> flags(x.size()), any(sums.size());
    std::vector<bool> expected(sums.size());
    for (size_t i = 0; i < x.size(); ++i) flags[i] = x[i] == 0, expected[targets[i]] = expected[targets[i]] || flags[i];
    ReduceBool(Reduction::kAny, plan, flags.data(), any.data(), Splitting());
    for (size_t i = 0; i < expected.size(); ++i) REQUIRE(any[i] == expected[i]);
    for (size_t i = 0; i < x.size(); ++i) flags[i] = !flags[i];
    ReduceBool(Reduction::kAll, plan, flags.data(), any.data(), Splitting());
    for (size_t i = 0; i < expected.size(); ++i) REQUIRE(any[i] == !expected[i]);
  }
}

TEST_CASE("long sums stay accurate") {
  ForEachTarget([] {
    INFO(TargetName());
    const size_t n = 1000001;
    const std::vector<float> x(n, 0.1f);
    float out = 0;
    REQUIRE(ReduceF32(Reduction::kMean, PlanOf({1000001}, {0}), x.data(), &out).ok());
    CHECK(std::fabs(out - 0.1f) <= 80 * 6e-8f * 0.1f);
    std::vector<float> columns(3);
    REQUIRE(ReduceF32(Reduction::kSum, PlanOf({333333, 3}, {0}), x.data(), columns.data()).ok());
    for (const float v : columns) CHECK(std::fabs(v - 33333.3f) <= 80 * 6e-8f * 33333.3f);
  });
}

TEST_CASE("sums keep infinities") {
  ForEachTarget([] {
    INFO(TargetName());
    std::vector<float> x(500 * 70, 1.0f);
    x[3 * 70 + 5] = kInfinity;
    std::vector<float> columns(70);
    REQUIRE(ReduceF32(Reduction::kSum, PlanOf({500, 70}, {0}), x.data(), columns.data()).ok());
    CHECK(columns[5] == kInfinity);
    CHECK(columns[6] == 500);
    float all = 0;
    REQUIRE(ReduceF32(Reduction::kSum, PlanOf({35000}, {0}), x.data(), &all).ok());
    CHECK(all == kInfinity);
  });
}

TEST_CASE("a result does not depend on how outputs are split") {
  const std::vector<float> x = RandomFloats(50 * 333);
  for (const auto& axes : {std::vector<int32_t>{0}, std::vector<int32_t>{1}}) {
    const ReducePlan plan = PlanOf({50, 333}, axes);
    std::vector<float> one(static_cast<size_t>(plan.outputs)), split(one.size());
    REQUIRE(ReduceF32(Reduction::kSum, plan, x.data(), one.data()).ok());
    REQUIRE(ReduceF32(Reduction::kSum, plan, x.data(), split.data(), Splitting()).ok());
    CHECK(one == split);
  }
}

TEST_CASE("plans collapse, and refuse bad axes") {
  CHECK(PlanOf({2, 3, 4, 5}, {1, 2}).rank == 3);
  CHECK(PlanOf({2, 3, 4, 5}, {2, 3}).rank == 2);
  CHECK(PlanOf({2, 1, 4, 1}, {1, 3}).count == 1);
  CHECK(PlanOf({2, 3}, {}).outputs == 6);
  CHECK(PlanOf({2, 3}, {0, -2, 1}).outputs == 1);
  CHECK(PlanOf({int64_t{1} << 40, int64_t{1} << 40, 0}, {0, 1}).outputs == 0);
  CHECK(PlanReduce(Dims{2, 3}, std::vector<int32_t>{2}).error().code == Code::kInvalidOperand);
  CHECK(PlanReduce(Dims{2, 3}, std::vector<int32_t>{-3}).error().code == Code::kInvalidOperand);
  CHECK(PlanReduce(Dims{int64_t{1} << 40, int64_t{1} << 40}, std::vector<int32_t>{0}).error().code == Code::kUnsupportedShape);
}

TEST_CASE("empty reductions give the neutral value") {
  ForEachTarget([] {
    const ReducePlan plan = PlanOf({2, 0}, {1});
    float out[2];
    const float neutral[] = {0, kNaN, 1, -kInfinity, kInfinity};
    for (int op = 0; op <= static_cast<int>(Reduction::kMin); ++op) {
      REQUIRE(ReduceF32(static_cast<Reduction>(op), plan, nullptr, out).ok());
      CHECK(SameValue(out[0], neutral[op]));
      CHECK(SameValue(out[1], neutral[op]));
    }
  });
  const ReducePlan plan = PlanOf({1, 0}, {1});
  int32_t out = 5;
  REQUIRE(ReduceInt<int32_t>(Reduction::kMean, plan, nullptr, &out).ok());
  CHECK(out == 0);
  REQUIRE(ReduceInt<int32_t>(Reduction::kMax, plan, nullptr, &out).ok());
  CHECK(out == std::numeric_limits<int32_t>::lowest());
}

TEST_CASE_TEMPLATE("integer reductions", T, int8_t, int16_t, int32_t, int64_t) {
  const std::vector<T> x = {1, -2, 3, -4, 5, -60};
  const ReducePlan rows = PlanOf({2, 3}, {1}), columns = PlanOf({2, 3}, {0});
  std::vector<T> out(2), wide(3);
  REQUIRE(ReduceInt<T>(Reduction::kSum, rows, x.data(), out.data(), Splitting()).ok());
  CHECK(out == std::vector<T>{2, -59});
  REQUIRE(ReduceInt<T>(Reduction::kMean, rows, x.data(), out.data()).ok());
  CHECK(out == std::vector<T>{0, -19});
  REQUIRE(ReduceInt<T>(Reduction::kMax, columns, x.data(), wide.data()).ok());
  CHECK(wide == std::vector<T>{1, 5, 3});
  REQUIRE(ReduceInt<T>(Reduction::kMin, columns, x.data(), wide.data()).ok());
  CHECK(wide == std::vector<T>{-4, -2, -60});
  REQUIRE(ReduceInt<T>(Reduction::kProd, rows, x.data(), out.data()).ok());
  CHECK(out[0] == static_cast<T>(-6));
  CHECK(out[1] == static_cast<T>(1200));
  const std::vector<T> big = {std::numeric_limits<T>::max(), 1};
  T wrapped = 0;
  REQUIRE(ReduceInt<T>(Reduction::kSum, PlanOf({2}, {0}), big.data(), &wrapped).ok());
  CHECK(wrapped == std::numeric_limits<T>::lowest());
}

TEST_CASE("any and all") {
  const bool x[] = {false, true, true, true};
  bool out[2];
  ReduceBool(Reduction::kAny, PlanOf({2, 2}, {1}), x, out);
  CHECK((out[0] && out[1]));
  ReduceBool(Reduction::kAll, PlanOf({2, 2}, {1}), x, out);
  CHECK((!out[0] && out[1]));
  ReduceBool(Reduction::kAny, PlanOf({0}, {0}), x, out);
  CHECK_FALSE(out[0]);
  ReduceBool(Reduction::kAll, PlanOf({0}, {0}), x, out);
  CHECK(out[0]);
}

}  // namespace tflower::kernels
