// L2_NORMALIZATION: against the reference on every SIMD target, special values, and through its row.
#include "l2_normalization/l2_normalization.h"
#include "tests/support/kernel_harness.h"
#include "vector_support.h"

namespace tflower::kernels {
extern const KernelFamily family_l2_normalization;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using namespace tflower::kernels::vector_test;

TEST_CASE("L2 normalisation equals the reference for every depth, in place and not") {
  ForEachTarget([] {
    INFO(TargetName());
    for (const size_t depth : {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 1001, 2047, 20001}) {
      for (const float size : {1e-9f, 1e-4f, 1.0f, 1e15f}) {
        CAPTURE(depth);
        CAPTURE(size);
        const size_t rows = depth > 500 ? 2 : 9, n = rows * depth;
        Guarded<float> x(RandomFloats(n, -size, size)), y(n);
        std::vector<float> expected(n);
        kernels::L2NormalizeRef(x.data(), rows, depth, expected.data());
        kernels::L2NormalizeF32(x.data(), rows, depth, y.data(), Splitting());
        bool close = true;
        for (size_t i = 0; i < n; ++i) close &= std::fabs(y[i] - expected[i]) <= 4 * 6e-8f * std::fabs(expected[i]) + 1.2e-38f;
        CHECK(close);
        kernels::L2NormalizeF32(x.data(), rows, depth, x.data());
        CHECK(std::equal(x.data(), x.data() + n, y.data()));
      }
    }
  });
}

TEST_CASE("L2 normalisation of special rows") {
  ForEachTarget([] {
    INFO(TargetName());
    const auto normalized = [](std::vector<float> x) {
      kernels::L2NormalizeF32(x.data(), 1, x.size(), x.data());
      return x;
    };
    CHECK(normalized({0, -0.0f, 0}) == std::vector<float>{0, 0, 0});
    CHECK(normalized({3, -4}) == std::vector<float>{0.6f, -0.8f});
    CHECK(normalized({2e-7f})[0] == doctest::Approx(0.2f));     // below the smallest norm
    CHECK(normalized({1e25f, 1}) == std::vector<float>{0, 0});  // the sum of squares is beyond float
    for (const float v : normalized({1, kNaN, 2})) CHECK(std::isnan(v));
    const std::vector<float> infinite = normalized({kInfinity, 1});
    CHECK(std::isnan(infinite[0]));
    CHECK(infinite[1] == 0);
  });
}

KernelCall Normalize(const Value& x) {
  KernelCall call(kernels::family_l2_normalization, tfl::Builtin::L2_NORMALIZATION);
  return call.Input(x);
}

TEST_CASE("L2_NORMALIZATION goes over the last dimension and has no activation") {
  const Value x = Make<float>({2, 1, 2}, {3, 4, 0, -5});
  CHECK(Normalize(x).Run().value()[0].As<float>() == std::vector<float>{0.6f, 0.8f, 0, -1});
  CHECK(Normalize(x).InPlace(0).Run().value()[0].As<float>() == std::vector<float>{0.6f, 0.8f, 0, -1});
  CHECK(Normalize(Iota<float>({3, 0})).Run().value()[0].dims == Dims{3, 0});
  CHECK(Normalize(Iota<float>({0, 3})).Run().value()[0].dims == Dims{0, 3});
  CHECK_FAILS(Normalize(Scalar(1.0f)).Run(), Code::kUnsupportedShape, "rank(input) >= 1");
  CHECK_FAILS(Normalize(x).Options(tfl::L2NormOptions{.fused_activation_function = tfl::ActivationFunctionType::RELU}).Run(), Code::kInvalidGraph,
              "fused_activation_function == NONE");
}

}  // namespace
