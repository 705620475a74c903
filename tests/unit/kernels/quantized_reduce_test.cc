// Quantised sums on vectors against their specification, on every SIMD target.
#include <doctest/doctest.h>

#include "quantized_reduce/sums.h"
#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

template <class T>
void CheckSums(DType type) {
  std::vector<int64_t> shape;
  std::vector<int32_t> axes;
  int64_t elements = 1;
  for (int64_t i = RandomInt(1, 5); i > 0; --i) {
    shape.push_back(RandomInt(0, 40) == 0 ? 0 : RandomInt(1, i == 1 ? 150 : 5));
    elements *= shape.back();
    if (RandomInt(0, 1) == 1) axes.push_back(static_cast<int32_t>(shape.size() - 1));
  }
  const auto plan = PlanReduce(shape, axes);
  REQUIRE(plan.ok());
  QuantizedSums q{&plan.value(), type};
  q.bounds = BoundsOf(type);
  q.zero = static_cast<int32_t>(RandomInt(q.bounds.lo, q.bounds.hi));
  q.offset = static_cast<int32_t>(RandomInt(-100000, 100000));
  q.factor = {static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(-12, 3))};
  Guarded<T> x(static_cast<size_t>(elements)), got(static_cast<size_t>(plan.value().outputs)), want(got.size());
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(RandomInt(q.bounds.lo, q.bounds.hi));
  const int64_t cut = RandomInt(0, plan.value().outputs);
  RunQuantizedSums(q, x.data(), 0, cut, got.data());
  RunQuantizedSums(q, x.data(), cut, plan.value().outputs, got.data());
  QuantizedSumsRef(q, x.data(), 0, plan.value().outputs, want.data());
  INFO(TargetName(), " outputs ", plan.value().outputs, " of ", plan.value().count, " inner reduced ", plan.value().inner_reduced);
  CHECK(std::memcmp(got.data(), want.data(), got.size() * sizeof(T)) == 0);
}

TEST_CASE("quantised sums over any axes") {
  const OwnRandom random(5);
  ForEachTarget([] {
    for (int i = 0; i < 300; ++i) {
      if (i % 3 == 0) CheckSums<int8_t>(DType::kInt8);
      else if (i % 3 == 1) CheckSums<uint8_t>(DType::kUInt8);
      else CheckSums<int16_t>(DType::kInt16);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
