// Float RNN against its specification: odd sizes, threads, every SIMD target; state from run to run.
#include "rnn/rnn.h"

#include "matrix_test_util.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels::matrix_test {
namespace {

void Check(const RnnShape& s, tfl::ActivationFunctionType activation, bool backwards, int threads) {
  INFO("batch ", s.batch, " time ", s.time, " inputs ", s.inputs, " aux ", s.aux, " units ", s.units, " time_major ", s.time_major, " backwards ", backwards);
  const auto size = [](int64_t n) { return static_cast<size_t>(n); };
  Random random(static_cast<uint32_t>(s.units));
  Floats w(size(s.units * s.inputs)), v(size(s.units * s.aux)), r(size(s.units * s.units)), bias(size(s.units));
  Floats x(size(s.rows() * s.inputs)), aux(size(s.rows() * s.aux)), h(size(s.batch * s.units)), want_h(h.size());
  for (Floats* f : {&w, &v, &r, &bias, &h}) random.Fill(*f);
  for (Floats* f : {&w, &v, &r}) {
    for (size_t i = 0; i < f->size(); ++i) (*f)[i] /= static_cast<float>(s.units);
  }
  std::copy_n(h.data(), h.size(), want_h.data());
  const int64_t stride = s.units + 2;
  Floats y(size(s.rows() * stride), 7), want(y.size(), 7);
  const auto plan = PlanRnn(s, activation);
  REQUIRE(plan.ok());
  Floats packed(plan.value().packed_bytes / sizeof(float)), scratch(plan.value().scratch_bytes / sizeof(float), std::nanf(""));
  const RnnWeights weights{w.data(), s.aux != 0 ? v.data() : nullptr, r.data(), bias.data()};
  PackRnn(plan.value(), weights, packed.data());
  for (int invocation = 0; invocation < 2; ++invocation) {
    random.Fill(x), random.Fill(aux);
    SequenceRun run{.x = x.data(), .aux = s.aux != 0 ? aux.data() : nullptr, .h = h.data(), .y = y.data(), .y_stride = stride, .backwards = backwards};
    EvalRnn(plan.value(), packed.data(), run, scratch.data(), Threads(threads));
    run.h = want_h.data(), run.y = want.data();
    RnnRef(s, activation, weights, run);
    CHECK(LargestError(y, want) <= 1e-5);
    CHECK(LargestError(h, want_h) <= 1e-5);
  }
  for (const Floats* f : {&packed, &scratch, &h, &y}) CHECK(f->GuardsIntact());
}

TEST_CASE("rnn: odd sizes, activations, nothing") {
  using enum tfl::ActivationFunctionType;
  ForEachTarget([] {
    for (int64_t i = 0; i < 24; ++i) Check({1 + i % 5, 4, 1 + i % 7, i % 4, 1 + i * 7 % 41, i % 2 == 0}, i % 3 == 0 ? RELU6 : TANH, i % 4 < 2, 1 + static_cast<int>(i) % 3);
    for (const auto activation : {NONE, RELU, RELU_N1_TO_1}) Check({2, 3, 5, 0, 9, true}, activation, false, 1);
    for (const RnnShape& s : {RnnShape{0, 3, 5, 0, 9, true}, RnnShape{2, 0, 5, 0, 9, true}, RnnShape{2, 3, 0, 0, 9, true}, RnnShape{2, 3, 5, 0, 0, true}}) Check(s, TANH, false, 1);
  });
}

TEST_CASE("rnn: units and rows on several threads, several chunks of time") {
  Check({1, 20, 8, 0, 400, true}, tfl::ActivationFunctionType::TANH, true, 3);
  Check({3, 300, 8, 0, 700, false}, tfl::ActivationFunctionType::TANH, false, 2);
}

}  // namespace
}  // namespace tflower::kernels::matrix_test
