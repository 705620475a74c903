// Softmax and log-softmax against the reference on every SIMD target.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "softmax/softmax.h"
#include "vector_support.h"

namespace tflower::kernels {
namespace {

using namespace vector_test;

TEST_CASE("softmax equals the reference for every depth, in place and not") {
  ForEachTarget([] {
    INFO(TargetName());
    for (const size_t depth : {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100, 1000, 1001, 4097}) {
      for (const float beta : {1.0f, 0.1f}) {
        CAPTURE(depth);
        const size_t rows = depth > 500 ? 3 : 11, n = rows * depth;
        Guarded<float> x(RandomFloats(n, -30, 30)), y(n);
        std::vector<float> expected(n);
        SoftmaxRef(x.data(), rows, depth, beta, expected.data());
        SoftmaxF32(x.data(), rows, depth, beta, y.data(), Splitting());
        bool close = true, same = true;
        for (size_t i = 0; i < n; ++i) {
          const float spread = beta * (*std::max_element(x.data() + i / depth * depth, x.data() + (i / depth + 1) * depth) - x[i]);
          close &= std::fabs(y[i] - expected[i]) <= (8 + 2 * spread) * 6e-8f * expected[i] + 1.2e-38f;
        }
        SoftmaxF32(x.data(), rows, depth, beta, x.data());
        for (size_t i = 0; i < n; ++i) same &= x[i] == y[i];
        CHECK(close);
        CHECK(same);
      }
    }
  });
}

TEST_CASE("log-softmax equals the reference") {
  ForEachTarget([] {
    INFO(TargetName());
    for (const size_t depth : {1, 2, 5, 16, 17, 33, 1000, 4097}) {
      CAPTURE(depth);
      const size_t rows = 4, n = rows * depth;
      Guarded<float> x(RandomFloats(n, -200, 200)), y(n);
      std::vector<float> expected(n);
      LogSoftmaxRef(x.data(), rows, depth, expected.data());
      LogSoftmaxF32(x.data(), rows, depth, y.data(), Splitting());
      bool close = true;
      for (size_t i = 0; i < n; ++i) close &= std::fabs(y[i] - expected[i]) <= 4 * 6e-8f * (std::fabs(expected[i]) + 10);
      CHECK(close);
    }
  });
}

TEST_CASE("softmax of special values") {
  ForEachTarget([] {
    INFO(TargetName());
    auto softmax = [](std::vector<float> x) {
      SoftmaxF32(x.data(), 1, x.size(), 1, x.data());
      return x;
    };
    CHECK(softmax({0, -kInfinity}) == std::vector<float>{1, 0});
    CHECK(softmax({3e38f, 3e38f}) == std::vector<float>{0.5f, 0.5f});
    CHECK(softmax({0, -100}) == std::vector<float>{1, 0});
    for (const float v : softmax({kNaN, 1, 2})) CHECK(std::isnan(v));
    for (const float v : softmax({1, 2, kNaN})) CHECK(std::isnan(v));
    for (const float v : softmax({-kInfinity, -kInfinity})) CHECK(std::isnan(v));
    std::vector<float> wide(40, 0.0f);
    wide[37] = kNaN;
    for (const float v : softmax(wide)) CHECK(std::isnan(v));
  });
}

TEST_CASE("empty softmax writes nothing") {
  float y = 7;
  SoftmaxF32(&y, 0, 5, 1, &y);
  SoftmaxF32(&y, 5, 0, 1, &y);
  LogSoftmaxF32(&y, 5, 0, &y);
  CHECK(y == 7);
}

}  // namespace
}  // namespace tflower::kernels
