// Float fully connected layer against its specification: packed, changing and few-row forms, every SIMD target.
#include "fully_connected/fully_connected.h"

#include "matrix_test_util.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels::matrix_test {
namespace {

void Check(const FullyConnectedShape& s, bool constant, int threads, uint32_t seed, Clamp clamp = {}, bool with_bias = true) {
  INFO("batch ", s.batch, " in ", s.in, " out ", s.out, " constant ", constant, " threads ", threads);
  Floats x(static_cast<size_t>(s.batch * s.in)), weights(static_cast<size_t>(s.out * s.in)), bias(static_cast<size_t>(s.out));
  Floats y(static_cast<size_t>(s.batch * s.out), 7.0f), want(y.size()), residual(y.size());
  Random random(seed);
  random.Fill(x), random.Fill(weights), random.Fill(bias), random.Fill(residual);
  const auto plan = PlanFullyConnected(s, constant);
  REQUIRE(plan.ok());
  const Parallel parallel = Threads(threads);
  Floats packed(plan.value().packed_bytes / sizeof(float)), scratch(plan.value().scratch_bytes / sizeof(float), std::nanf(""));
  if (constant) PackFullyConnected(plan.value(), weights.data(), packed.data(), parallel);
  for (const bool with_residual : {false, true}) {
    if (with_residual && !constant) break;
    const Epilogue tail{.bias = with_bias ? bias.data() : nullptr, .residual = with_residual ? residual.data() : nullptr, .clamp = clamp};
    EvalFullyConnected(plan.value(), x.data(), constant ? packed.data() : weights.data(), tail, y.data(), scratch.data(), parallel);
    FullyConnectedRef(s, x.data(), weights.data(), tail, want.data());
    CHECK(y.GuardsIntact());
    CHECK(packed.GuardsIntact());
    CHECK(scratch.GuardsIntact());
    CHECK(LargestError(y, want) <= 3e-6);
  }
}

TEST_CASE("fully connected: every small batch and odd size") {
  ForEachTarget([] {
    for (const bool constant : {true, false}) {
      for (int64_t batch : {0, 1, 2, 3, 4, 5, 6, 7, 8, 17}) {
        for (int64_t out : {1, 3, 8, 10, 33, 65}) Check({batch, 1 + (batch * 37 + out) % 71, out}, constant, 1, 1, {0.0f, 6.0f});
        Check({batch, 0, 5}, constant, 1, 2);
        Check({batch, 5, 0}, constant, 1, 3);
      }
    }
  });
}

TEST_CASE("fully connected: threads, no bias") {
  ForEachTarget([] {
    for (const bool constant : {true, false}) {
      Check({1, 700, 300}, constant, 2, 1);
      Check({2, 700, 301}, constant, 3, 2, {-1.0f, 1000.0f}, false);
      Check({40, 300, 130}, constant, 2, 3, {}, false);
    }
  });
}

TEST_CASE("fully connected: NaN passes the clamp") {
  ForEachTarget([] {
    for (const bool constant : {true, false}) {
      const FullyConnectedShape s{1, 4, 9};
      Floats x(4, 1.0f), weights(36, 1.0f), y(9), want(9), packed(GemmPackedBytes(4, 9) / sizeof(float)), scratch(1024);
      weights[5 * 4 + 1] = std::nanf("");
      const auto plan = PlanFullyConnected(s, constant);
      PackFullyConnected(plan.value(), weights.data(), packed.data(), Parallel());
      EvalFullyConnected(plan.value(), x.data(), constant ? packed.data() : weights.data(), {.clamp = {0.0f, 3.0f}}, y.data(), scratch.data(), Parallel());
      FullyConnectedRef(s, x.data(), weights.data(), {.clamp = {0.0f, 3.0f}}, want.data());
      CHECK(std::isnan(want[5]));
      CHECK(want[4] == 3.0f);
      CHECK(LargestError(y, want) == 0.0);
    }
  });
}

TEST_CASE("fully connected: sizes that do not fit are refused") {
  CHECK_FALSE(PlanFullyConnected({-1, 3, 3}, true).ok());
  CHECK_FALSE(PlanFullyConnected({1, INT32_MAX, INT32_MAX}, true).ok());
}

}  // namespace
}  // namespace tflower::kernels::matrix_test

namespace tflower::kernels {
extern const KernelFamily family_fully_connected;
}

namespace tflower::test {
namespace {

Result<std::vector<Value>> Dense(Value x, bool constant, bool keep_num_dims) {
  KernelCall call(kernels::family_fully_connected, tfl::Builtin::FULLY_CONNECTED);
  call.Options(tfl::FullyConnectedOptions{.fused_activation_function = tfl::ActivationFunctionType::RELU, .keep_num_dims = keep_num_dims}).Input(std::move(x));
  const Value weights = Make<float>({3, 2}, {1, 0, 0, 1, -1, -1});
  constant ? call.Const(weights) : call.Input(weights);
  return call.Const(Make<float>({3}, {0, 10, 0})).Run();
}

TEST_CASE("FULLY_CONNECTED: flattens the input, keeps its dimensions, constant weights or not") {
  for (const bool constant : {true, false}) {
    auto flat = Dense(Iota<float>({2, 1, 2}), constant, false);
    REQUIRE_OK(flat);
    CHECK(flat.value()[0].dims == Dims{2, 3});
    CHECK(flat.value()[0].As<float>() == std::vector<float>{0, 11, 0, 2, 13, 0});
    auto kept = Dense(Iota<float>({2, 1, 2}), constant, true);
    REQUIRE_OK(kept);
    CHECK(kept.value()[0].dims == Dims{2, 1, 3});
    CHECK(kept.value()[0].As<float>() == flat.value()[0].As<float>());
    auto cut = Dense(Iota<float>({8}), constant, false);
    REQUIRE_OK(cut);
    CHECK(cut.value()[0].dims == Dims{4, 3});
    auto empty = Dense(Iota<float>({0, 2}), constant, false);
    REQUIRE_OK(empty);
    CHECK(empty.value()[0].dims == Dims{0, 3});
    CHECK_FAILS(Dense(Iota<float>({3}), constant, false), Code::kUnsupportedShape, "rows of 2");
    CHECK_FAILS(Dense(Iota<float>({8}), constant, true), Code::kUnsupportedShape, "keep_num_dims");
  }
}

}  // namespace
}  // namespace tflower::test
