// Quantised elementwise arithmetic on vectors against its specification, on every SIMD target.
#include "quantized_binary/arithmetic.h"
#include "quantized_binary/ranks.h"

#include <doctest/doctest.h>

#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

Multiplier RandomMultiplier(int lo, int hi) {
  if (RandomInt(0, 9) == 0) return {1 << 30, RandomInt(0, 1) == 0 ? 0 : static_cast<int>(RandomInt(lo, hi))};
  return {RandomInt(0, 30) == 0 ? 0 : static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(lo, hi))};
}

template <class T>
void CheckArithmetic(QuantizedArithmetic q, DType type) {
  const size_t n = static_cast<size_t>(RandomInt(1, 400));
  const bool a_repeats = RandomInt(0, 3) == 0, b_repeats = !a_repeats && RandomInt(0, 3) == 0;
  const IntBounds all = BoundsOf(type);
  const auto stored = [&] { return static_cast<int32_t>(RandomInt(all.lo, all.hi)); };
  q.a_zero = stored(), q.b_zero = stored(), q.y_zero = stored();
  q.bounds = all;
  if (RandomInt(0, 1) == 0) q.bounds.lo = q.y_zero;
  if (sizeof(T) == 1) q.SetReal();
  Guarded<T> a(a_repeats ? 1 : n), b(b_repeats ? 1 : n);
  for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<T>(stored());
  for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<T>(stored());
  const size_t bytes = n * (IsComparison(q.op) ? 1 : sizeof(T));
  Guarded<char> got(bytes), want(bytes);
  const Piece pa{a.data(), a_repeats}, pb{b.data(), b_repeats};
  const int64_t dims[] = {static_cast<int64_t>(n)}, one[] = {1};
  const std::span<const int64_t> shapes[] = {a_repeats ? std::span<const int64_t>(one) : std::span<const int64_t>(dims), b_repeats ? std::span<const int64_t>(one) : std::span<const int64_t>(dims)};
  const void* const bases[] = {a.data(), b.data()};
  RunQuantizedBinary(q, type, PlanBroadcast(shapes).value(), bases, Parallel(), got.data());
  QuantizedPieceRef(q, type, pa, pb, n, want.data());
  INFO(TargetName(), " op ", static_cast<int>(q.op), " type ", static_cast<int>(type), " n ", n, " shift ", q.shift, " left ", q.left.value, " ", q.left.shift, " out ", q.out.value, " ", q.out.shift);
  CHECK(std::memcmp(got.data(), want.data(), bytes) == 0);
}

// As ADD's factors are: one half and less, and what brings the sum back.
TEST_CASE("quantised sums of usual scales, and of ties") {
  const OwnRandom random(12);
  ForEachTarget([] {
    for (int i = 0; i < 400; ++i) {
      QuantizedArithmetic q;
      q.op = i % 2 == 0 ? QuantizedOp::kAdd : QuantizedOp::kSub;
      q.shift = 20;
      const double ratio = i % 5 == 0 ? 0.5 : static_cast<double>(RandomInt(1, 1000)) / 2000, out = i % 3 == 0 ? 0.5 : static_cast<double>(RandomInt(1, 4000)) / 1000;
      q.left = MultiplierOf(0.5), q.right = MultiplierOf(ratio);
      q.out = MultiplierOf(2 * out / (1 << 20));
      if (i % 4 < 2) CheckArithmetic<int8_t>(q, DType::kInt8);
      else CheckArithmetic<uint8_t>(q, DType::kUInt8);
    }
  });
}

// As those of MUL and SQUARED_DIFFERENCE are, among them products of two scales that are exact.
TEST_CASE("quantised products and squares of usual scales") {
  const OwnRandom random(13);
  ForEachTarget([] {
    for (int i = 0; i < 600; ++i) {
      QuantizedArithmetic q;
      const double ratio = static_cast<double>(RandomInt(1, 1000)) / 2000, out = i % 4 == 0 ? std::ldexp(1, static_cast<int>(RandomInt(-10, 0))) : static_cast<double>(RandomInt(1, 60000)) / 60000;
      q.op = i % 2 == 0 ? QuantizedOp::kMul : QuantizedOp::kSquaredDifference;
      q.shift = i % 2 == 0 ? 0 : 7;
      q.left = MultiplierOf(i % 3 == 0 ? ratio : 0.5), q.right = MultiplierOf(i % 3 == 0 ? 0.5 : ratio);
      q.out = MultiplierOf(i % 2 == 0 ? out : out / (1 << 14));
      if (i % 8 < 4) CheckArithmetic<int8_t>(q, DType::kInt8);
      else CheckArithmetic<uint8_t>(q, DType::kUInt8);
    }
  });
}

// A form by floats that is never found would be as right, and slow.
TEST_CASE("most products have a form by floats") {
  const OwnRandom random(14);
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    QuantizedArithmetic q;
    q.op = QuantizedOp::kMul;
    q.out = MultiplierOf(static_cast<double>(RandomInt(1, 60000)) / 60000), q.bounds = BoundsOf(DType::kInt8), q.y_zero = static_cast<int32_t>(RandomInt(-128, 127));
    q.SetReal();
    found += q.real ? 1 : 0;
  }
  CHECK(found >= 190);
}

TEST_CASE("quantised arithmetic of two operands, whatever the multipliers") {
  const OwnRandom random(3);
  ForEachTarget([] {
    for (int i = 0; i < 1500; ++i) {
      QuantizedArithmetic q;
      q.op = static_cast<QuantizedOp>(i % 11);
      q.shift = static_cast<int>(RandomInt(0, 1) == 0 ? 20 : RandomInt(0, 20));
      if (q.op == QuantizedOp::kPrelu) q.shift = 0;
      const bool wild = RandomInt(0, 2) == 0;
      q.left = RandomMultiplier(wild ? -31 : -8, wild ? 30 : 0), q.right = RandomMultiplier(wild ? -31 : -8, wild ? 30 : 0);
      q.out = RandomMultiplier(wild ? -31 : -25, wild ? 30 : -5);
      switch (RandomInt(0, 2)) {
        case 0: CheckArithmetic<int8_t>(q, DType::kInt8); break;
        case 1: CheckArithmetic<uint8_t>(q, DType::kUInt8); break;
        default: CheckArithmetic<int16_t>(q, DType::kInt16); break;
      }
    }
  });
}

// All pairs of stored values, of usual scales and of ones that are equal or nearly so.
TEST_CASE("comparisons by ranks are those of scaled numbers") {
  const OwnRandom random(15);
  constexpr size_t kPairs = 256 * 256;
  Guarded<uint8_t> a(kPairs), b(kPairs), want(kPairs);
  Guarded<bool> got(kPairs);
  for (size_t i = 0; i < kPairs; ++i) a[i] = static_cast<uint8_t>(i / 256), b[i] = static_cast<uint8_t>(i);
  const int64_t dims[] = {static_cast<int64_t>(kPairs)};
  const std::span<const int64_t> shapes[] = {dims, dims};
  const BroadcastPlan plan = PlanBroadcast(shapes).value();
  const void* const bases[] = {a.data(), b.data()};
  ForEachTarget([&] {
    int ranked = 0;
    for (int i = 0; i < 60; ++i) {
      const DType type = i % 2 == 0 ? DType::kInt8 : DType::kUInt8;
      QuantizedArithmetic q;
      q.op = static_cast<QuantizedOp>(static_cast<int>(QuantizedOp::kLess) + i % 6);
      q.shift = 8;
      const double scale = static_cast<double>(RandomInt(1, 4000)) / 10000, ratio = i % 5 == 0 ? 1 : static_cast<double>(RandomInt(1, 3000)) / 1000;
      q.left = MultiplierOf(scale), q.right = MultiplierOf(scale * ratio);
      const IntBounds all = BoundsOf(type);
      q.a_zero = static_cast<int32_t>(RandomInt(all.lo, all.hi)), q.b_zero = i % 3 == 0 ? static_cast<int32_t>(RandomInt(all.lo, all.hi)) : q.a_zero + static_cast<int32_t>(RandomInt(-1, 1));
      RankedComparison ranks;
      if (!RankComparison(q, type, ranks)) continue;
      ++ranked;
      RunRankedComparison(ranks, plan, bases, Parallel(), got.data());
      QuantizedPieceRef(q, type, {a.data(), false}, {b.data(), false}, kPairs, want.data());
      INFO(TargetName(), " op ", static_cast<int>(q.op), " left ", q.left.value, " ", q.left.shift, " right ", q.right.value, " ", q.right.shift, " zeros ", q.a_zero, " ", q.b_zero);
      CHECK(std::memcmp(got.data(), want.data(), kPairs) == 0);
    }
    CHECK(ranked >= 55);
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
