// Float batched matrix product against its specification: adjoints, broadcasting, constant operands, every SIMD target.
#include "batch_matmul/batch_matmul.h"

#include "gemm/gemm.h"
#include "matrix_test_util.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels::matrix_test {
namespace {

using Dims = std::vector<int64_t>;

size_t Count(const Dims& dims) {
  int64_t n = 1;
  for (int64_t d : dims) n *= d;
  return static_cast<size_t>(n);
}

void Check(Dims x_dims, Dims w_dims, bool adj_x, bool adj_y, bool constant, int threads, uint32_t seed) {
  if (adj_x) std::swap(x_dims.end()[-1], x_dims.end()[-2]);
  if (adj_y) std::swap(w_dims.end()[-1], w_dims.end()[-2]);
  const auto planned = PlanBatchMatMul(x_dims, w_dims, adj_x, adj_y, constant, threads);
  REQUIRE(planned.ok());
  const BatchMatMulPlan& plan = planned.value();
  INFO("batches ", plan.batches, " m ", plan.m, " k ", plan.k, " n ", plan.n, " adj ", adj_x, adj_y, " constant ", constant, " threads ", threads);
  Floats x(Count(x_dims)), w(Count(w_dims)), y(static_cast<size_t>(plan.batches * plan.m * plan.n), 7.0f), want(y.size());
  Random random(seed);
  random.Fill(x), random.Fill(w);
  const Parallel parallel = Threads(threads);
  Floats packed(plan.packed_bytes / sizeof(float)), scratch(plan.scratch_bytes / sizeof(float), std::nanf(""));
  if (constant) PackBatchMatMul(plan, w.data(), packed.data(), parallel);
  EvalBatchMatMul(plan, x.data(), constant ? packed.data() : w.data(), y.data(), scratch.data(), parallel);
  BatchMatMulRef(plan, x.data(), w.data(), want.data());
  CHECK(y.GuardsIntact());
  CHECK(packed.GuardsIntact());
  CHECK(scratch.GuardsIntact());
  CHECK(LargestError(y, want) <= 3e-6);
}

TEST_CASE("batch_matmul: adjoints, broadcast, row counts, threads") {
  ForEachTarget([] {
    uint32_t seed = 0;
    for (const bool adj_x : {false, true}) {
      for (const bool adj_y : {false, true}) {
        for (const bool constant : {false, true}) {
          for (const int threads : {1, 2, 3}) {
            Check({5, 7}, {7, 9}, adj_x, adj_y, constant, threads, ++seed);
            Check({4, 1, 33}, {4, 33, 70}, adj_x, adj_y, constant, threads, ++seed);
            Check({2, 3, 19, 20}, {3, 20, 65}, adj_x, adj_y, constant, threads, ++seed);
            Check({2, 1, 6, 20}, {1, 3, 20, 17}, adj_x, adj_y, constant, threads, ++seed);
            Check({3, 11, 20}, {20, 17}, adj_x, adj_y, constant, threads, ++seed);
            Check({11, 20}, {5, 20, 17}, adj_x, adj_y, constant, threads, ++seed);
            Check({0, 4, 5}, {0, 5, 6}, adj_x, adj_y, constant, threads, ++seed);
            Check({2, 4, 0}, {2, 0, 6}, adj_x, adj_y, constant, threads, ++seed);
          }
        }
      }
    }
  });
}

TEST_CASE("batch_matmul: larger products on threads") {
  ForEachTarget([] {
    Check({1, 130, 90}, {1, 90, 140}, true, true, false, 2, 1);
    Check({8, 64, 64}, {8, 64, 64}, false, true, false, 2, 2);
    Check({2, 2, 600}, {2, 600, 300}, false, false, false, 3, 3);
    Check({1, 6, 600}, {1, 600, 300}, false, true, false, 3, 4);
  });
}

// The reference shares the plan with the fast form, so broadcasting is checked against numbers written by hand.
TEST_CASE("batch_matmul: broadcasting picks the right matrices") {
  const Dims x_dims{2, 1, 1, 1}, w_dims{3, 1, 1};
  const auto plan = PlanBatchMatMul(x_dims, w_dims, false, false, false, 1);
  REQUIRE(plan.ok());
  Floats x(2), w(3), y(6), scratch(plan.value().scratch_bytes / sizeof(float));
  x[0] = 1, x[1] = 10, w[0] = 2, w[1] = 3, w[2] = 5;
  EvalBatchMatMul(plan.value(), x.data(), w.data(), y.data(), scratch.data(), Parallel());
  const float want[] = {2, 3, 5, 20, 30, 50};
  for (size_t i = 0; i < 6; ++i) CHECK(y[i] == want[i]);
}

TEST_CASE("batch_matmul: shapes that do not fit are refused") {
  const auto plan = [](const Dims& x, const Dims& w) { return PlanBatchMatMul(x, w, false, false, false, 1).ok(); };
  CHECK(plan({2, 3, 4}, {2, 4, 5}));
  CHECK_FALSE(plan({2, 3, 4}, {2, 5, 5}));
  CHECK_FALSE(plan({2, 3, 4}, {3, 4, 5}));
  CHECK_FALSE(plan({4}, {4, 5}));
  CHECK_FALSE(plan({1 << 20, 1, 1 << 20, 2}, {1 << 20, 1, 2, 1 << 20}));
}

}  // namespace
}  // namespace tflower::kernels::matrix_test

namespace tflower::kernels {
extern const KernelFamily family_batch_matmul, family_quantized_dense;
}

namespace tflower::test {
namespace {

TEST_CASE("BATCH_MATMUL: adjoints, broadcast, constant or not") {
  for (const bool constant : {true, false}) {
    KernelCall call(kernels::family_batch_matmul, tfl::Builtin::BATCH_MATMUL);
    call.Options(tfl::BatchMatMulOptions{.adj_x = true, .adj_y = true}).Input(Make<float>({2, 2, 1}, {1, 2, 3, 4}));
    const Value w = Make<float>({3, 2}, {1, 0, 0, 1, 1, 1});
    constant ? call.Const(w) : call.Input(w);
    auto out = call.Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].dims == Dims{2, 1, 3});
    CHECK(out.value()[0].As<float>() == std::vector<float>{1, 2, 3, 3, 4, 7});
  }
  KernelCall wrong(kernels::family_batch_matmul, tfl::Builtin::BATCH_MATMUL);
  CHECK_FAILS(wrong.Options(tfl::BatchMatMulOptions{}).Input(Iota<float>({2, 3})).Input(Iota<float>({2, 3})).Run(), Code::kUnsupportedShape, "inner dimensions");
  KernelCall vector(kernels::family_batch_matmul, tfl::Builtin::BATCH_MATMUL);
  CHECK_FAILS(vector.Options(tfl::BatchMatMulOptions{}).Input(Iota<float>({3})).Input(Iota<float>({3, 3})).Run(), Code::kUnsupportedShape, "rank");
}

TEST_CASE("BATCH_MATMUL of int8 into sums: matrices packed once or at each call") {
  for (const bool constant : {true, false}) {
    KernelCall call(kernels::family_quantized_dense, tfl::Builtin::BATCH_MATMUL);
    call.Options(tfl::BatchMatMulOptions{}).Input(Make<int8_t>({2, 1, 2}, {1, 2, 3, -128})).OutputTypes({DType::kInt32});
    const Value w = Make<int8_t>({2, 2, 3}, {1, 0, 2, 0, 1, 2, 5, 6, 7, 1, -1, -128});
    constant ? call.Const(w) : call.Input(w);
    auto out = call.Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].As<int32_t>() == std::vector<int32_t>{1, 2, 6, -113, 146, 16405});
  }
}

}  // namespace
}  // namespace tflower::test
