// The integer batched matrix product against its specification, on every SIMD target.
#define HWY_WANT_AVX3_DL  // the target of products of bytes
#include "quantized_dense/integer_matmul.h"

#include <doctest/doctest.h>
#include <hwy/aligned_allocator.h>

#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

struct Sizes {
  int64_t m, k, n;
};

// Now and then all values are the least one, of which sums are largest.
template <class T>
void FillStored(Guarded<T>& values) {
  const IntBounds all = BoundsOf(DTypeOf<T>::value);
  const bool least = RandomInt(0, 9) == 0;
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(least ? all.lo : RandomInt(all.lo, all.hi));
}

// X, W: of the operands; Y: X, or int32_t for sums. Now and then with a bias, and with w packed once.
template <class X, class W, class Y>
void CheckMatMul(const Sizes& s) {
  const bool adj_x = RandomInt(0, 1) == 1, adj_y = RandomInt(0, 1) == 1;
  const std::vector<int64_t> x_dims = {RandomInt(0, 1) == 0 ? 1 : 3, adj_x ? s.k : s.m, adj_x ? s.m : s.k}, w_dims = {RandomInt(0, 1) == 0 ? 1 : 3, adj_y ? s.n : s.k, adj_y ? s.k : s.n};
  const auto plan = PlanBatchMatMul(x_dims, w_dims, adj_x, adj_y, false, 1);
  REQUIRE(plan.ok());
  IntegerMatMul p;
  p.plan = plan.value();
  p.x_type = DTypeOf<X>::value, p.w_type = DTypeOf<W>::value;
  p.sums = sizeof(Y) == 4;
  p.threads = static_cast<int>(RandomInt(1, 3));
  const auto zero = [](DType type) { return RandomInt(0, 1) == 0 ? 0 : static_cast<int32_t>(RandomInt(BoundsOf(type).lo, BoundsOf(type).hi)); };
  std::vector<Multiplier> factors;
  if (!p.sums) {
    p.x_zero = zero(p.x_type), p.w_zero = zero(p.w_type);
    const int64_t scales = RandomInt(0, 1) == 0 ? 1 : s.n;
    for (int64_t o = 0; o < scales; ++o) factors.push_back({static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(sizeof(X) == 2 ? -24 : -12, 1))});
    p.requantizer.type = p.x_type;
    p.requantizer.bounds = BoundsOf(p.x_type);
    p.requantizer.zero = zero(p.x_type);
    p.requantizer.Set(factors, static_cast<size_t>(s.n));
  }
  Guarded<X> x(static_cast<size_t>(x_dims[0] * s.m * s.k));
  Guarded<W> w(static_cast<size_t>(w_dims[0] * s.k * s.n));
  Guarded<Y> got(static_cast<size_t>(p.plan.batches * p.plan.m * s.n)), want(got.size());
  FillStored(x);
  FillStored(w);
  std::vector<int64_t> bias(static_cast<size_t>(s.n));
  for (int64_t& b : bias) b = RandomInt(0, 9) == 0 ? RandomInt(INT64_MIN, INT64_MAX) : RandomInt(-1000000, 1000000);
  const int64_t* const added = RandomInt(0, 1) == 0 ? bias.data() : nullptr;
  p.packed_before = RandomInt(0, 1) == 0;
  const auto packed = hwy::AllocateAligned<char>(p.PackedBytes() + 64);
  if (p.packed_before) p.PackOnce(w.data(), packed.get());
  const auto scratch = hwy::AllocateAligned<char>(p.ScratchBytes() + 64);
  p.Run({x.data(), p.packed_before ? static_cast<const void*>(packed.get()) : w.data(), got.data(), added}, scratch.get(), Splitting());
  IntegerMatMulRef(p, {x.data(), w.data(), want.data(), added});
  INFO(TargetName(), " ", s.m, "x", s.n, "x", s.k, " of ", sizeof(X), " by ", sizeof(W), " to ", sizeof(Y), " adjoint ", adj_x, adj_y, " zeros ", p.x_zero, " ", p.w_zero);
  CHECK(std::memcmp(got.data(), want.data(), got.size() * sizeof(Y)) == 0);
}

TEST_CASE("integer products of any types, batches, transpositions and zero points") {
  const OwnRandom random(8);
  ForEachTarget([] {
    for (int i = 0; i < 120; ++i) {
      const Sizes s{RandomInt(1, 40), i % 20 == 0 ? 0 : i % 20 == 1 ? RandomInt(300, 700) : RandomInt(1, 70), RandomInt(1, 90)};
      CheckMatMul<int8_t, int8_t, int8_t>(s);
      CheckMatMul<int16_t, int8_t, int16_t>(s);
      CheckMatMul<int16_t, int16_t, int16_t>(s);
      CheckMatMul<int8_t, int8_t, int32_t>(s);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
