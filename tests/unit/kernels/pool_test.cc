// Pooling against the reference over random shapes, on every SIMD target.
#include <doctest/doctest.h>

#include <cmath>

#include "pool/pool.h"
#include "vector_support.h"

namespace tflower::kernels {
namespace {

using namespace vector_test;

// out is chosen so that every window touches the image, with SAME-like padding.
PoolShape RandomPool() {
  PoolShape s;
  s.batch = RandomInt(1, 2);
  s.in_h = RandomInt(1, 12);
  s.in_w = RandomInt(1, 12);
  s.channels = RandomInt(0, 4) == 0 ? RandomInt(60, 300) : RandomInt(1, 40);
  s.stride_h = RandomInt(1, 3);
  s.stride_w = RandomInt(1, 3);
  s.filter_h = RandomInt(1, 5);
  s.filter_w = RandomInt(1, 5);
  s.out_h = (s.in_h + s.stride_h - 1) / s.stride_h;
  s.out_w = (s.in_w + s.stride_w - 1) / s.stride_w;
  s.pad_top = std::max<int64_t>(0, (s.out_h - 1) * s.stride_h + s.filter_h - s.in_h) / 2;
  s.pad_left = std::max<int64_t>(0, (s.out_w - 1) * s.stride_w + s.filter_w - s.in_w) / 2;
  return s;
}

size_t InputSize(const PoolShape& s) { return static_cast<size_t>(s.batch * s.in_h * s.in_w * s.channels); }
size_t OutputSize(const PoolShape& s) { return static_cast<size_t>(s.batch * s.out_h * s.out_w * s.channels); }

void CheckPool(Pool op, const PoolShape& s, const Guarded<float>& x, float lo, float hi) {
  Guarded<float> y(OutputSize(s));
  std::vector<float> expected(OutputSize(s));
  PoolF32Ref(op, s, x.data(), lo, hi, expected.data());
  PoolF32(op, s, x.data(), lo, hi, y.data(), Splitting());
  bool close = true;
  for (size_t i = 0; i < expected.size(); ++i) close &= SameValue(y[i], expected[i]) || std::fabs(y[i] - expected[i]) <= 4e-6f;
  CHECK(close);
}

}  // namespace

TEST_CASE("pooling of random shapes") {
  for (int trial = 0; trial < 120; ++trial) {
    const PoolShape s = RandomPool();
    Guarded<float> x(RandomFloats(InputSize(s)));
    if (trial % 4 == 0) x[x.size() / 2] = kNaN;
    ForEachTarget([&] {
      INFO(TargetName());
      for (const Pool op : {Pool::kAverage, Pool::kMax, Pool::kL2}) {
        CheckPool(op, s, x, -kInfinity, kInfinity);
        CheckPool(op, s, x, 0, 0.75f);
      }
    });
  }
}

TEST_CASE("global average pooling, wide and large") {
  for (const int64_t channels : {1, 3, 64, 1280, 2048}) {
    const PoolShape s = {2, 7, 9, channels, 1, 1, 7, 9, 1, 1, 0, 0};
    const Guarded<float> x(RandomFloats(InputSize(s)));
    ForEachTarget([&] { CheckPool(Pool::kAverage, s, x, -kInfinity, kInfinity); });
  }
}

TEST_CASE("large windows stay accurate") {
  const PoolShape s = {1, 300, 300, 5, 1, 1, 300, 300, 1, 1, 0, 0};
  const std::vector<float> x(InputSize(s), 0.1f);
  ForEachTarget([&] {
    std::vector<float> y(5);
    PoolF32(Pool::kAverage, s, x.data(), -kInfinity, kInfinity, y.data());
    for (const float v : y) CHECK(std::fabs(v - 0.1f) < 1e-6f);
  });
}

TEST_CASE("huge windows are clipped to the image") {
  const PoolShape s = {1, 4, 4, 300, 1, 1, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX / 2, INT32_MAX / 2};
  const Guarded<float> x(RandomFloats(InputSize(s)));
  ForEachTarget([&] { CheckPool(Pool::kAverage, s, x, -kInfinity, kInfinity); });
}

TEST_CASE("empty pooling writes nothing") {
  float y = 7;
  PoolF32(Pool::kMax, {0, 2, 2, 3, 1, 1, 2, 2, 1, 1, 0, 0}, &y, 0, 1, &y);
  PoolF32(Pool::kMax, {1, 2, 2, 0, 1, 1, 2, 2, 1, 1, 0, 0}, &y, 0, 1, &y);
  CHECK(y == 7);
}

}  // namespace tflower::kernels
