// The int8 batched matrix product against its specification, on every SIMD target.
#define HWY_WANT_AVX3_DL  // the target of products of bytes
#include "quantized_dense/byte_matmul.h"

#include <doctest/doctest.h>
#include <hwy/aligned_allocator.h>

#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

TEST_CASE("int8 products of any batches, transpositions and zero points") {
  const OwnRandom random(8);
  ForEachTarget([] {
    for (int i = 0; i < 120; ++i) {
      const int64_t m = RandomInt(1, 40), k = RandomInt(i % 20 == 0 ? 0 : 1, 70), n = RandomInt(1, 90);
      const bool adj_x = RandomInt(0, 1) == 1, adj_y = RandomInt(0, 1) == 1;
      std::vector<int64_t> x_dims = {RandomInt(0, 1) == 0 ? 1 : 3, adj_x ? k : m, adj_x ? m : k}, w_dims = {RandomInt(0, 1) == 0 ? 1 : 3, adj_y ? n : k, adj_y ? k : n};
      const auto plan = PlanBatchMatMul(x_dims, w_dims, adj_x, adj_y, false, 1);
      REQUIRE(plan.ok());
      ByteMatMul p;
      p.plan = plan.value();
      p.threads = static_cast<int>(RandomInt(1, 3));
      p.x_zero = static_cast<int32_t>(RandomInt(-128, 127)), p.w_zero = RandomInt(0, 1) == 0 ? 0 : static_cast<int32_t>(RandomInt(-128, 127));
      const Multiplier factor{static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(-12, 1))};
      p.requantizer.bounds = BoundsOf(DType::kInt8);
      p.requantizer.zero = static_cast<int32_t>(RandomInt(-128, 127));
      p.requantizer.Set(std::span(&factor, 1), static_cast<size_t>(n));
      p.Prepare();
      Guarded<int8_t> x(static_cast<size_t>(x_dims[0] * m * k)), w(static_cast<size_t>(w_dims[0] * k * n)), got(static_cast<size_t>(p.plan.batches * p.plan.m * n)), want(got.size());
      for (size_t j = 0; j < x.size(); ++j) x[j] = static_cast<int8_t>(RandomInt(-128, 127));
      for (size_t j = 0; j < w.size(); ++j) w[j] = static_cast<int8_t>(RandomInt(-128, 127));
      const auto scratch = hwy::AllocateAligned<char>(p.ScratchBytes() + 64);
      p.Run(x.data(), w.data(), got.data(), scratch.get(), Splitting());
      ByteMatMulRef(p, x.data(), w.data(), want.data());
      INFO(TargetName(), " ", m, "x", n, "x", k, " adjoint ", adj_x, adj_y, " zero ", p.w_zero);
      CHECK(std::memcmp(got.data(), want.data(), got.size()) == 0);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
