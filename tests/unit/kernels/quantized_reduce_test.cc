// Quantised sums and products on vectors against their specification, on every SIMD target.
#include <doctest/doctest.h>

#include "quantized_reduce/products.h"
#include "quantized_reduce/sums.h"
#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

// Some shape, of which some axes are reduced.
struct Reduced {
  ReducePlan plan;
  int64_t elements = 1;
};
Reduced RandomReduced() {
  Reduced r;
  std::vector<int64_t> shape;
  std::vector<int32_t> axes;
  for (int64_t i = RandomInt(1, 5); i > 0; --i) {
    shape.push_back(RandomInt(0, 40) == 0 ? 0 : RandomInt(1, i == 1 ? 150 : 5));
    r.elements *= shape.back();
    if (RandomInt(0, 1) == 1) axes.push_back(static_cast<int32_t>(shape.size() - 1));
  }
  const auto plan = PlanReduce(shape, axes);
  REQUIRE(plan.ok());
  r.plan = plan.value();
  return r;
}

// run and reference: (q, x, begin, end, to).
template <class T, class Q, class Run>
void CheckReduction(const Q& q, int64_t elements, Run run, Run reference) {
  const ReducePlan& plan = *q.plan;
  Guarded<T> x(static_cast<size_t>(elements)), got(static_cast<size_t>(plan.outputs)), want(got.size());
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(RandomInt(q.bounds.lo, q.bounds.hi));
  const int64_t cut = RandomInt(0, plan.outputs);
  run(q, x.data(), 0, cut, got.data());
  run(q, x.data(), cut, plan.outputs, got.data());
  reference(q, x.data(), 0, plan.outputs, want.data());
  INFO(TargetName(), " outputs ", plan.outputs, " of ", plan.count, " inner reduced ", plan.inner_reduced);
  CHECK(std::memcmp(got.data(), want.data(), got.size() * sizeof(T)) == 0);
}

template <class T>
void CheckSums(DType type) {
  const Reduced r = RandomReduced();
  QuantizedSums q{&r.plan, type};
  q.bounds = BoundsOf(type);
  q.zero = static_cast<int32_t>(RandomInt(q.bounds.lo, q.bounds.hi));
  q.offset = static_cast<int32_t>(RandomInt(-100000, 100000));
  q.factor = {static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(-12, 3))};
  CheckReduction<T>(q, r.elements, RunQuantizedSums, QuantizedSumsRef);
}

template <class T>
void CheckProducts(DType type) {
  const Reduced r = RandomReduced();
  if (r.plan.count == 0) return;  // has no product
  QuantizedProducts q{&r.plan, type};
  q.bounds = BoundsOf(type);
  q.y_zero = static_cast<int32_t>(RandomInt(q.bounds.lo, q.bounds.hi)), q.x_zero = static_cast<int32_t>(RandomInt(q.bounds.lo, q.bounds.hi));
  q.factor = {static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(-9, 3))};
  CheckReduction<T>(q, r.elements, RunQuantizedProducts, QuantizedProductsRef);
}

TEST_CASE("quantised sums and products over any axes") {
  const OwnRandom random(5);
  ForEachTarget([] {
    for (int i = 0; i < 100; ++i) {
      CheckSums<int8_t>(DType::kInt8);
      CheckSums<uint8_t>(DType::kUInt8);
      CheckSums<int16_t>(DType::kInt16);
      CheckProducts<int8_t>(DType::kInt8);
      CheckProducts<uint8_t>(DType::kUInt8);
      CheckProducts<int16_t>(DType::kInt16);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
