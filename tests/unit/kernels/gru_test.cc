// Float GRU against its specification: odd sizes, threads, every SIMD target; the reset gate before and after the product.
#include "gru/gru.h"

#include "matrix_test_util.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels::matrix_test {
namespace {

void Check(const GruShape& s, const GruOptions& options, bool backwards, int threads) {
  INFO("batch ", s.batch, " time ", s.time, " inputs ", s.inputs, " units ", s.units, " time_major ", s.time_major, " reset_after ", options.reset_after, " backwards ", backwards);
  const auto size = [](int64_t n) { return static_cast<size_t>(n); };
  Random random(static_cast<uint32_t>(s.units));
  Floats w(size(3 * s.units * s.inputs)), r(size(3 * s.units * s.units)), bias(size(3 * s.units)), after(size(s.units));
  Floats x(size(s.rows() * s.inputs)), h(size(s.batch * s.units)), want_h(h.size());
  for (Floats* f : {&w, &r, &bias, &after, &x, &h}) random.Fill(*f);
  for (Floats* f : {&w, &r}) {
    for (size_t i = 0; i < f->size(); ++i) (*f)[i] /= static_cast<float>(s.units);
  }
  std::copy_n(h.data(), h.size(), want_h.data());
  const int64_t stride = s.units + 2;
  Floats y(size(s.rows() * stride), 7), want(y.size(), 7);
  const auto plan = PlanGru(s, options);
  REQUIRE(plan.ok());
  Floats packed(plan.value().packed_bytes / sizeof(float)), scratch(plan.value().scratch_bytes / sizeof(float), std::nanf(""));
  const GruWeights weights{w.data(), r.data(), bias.data(), options.reset_after ? after.data() : nullptr};
  PackGru(plan.value(), weights, packed.data());
  SequenceRun run{.x = x.data(), .h = h.data(), .y = y.data(), .y_stride = stride, .backwards = backwards};
  EvalGru(plan.value(), packed.data(), run, scratch.data(), Threads(threads));
  run.h = want_h.data(), run.y = want.data();
  GruRef(s, options, weights, run);
  CHECK(LargestError(y, want) <= 1e-5);
  CHECK(LargestError(h, want_h) <= 1e-5);
  for (const Floats* f : {&packed, &scratch, &h, &y}) CHECK(f->GuardsIntact());
}

TEST_CASE("gru: odd sizes, activations, nothing") {
  using enum tfl::ActivationFunctionType;
  ForEachTarget([] {
    for (int64_t i = 0; i < 24; ++i) Check({1 + i % 5, 4, 1 + i % 7, 1 + i * 7 % 41, i % 2 == 0}, {i % 3 == 0 ? RELU6 : TANH, i % 4 < 2}, i % 8 < 4, 1 + static_cast<int>(i) % 3);
    for (const auto activation : {NONE, RELU, RELU_N1_TO_1}) Check({2, 3, 5, 9, true}, {activation, true}, false, 1);
    for (const GruShape& s : {GruShape{0, 3, 5, 9, true}, GruShape{2, 0, 5, 9, true}, GruShape{2, 3, 0, 9, true}, GruShape{2, 3, 5, 0, true}}) {
      for (const bool after : {false, true}) Check(s, {TANH, after}, false, 1);
    }
  });
}

TEST_CASE("gru: units and rows on several threads, several chunks of time") {
  for (const bool after : {false, true}) {
    Check({1, 20, 8, 400, true}, {tfl::ActivationFunctionType::TANH, after}, true, 3);
    Check({3, 300, 8, 300, false}, {tfl::ActivationFunctionType::TANH, after}, false, 2);
  }
}

}  // namespace
}  // namespace tflower::kernels::matrix_test
