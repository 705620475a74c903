// RANDOM_UNIFORM, RANDOM_STANDARD_NORMAL, MULTINOMIAL. That their numbers are LiteRT's is tested by tests/parity.
#include "shared/philox.h"
#include <cmath>
#include <limits>

#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_random;
}

using namespace tflower;
using namespace tflower::test;

namespace {

constexpr tfl::RandomOptions kSeeds{.seed = 7, .seed2 = 9};

std::vector<float> Draw(tfl::Builtin code, Dims dims, tfl::RandomOptions seeds = kSeeds) {
  std::vector<int32_t> shape(dims.begin(), dims.end());
  KernelCall call(kernels::family_random, code);
  auto out = call.Options(seeds).Input(Make<int32_t>({static_cast<int64_t>(shape.size())}, shape)).Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == dims);
  return out.value()[0].As<float>();
}

}  // namespace

TEST_CASE("Philox: the numbers of its authors, and skipping") {
  CHECK(Philox(0, 0, 0)() == Philox::Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(Philox(~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0})() == Philox::Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  Philox a(1, ~uint64_t{0} - 1, 5), b = a;
  for (int i = 0; i < 3; ++i) a();
  b.Skip(3);
  CHECK(a() == b());
}

TEST_CASE("Uniform and normal numbers") {
  const std::vector<float> uniform = Draw(tfl::Builtin::RANDOM_UNIFORM, {3, 1001});
  CHECK(*std::min_element(uniform.begin(), uniform.end()) >= 0);
  CHECK(*std::max_element(uniform.begin(), uniform.end()) < 1);
  double sum = 0, normal_sum = 0, squares = 0;
  for (const float x : uniform) sum += static_cast<double>(x);
  CHECK(sum / 3003 == doctest::Approx(0.5).epsilon(0.05));
  for (const float x : Draw(tfl::Builtin::RANDOM_STANDARD_NORMAL, {3003})) normal_sum += static_cast<double>(x), squares += static_cast<double>(x * x);
  CHECK(std::abs(normal_sum / 3003) < 0.1);
  CHECK(squares / 3003 == doctest::Approx(1).epsilon(0.1));
  CHECK(Draw(tfl::Builtin::RANDOM_UNIFORM, {5}) == Draw(tfl::Builtin::RANDOM_UNIFORM, {5}));
  CHECK(Draw(tfl::Builtin::RANDOM_UNIFORM, {5}, {}) != Draw(tfl::Builtin::RANDOM_UNIFORM, {5}, {}));
  CHECK(Draw(tfl::Builtin::RANDOM_UNIFORM, {0, 4}).empty());
  KernelCall negative(kernels::family_random, tfl::Builtin::RANDOM_UNIFORM);
  negative.Input(Make<int32_t>({1}, {-4}));
  CHECK_FAILS(negative.Run(), Code::kUnsupportedShape, "negative");
}

TEST_CASE("MULTINOMIAL") {
  const float inf = std::numeric_limits<float>::infinity();
  KernelCall call(kernels::family_random, tfl::Builtin::MULTINOMIAL);
  call.Options(kSeeds).OutputTypes({DType::kInt32}).Input(Make<float>({2, 3}, {0, -inf, 1, 5, -90, -90})).Input(Scalar<int32_t>(400));
  auto out = call.Run();
  REQUIRE_OK(out);
  CHECK(out.value()[0].dims == Dims{2, 400});
  int64_t count[2][3] = {};
  for (int i = 0; const int32_t c : out.value()[0].As<int32_t>()) ++count[i++ / 400][c];
  CHECK(count[0][1] == 0);
  CHECK(std::abs(static_cast<double>(count[0][2]) / 400 - 0.731) < 0.1);
  CHECK(count[1][0] == 400);
  KernelCall negative(kernels::family_random, tfl::Builtin::MULTINOMIAL);
  negative.Input(Make<float>({1, 2}, {0, 0})).Input(Scalar<int32_t>(-1));
  CHECK_FAILS(negative.Run(), Code::kInvalidOperand, "-1");
  KernelCall nothing(kernels::family_random, tfl::Builtin::MULTINOMIAL);
  nothing.Input(Make<float>({1, 0}, {})).Input(Scalar<int32_t>(1));
  CHECK_FAILS(nothing.Run(), Code::kUnsupportedShape, "at least one class");
}
