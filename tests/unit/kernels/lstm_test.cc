// Float LSTM against its specification: every form, odd sizes, several chunks of time, threads, every SIMD target; state from run to run.
#include "lstm/lstm.h"

#include "matrix_test_util.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels::matrix_test {
namespace {

struct Case {
  LstmShape shape;
  LstmOptions options;
  bool backwards = false;
  int threads = 1;
};

size_t Size(int64_t n) { return static_cast<size_t>(n); }

// The operands of a case, filled at random: weights so small that errors do not grow from step to step.
struct Operands {
  LstmWeights weights;
  std::vector<Floats> memory;

  Operands(const Case& c, Random& random) {
    const LstmShape& s = c.shape;
    memory.reserve(32);
    const auto make = [&](int64_t n, bool wanted = true) -> const float* {
      if (!wanted) return nullptr;
      Floats& f = memory.emplace_back(Size(n));
      random.Fill(f);
      for (size_t i = 0; i < f.size(); ++i) f[i] *= 2 / (4 + std::sqrt(static_cast<float>(s.cells)));
      return f.data();
    };
    for (size_t g = s.cifg ? 1 : 0; g < kGates; ++g) {
      weights.input[g] = make(s.cells * s.inputs);
      weights.aux[g] = make(s.cells * s.aux, s.aux != 0);
      weights.recurrent[g] = make(s.diagonal ? s.cells : s.cells * s.outputs);
      weights.bias[g] = make(s.cells);
      weights.peephole[g] = make(s.cells, s.peephole && g != kCellGate);
      weights.norm[g] = make(s.cells, s.norm);
    }
    weights.projection = make(s.cells * s.outputs, s.projection);
    weights.projection_bias = make(s.outputs, s.projection && s.time_major);
  }
};

void Check(const Case& c, uint32_t seed) {
  const LstmShape& s = c.shape;
  INFO("batch ", s.batch, " time ", s.time, " inputs ", s.inputs, " aux ", s.aux, " cells ", s.cells, " outputs ", s.outputs);
  INFO("time_major ", s.time_major, " cifg ", s.cifg, " peephole ", s.peephole, " norm ", s.norm, " projection ", s.projection, " diagonal ", s.diagonal);
  INFO("backwards ", c.backwards, " threads ", c.threads, " activation ", static_cast<int>(c.options.activation));
  Random random(seed);
  const Operands operands(c, random);
  const auto plan = PlanLstm(s, c.options);
  REQUIRE(plan.ok());
  Floats packed(plan.value().packed_bytes / sizeof(float)), scratch(plan.value().scratch_bytes / sizeof(float), std::nanf(""));
  PackLstm(plan.value(), operands.weights, packed.data());
  const int64_t stride = s.outputs + 3;
  Floats h(Size(s.batch * s.outputs)), cells(Size(s.batch * s.cells)), y(Size(s.rows() * stride), 7), x(Size(s.rows() * s.inputs)), aux(Size(s.rows() * s.aux));
  random.Fill(h), random.Fill(cells);
  Floats want_h(h.size()), want_cells(cells.size()), want(y.size(), 7);
  std::copy_n(h.data(), h.size(), want_h.data());
  std::copy_n(cells.data(), cells.size(), want_cells.data());
  for (int invocation = 0; invocation < 2; ++invocation) {
    random.Fill(x), random.Fill(aux);
    LstmRun run;
    static_cast<SequenceRun&>(run) = {.x = x.data(), .aux = s.aux != 0 ? aux.data() : nullptr, .h = h.data(), .y = y.data(), .y_stride = stride, .backwards = c.backwards};
    run.c = cells.data();
    EvalLstm(plan.value(), packed.data(), run, scratch.data(), Threads(c.threads));
    run.h = want_h.data(), run.c = want_cells.data(), run.y = want.data();
    LstmRef(s, c.options, operands.weights, run);
    CHECK(LargestError(y, want) <= 1e-5);
    CHECK(LargestError(h, want_h) <= 1e-5);
    CHECK(LargestError(cells, want_cells) <= 1e-5);
  }
  for (const Floats* f : {&packed, &scratch, &h, &cells, &y}) CHECK(f->GuardsIntact());
}

LstmShape ShapeOf(int64_t batch, int64_t time, int64_t inputs, int64_t cells, int64_t outputs = 0) {
  LstmShape s;
  s.batch = batch, s.time = time, s.inputs = inputs, s.cells = cells;
  s.outputs = outputs == 0 ? cells : outputs;
  s.projection = outputs != 0;
  return s;
}

// Bits of i switch the features.
Case CaseOf(int i, LstmShape s) {
  s.cifg = (i & 1) != 0;
  s.peephole = (i & 2) != 0;
  s.norm = (i & 4) != 0;
  s.time_major = (i & 8) != 0;
  s.aux = (i & 16) != 0 ? 5 : 0;
  s.diagonal = !s.projection && (i & 32) != 0;
  LstmOptions o;
  o.cell_clip = (i & 2) != 0 ? 0.5f : 0;
  o.proj_clip = (i & 4) != 0 ? 0.25f : 0;
  return {.shape = s, .options = o, .backwards = (i & 16) != 0, .threads = 1 + i % 3};
}

TEST_CASE("lstm: every form") {
  ForEachTarget([] {
    for (int i = 0; i < 64; ++i) {
      Check(CaseOf(i, ShapeOf(1 + i % 5, 3, 4, 1 + i * 7 % 37)), static_cast<uint32_t>(i));
      if (i % 2 == 1) Check(CaseOf(i, ShapeOf(1 + i % 5, 2, 3, 1 + i * 5 % 29, 1 + i % 11)), static_cast<uint32_t>(i));
    }
  });
}

TEST_CASE("lstm: activations, sizes of nothing") {
  using enum tfl::ActivationFunctionType;
  ForEachTarget([] {
    for (const auto activation : {NONE, RELU, RELU_N1_TO_1, RELU6, TANH}) Check({ShapeOf(2, 3, 5, 19), {.activation = activation}}, 3);
    for (const LstmShape& s : {ShapeOf(2, 0, 5, 19), ShapeOf(0, 3, 5, 19), ShapeOf(2, 3, 0, 19), ShapeOf(2, 3, 5, 0), ShapeOf(2, 3, 5, 9, 0)}) Check({s, {}}, 4);
  });
}

TEST_CASE("lstm: several chunks of time, units and rows on several threads") {
  for (const bool time_major : {true, false}) {
    LstmShape s = ShapeOf(3, 60, 8, 500);
    s.time_major = time_major;
    Check({s, {}, true, 2}, 5);
    s = ShapeOf(1, 20, 8, 300);
    s.time_major = time_major;
    Check({s, {}, false, 3}, 6);
    s = ShapeOf(2, 12, 8, 260, 70);
    s.time_major = time_major;
    Check({s, {}, true, 4}, 7);
  }
}

TEST_CASE("lstm: sizes that do not fit are refused") {
  CHECK_FALSE(PlanLstm(ShapeOf(1, 1, INT32_MAX, INT32_MAX), {}).ok());
  CHECK_FALSE(PlanLstm(ShapeOf(INT32_MAX, 1, 1, INT32_MAX), {}).ok());
}

}  // namespace
}  // namespace tflower::kernels::matrix_test

namespace tflower::kernels {
extern const KernelFamily family_lstm;
}

namespace tflower::test {
namespace {

// One cell of one input: all weights 1, biases 0.
KernelCall OneCell(int64_t time, tfl::UnidirectionalSequenceLSTMOptions options) {
  options.fused_activation_function = tfl::ActivationFunctionType::TANH;
  KernelCall call(kernels::family_lstm, tfl::Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM);
  call.Options(options).Input(Make<float>({1, time, 1}, std::vector<float>(static_cast<size_t>(time), 1.0f)));
  for (int i = 0; i < 8; ++i) call.Const(Make<float>({1, 1}, {1}));
  for (int i = 0; i < 3; ++i) call.Absent();
  for (int i = 0; i < 4; ++i) call.Const(Make<float>({1}, {0}));
  return call.Absent().Absent().Variable(Make<float>({1, 1}, {0})).Variable(Make<float>({1, 1}, {0}));
}

TEST_CASE("UNIDIRECTIONAL_SEQUENCE_LSTM: leaves its state for the next invocation") {
  KernelCall both = OneCell(2, {}), first = OneCell(1, {});
  auto two = both.Run();
  REQUIRE_OK(two);
  auto one = first.Run();
  REQUIRE_OK(one);
  CHECK(one.value()[0].As<float>()[0] == doctest::Approx(two.value()[0].As<float>()[0]));
  auto next = first.Run();
  REQUIRE_OK(next);
  CHECK(next.value()[0].As<float>()[0] == doctest::Approx(two.value()[0].As<float>()[1]));
  CHECK(first.input(18).As<float>() == next.value()[0].As<float>());
}

TEST_CASE("UNIDIRECTIONAL_SEQUENCE_LSTM: options out of range") {
  CHECK_FAILS(OneCell(1, {.cell_clip = -1}).Run(), Code::kInvalidGraph, "cell_clip");
  CHECK_FAILS(OneCell(1, {.proj_clip = NAN}).Run(), Code::kInvalidGraph, "proj_clip");
}

}  // namespace
}  // namespace tflower::test
