// Quantised SOFTMAX and LOG_SOFTMAX on vectors against their specification, on every SIMD target.
#define HWY_WANT_AVX3_DL  // the target with tables of 128 bytes
#include <doctest/doctest.h>

#include "quantized_softmax/rows.h"
#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

template <class T>
void CheckSoftmax(DType type, bool log) {
  QuantizedSoftmax q;
  q.log = log, q.type = type;
  const IntBounds all = BoundsOf(type);
  const float scales[] = {1e-45f, 0.003f, 0.05f, 0.3f, 3e38f};
  q.x = {scales[RandomInt(0, 4)], static_cast<int32_t>(RandomInt(all.lo, all.hi))};
  q.y = {RandomInt(0, 3) == 0 ? scales[RandomInt(0, 4)] : log ? 16.0f / 256 : 1.0f / 256, RandomInt(0, 1) == 0 ? all.lo : static_cast<int32_t>(RandomInt(all.lo, all.hi))};
  q.Fill(log ? 1 : 0.7f);
  const int64_t rows = RandomInt(0, 20), depth = RandomInt(1, 200);
  Guarded<T> x(static_cast<size_t>(rows * depth)), got(x.size()), want(x.size());
  const int64_t width = RandomInt(1, 255);  // of the row's values
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(all.lo + RandomInt(0, width));
  RunQuantizedSoftmax(q, x.data(), rows, depth, got.data());
  QuantizedSoftmaxRef(q, x.data(), rows, depth, want.data());
  INFO(TargetName(), " log ", log, " rows ", rows, " depth ", depth, " scales ", q.x.scale, " ", q.y.scale);
  CHECK(std::memcmp(got.data(), want.data(), got.size()) == 0);
}

TEST_CASE("quantised softmax of any scales") {
  const OwnRandom random(7);
  ForEachTarget([] {
    for (int i = 0; i < 200; ++i) {
      if (i % 2 == 0) CheckSoftmax<int8_t>(DType::kInt8, i % 4 == 0);
      else CheckSoftmax<uint8_t>(DType::kUInt8, i % 4 == 1);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
