// Softmax and log-softmax against the reference on every SIMD target.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "softmax/softmax.h"
#include "vector_support.h"

namespace tflower::kernels {
namespace {

using namespace vector_test;

TEST_CASE("softmax equals the reference for every depth, in place and not") {
  ForEachTarget([] {
    INFO(TargetName());
    for (const size_t depth : {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 256, 257, 1000, 1001, 4097}) {
      for (const float beta : {1.0f, 0.1f}) {
        CAPTURE(depth);
        const size_t rows = depth > 500 ? 3 : depth == 3 ? 1531 : 37, n = rows * depth;
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
    for (const size_t depth : {1, 2, 3, 5, 16, 17, 33, 100, 1000, 4097}) {
      CAPTURE(depth);
      const size_t rows = depth > 500 ? 4 : depth == 3 ? 1531 : 37, n = rows * depth;
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

TEST_CASE("results of more than 8 MiB, which are written past the caches, equal those of a few rows, in place and not") {
  ForEachTarget([] {
    INFO(TargetName());
    for (const size_t depth : {10, 48, 77, 100, 257, 1000, 5000}) {
      CAPTURE(depth);
      const size_t odd = depth == 100 || depth == 257 ? 3 : 0, rows = (size_t{9} << 18) / depth / 16 * 16 + odd, n = rows * depth, half = rows / 2 * depth;
      Guarded<float> x(RandomFloats(n, -30, 30)), y(n), logs(n);
      std::vector<float> expected(n), expected_logs(n);
      for (const size_t at : {size_t{0}, half}) {
        const size_t count = at == 0 ? rows / 2 : rows - rows / 2;
        SoftmaxF32(x.data() + at, count, depth, 1, expected.data() + at);
        LogSoftmaxF32(x.data() + at, count, depth, expected_logs.data() + at);
      }
      SoftmaxF32(x.data(), rows, depth, 1, y.data());
      LogSoftmaxF32(x.data(), rows, depth, logs.data(), Splitting());  // pieces that begin anywhere in a line
      Guarded<float> in_place(std::vector<float>(x.data(), x.data() + n));
      LogSoftmaxF32(in_place.data(), rows, depth, in_place.data());
      SoftmaxF32(x.data(), rows, depth, 1, x.data());
      const auto same = [n](const float* a, const std::vector<float>& b) { return std::memcmp(a, b.data(), n * sizeof(float)) == 0; };
      CHECK(same(y.data(), expected));
      CHECK(same(logs.data(), expected_logs));
      CHECK(same(x.data(), expected));
      CHECK(same(in_place.data(), expected_logs));
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

TEST_CASE("special values of a row stay in it, whatever rows are taken together") {
  ForEachTarget([] {
    INFO(TargetName());
    for (const size_t depth : {1, 5, 16, 21, 33, 100, 300}) {
      CAPTURE(depth);
      const size_t rows = 53;
      std::vector<float> x = RandomFloats(rows * depth), y(x.size()), logs(x.size());
      const auto special = [](size_t row) { return row % 7 == 3; };
      for (size_t r = 0; r < rows; ++r) if (special(r)) x[r * depth + (r * 5) % depth] = r % 2 == 0 ? kNaN : kInfinity;
      std::vector<float> plain = x;
      for (float& v : plain) v = std::isfinite(v) ? v : 0;
      std::vector<float> expected(x.size()), expected_logs(x.size());
      SoftmaxRef(plain.data(), rows, depth, 1, expected.data());
      LogSoftmaxRef(plain.data(), rows, depth, expected_logs.data());
      SoftmaxF32(x.data(), rows, depth, 1, y.data());
      LogSoftmaxF32(x.data(), rows, depth, logs.data());
      bool right = true;
      for (size_t i = 0; i < x.size(); ++i) {
        if (special(i / depth)) right &= std::isnan(y[i]) && std::isnan(logs[i]);
        else right &= std::fabs(y[i] - expected[i]) <= 2e-6f && std::fabs(logs[i] - expected_logs[i]) <= 4e-6f;
      }
      CHECK(right);
    }
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
