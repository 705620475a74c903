// Quantised pooling on vectors against its specification, on every SIMD target.
#include <doctest/doctest.h>

#include "quantized_pool/window_pool.h"
#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

template <class T>
void CheckPool(DType type) {
  QuantizedPool q;
  PoolShape& s = q.shape;
  s = {RandomInt(1, 2), RandomInt(1, 20), RandomInt(1, RandomInt(0, 7) == 0 ? 300 : 20), RandomInt(1, 150), 0, 0, RandomInt(1, 17), RandomInt(1, 17), RandomInt(1, 3), RandomInt(1, 3), 0, 0};
  s.pad_top = RandomInt(0, s.filter_h - 1), s.pad_left = RandomInt(0, s.filter_w - 1);
  // Every window has a pixel of the image.
  s.out_h = (s.in_h - 1 + s.pad_top) / s.stride_h + 1, s.out_w = (s.in_w - 1 + s.pad_left) / s.stride_w + 1;
  q.average = RandomInt(0, 1) == 1;
  q.type = type;
  q.bounds = BoundsOf(type);
  if (RandomInt(0, 1) == 1) q.bounds.lo = static_cast<int32_t>(RandomInt(q.bounds.lo, q.bounds.hi));
  Guarded<T> x(static_cast<size_t>(s.batch * s.in_h * s.in_w * s.channels));
  const int64_t pixels = s.batch * s.out_h * s.out_w;
  Guarded<T> got(static_cast<size_t>(pixels * s.channels)), want(got.size());
  const IntBounds all = BoundsOf(type);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(RandomInt(all.lo, all.hi));
  const int64_t cut = RandomInt(0, pixels);
  RunQuantizedPool(q, x.data(), 0, cut, got.data());
  RunQuantizedPool(q, x.data(), cut, pixels, got.data());
  QuantizedPoolRef(q, x.data(), 0, pixels, want.data());
  INFO(TargetName(), " average ", q.average, " channels ", s.channels, " filter ", s.filter_h, "x", s.filter_w);
  CHECK(std::memcmp(got.data(), want.data(), got.size() * sizeof(T)) == 0);
}

TEST_CASE("quantised pooling of all kinds") {
  const OwnRandom random(6);
  ForEachTarget([] {
    for (int i = 0; i < 90; ++i) {
      if (i % 3 == 0) CheckPool<int8_t>(DType::kInt8);
      else if (i % 3 == 1) CheckPool<uint8_t>(DType::kUInt8);
      else CheckPool<int16_t>(DType::kInt16);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
