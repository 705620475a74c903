// BUCKETIZE and FAKE_QUANT through their rows.
#include <cmath>

#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_bucketize;
extern const KernelFamily family_fake_quant;
}  // namespace tflower::kernels

namespace {
using namespace tflower;
using namespace tflower::test;
using F = std::vector<float>;
using I = std::vector<int32_t>;

TEST_CASE("BUCKETIZE counts the boundaries that are not above") {
  const float boundaries[] = {-1, 0, 0.5f};
  const auto run = [&](const Value& x) {
    return KernelCall(kernels::family_bucketize, tfl::Builtin::BUCKETIZE).Options(tfl::BucketizeOptions{.boundaries = {boundaries, 3}}).Input(x).Run();
  };
  CHECK(run(Make<float>({6}, {-2, -1, -0.5f, 0, 0.5f, 9})).value()[0].As<int32_t>() == I{0, 1, 1, 2, 3, 3});
  CHECK(run(Make<int32_t>({2, 2}, {-2, -1, 0, 1})).value()[0].As<int32_t>() == I{0, 1, 2, 3});
  CHECK(run(Make<int64_t>({1}, {int64_t{1} << 60})).value()[0].As<int32_t>() == I{3});
  const float falling[] = {1, 0};
  KernelCall call(kernels::family_bucketize, tfl::Builtin::BUCKETIZE);
  CHECK_FAILS(call.Options(tfl::BucketizeOptions{.boundaries = {falling, 2}}).Input(Scalar(1.0f)).Run(), Code::kUnsupportedAttribute, "must ascend");
}

Result<std::vector<Value>> FakeQuant(const tfl::FakeQuantOptions& options, const F& x) {
  return KernelCall(kernels::family_fake_quant, tfl::Builtin::FAKE_QUANT).Options(options).Input(Make<float>({static_cast<int64_t>(x.size())}, x)).Run();
}

TEST_CASE("FAKE_QUANT moves to levels, of which 0 is one") {
  // 2 bits from 0 to 3: 0, 1, 2, 3.
  CHECK(FakeQuant({.min = 0, .max = 3, .num_bits = 2}, {-1, 0.4f, 0.6f, 2.5f, 7}).value()[0].As<float>() == F{0, 0, 1, 3, 3});
  // -0.4 to 2.6 is moved to 0 to 3; a narrow range has one level less.
  CHECK(FakeQuant({.min = -0.4f, .max = 2.6f, .num_bits = 2}, {-1, 2.9f}).value()[0].As<float>() == F{0, 3});
  CHECK(FakeQuant({.min = -1, .max = 1, .num_bits = 2, .narrow_range = true}, {-3, -0.6f, 0.2f, 0.7f}).value()[0].As<float>() == F{-1, -1, 0, 1});
}

TEST_CASE("FAKE_QUANT refuses what is no range") {
  CHECK_FAILS(FakeQuant({.min = 1, .max = 1, .num_bits = 8}, {1}), Code::kInvalidGraph, "min < max");
  CHECK_FAILS(FakeQuant({.min = std::nanf(""), .max = 1, .num_bits = 8}, {1}), Code::kInvalidGraph, "min < max");
  CHECK_FAILS(FakeQuant({.min = 0, .max = 1, .num_bits = 1}, {1}), Code::kInvalidGraph, "num_bits in [2, 16]");
  CHECK_FAILS(FakeQuant({.min = 0, .max = 1, .num_bits = 64}, {1}), Code::kInvalidGraph, "num_bits in [2, 16]");
}

}  // namespace
