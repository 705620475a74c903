// LOCAL_RESPONSE_NORMALIZATION through its row, against its formula in double.
#include <cmath>
#include <random>

#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_lrn;
}

namespace {
using namespace tflower;
using namespace tflower::test;
using Options = tfl::LocalResponseNormalizationOptions;

std::vector<float> Random(size_t n) {
  std::mt19937 engine(3);
  std::uniform_real_distribution<float> value(-3.0f, 3.0f);
  std::vector<float> x(n);
  for (float& v : x) v = value(engine);
  return x;
}

double Expected(const std::vector<float>& x, int64_t depth, int64_t i, const Options& o) {
  const int64_t row = i / depth, c = i % depth;
  double sum = 0;
  for (int64_t k = std::max<int64_t>(0, c - o.radius); k <= std::min<int64_t>(depth - 1, c + o.radius); ++k) {
    const double v = x[static_cast<size_t>(row * depth + k)];
    sum += v * v;
  }
  return x[static_cast<size_t>(i)] * std::pow(double{o.bias} + double{o.alpha} * sum, -double{o.beta});
}

void Check(Dims dims, const Options& options, int threads) {
  int64_t n = 1;
  for (int64_t d : dims) n *= d;
  const std::vector<float> x = Random(static_cast<size_t>(n));
  KernelCall call(kernels::family_lrn, tfl::Builtin::LOCAL_RESPONSE_NORMALIZATION);
  const auto out = call.Options(options).Input(Make<float>(dims, x)).Threads(threads).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == dims);
  const std::vector<float> y = out.value()[0].As<float>();
  double worst = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double expected = Expected(x, dims.back(), i, options);
    worst = std::max(worst, std::fabs(static_cast<double>(y[static_cast<size_t>(i)]) - expected) / std::max(1e-3, std::fabs(expected)));
  }
  CHECK(worst < 2e-6);
}

TEST_CASE("LOCAL_RESPONSE_NORMALIZATION: radii, exponents, threads") {
  for (const float beta : {0.5f, 0.75f, 1.0f, 0.6f, 0.0f}) {
    for (const int32_t radius : {0, 2, 5, 100, 2147483647}) {
      Check({2, 3, 5, 17}, {.radius = radius, .bias = 1.5f, .alpha = 0.3f, .beta = beta}, 1);
      Check({1, 64, 40, 24}, {.radius = radius, .bias = 1.0f, .alpha = 1e-2f, .beta = beta}, 3);
    }
  }
}

TEST_CASE("LOCAL_RESPONSE_NORMALIZATION: empty tensors, bad radii") {
  KernelCall empty(kernels::family_lrn, tfl::Builtin::LOCAL_RESPONSE_NORMALIZATION);
  CHECK(empty.Options(Options{.radius = 1}).Input(Make<float>({1, 1, 2, 0}, {})).Run().value()[0].dims == Dims{1, 1, 2, 0});
  KernelCall negative(kernels::family_lrn, tfl::Builtin::LOCAL_RESPONSE_NORMALIZATION);
  CHECK_FAILS(negative.Options(Options{.radius = -1}).Input(Iota<float>({1, 1, 2, 2})).Run(), Code::kInvalidGraph, "radius >= 0");
}

}  // namespace
