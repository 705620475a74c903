// Depthwise convolution against the reference over random shapes, on every SIMD target.
#include <doctest/doctest.h>
#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cmath>

#include "depthwise/depthwise.h"
#include "vector_support.h"

namespace tflower::kernels {
namespace {

using namespace vector_test;

size_t InputSize(const DepthwiseShape& s) { return static_cast<size_t>(s.batch * s.in_h * s.in_w * s.in_channels); }
size_t OutputSize(const DepthwiseShape& s) { return static_cast<size_t>(s.batch * s.out_h * s.out_w * s.out_channels()); }

// Output size and padding as SAME gives them.
void PadSame(DepthwiseShape& s) {
  s.out_h = (s.in_h + s.stride_h - 1) / s.stride_h;
  s.out_w = (s.in_w + s.stride_w - 1) / s.stride_w;
  s.pad_top = std::max<int64_t>(0, (s.out_h - 1) * s.stride_h + (s.filter_h - 1) * s.dilation_h + 1 - s.in_h) / 2;
  s.pad_left = std::max<int64_t>(0, (s.out_w - 1) * s.stride_w + (s.filter_w - 1) * s.dilation_w + 1 - s.in_w) / 2;
}

DepthwiseShape RandomDepthwise() {
  DepthwiseShape s{};
  s.batch = RandomInt(1, 2);
  s.in_h = RandomInt(1, 17);
  s.in_w = RandomInt(1, 17);
  s.multiplier = RandomInt(0, 4) == 0 ? RandomInt(2, 9) : 1;
  s.in_channels = RandomInt(0, 3) == 0 ? RandomInt(33, 70) : RandomInt(1, 20);
  const bool unrolled = RandomInt(0, 2) != 0;
  s.filter_h = unrolled ? 3 + 2 * RandomInt(0, 2) : RandomInt(1, 8);
  s.filter_w = unrolled ? s.filter_h : RandomInt(1, 8);
  s.stride_h = RandomInt(1, 3);
  s.stride_w = unrolled ? s.stride_h : RandomInt(1, 3);
  s.dilation_h = unrolled ? 1 : RandomInt(1, 3);
  s.dilation_w = unrolled ? 1 : RandomInt(1, 3);
  PadSame(s);
  return s;
}

void CheckOnEveryTarget(const DepthwiseShape& s) {
  const Guarded<float> x(RandomFloats(InputSize(s), -1, 1));
  const std::vector<float> weights = RandomFloats(static_cast<size_t>(s.filter_h * s.filter_w * s.out_channels()), -1, 1);
  const std::vector<float> bias = RandomFloats(static_cast<size_t>(s.out_channels()), -1, 1);
  const bool has_bias = RandomInt(0, 3) != 0;
  const float lo = RandomInt(0, 1) == 0 ? -kInfinity : 0.0f, hi = lo == 0 ? 6.0f : kInfinity;
  std::vector<float> expected(OutputSize(s));
  DepthwiseF32Ref(s, x.data(), weights.data(), has_bias ? bias.data() : nullptr, lo, hi, expected.data());
  const float tolerance = 6e-8f * static_cast<float>(s.filter_h * s.filter_w + 2) * static_cast<float>(s.filter_h * s.filter_w + 1);
  ForEachTarget([&] {
    INFO(TargetName(), " filter ", s.filter_h, "x", s.filter_w, " stride ", s.stride_h, " channels ", s.in_channels, "*", s.multiplier);
    auto packed = hwy::AllocateAligned<float>(DepthwisePackedBytes(s) / sizeof(float));
    auto scratch = hwy::AllocateAligned<float>(DepthwiseScratchBytes(s) / sizeof(float) + 1);
    PackDepthwiseF32(s, weights.data(), has_bias ? bias.data() : nullptr, packed.get());
    Guarded<float> y(OutputSize(s));
    std::fill_n(y.data(), y.size(), kNaN);
    DepthwiseF32(s, x.data(), packed.get(), lo, hi, scratch.get(), y.data(), Splitting());
    float worst = 0;
    for (size_t i = 0; i < expected.size(); ++i) worst = std::fabs(y[i] - expected[i]) <= tolerance ? worst : 1;
    CHECK(worst == 0);
  });
}

}  // namespace

TEST_CASE("depthwise convolution of random shapes") {
  for (int trial = 0; trial < 250; ++trial) CheckOnEveryTarget(RandomDepthwise());
}

TEST_CASE("depthwise tiles of every width, stride and filter") {
  for (const int64_t filter : {3, 5, 7}) {
    for (const int64_t stride : {1, 2}) {
      for (const int64_t width : {1, 2, 3, 4, 5, 7, 8, 14, 21}) {
        DepthwiseShape s{1, width, width, 37, 1, 0, 0, filter, filter, stride, stride};
        PadSame(s);
        CheckOnEveryTarget(s);
      }
    }
  }
}

TEST_CASE("VALID padding, and windows that lie wholly in the padding") {
  DepthwiseShape valid{2, 9, 9, 20, 1, 7, 7, 3, 3};
  CheckOnEveryTarget(valid);
  DepthwiseShape far{1, 2, 2, 20, 1, 8, 8, 3, 3};
  far.pad_top = far.pad_left = 4;
  CheckOnEveryTarget(far);
  far.filter_w = 2;
  CheckOnEveryTarget(far);
}

TEST_CASE("huge dilations, strides and paddings do not overflow") {
  DepthwiseShape s{1, 3, 3, 20, 1, 3, 3, 3, 3};
  s.dilation_h = s.dilation_w = INT32_MAX;
  s.pad_top = s.pad_left = INT32_MAX;
  CheckOnEveryTarget(s);
  s.stride_h = s.stride_w = INT32_MAX;
  CheckOnEveryTarget(s);
}

TEST_CASE("NaN passes through the clamp") {
  ForEachTarget([] {
    INFO(TargetName());
    for (const int64_t channels : {3, 40}) {
      DepthwiseShape s{1, 5, 5, channels, 1, 5, 5, 3, 3};
      s.pad_top = s.pad_left = 1;
      std::vector<float> x(InputSize(s), 1.0f), weights(static_cast<size_t>(9 * channels), 1.0f), y(OutputSize(s));
      x[static_cast<size_t>(12 * channels + 1)] = kNaN;
      auto packed = hwy::AllocateAligned<float>(DepthwisePackedBytes(s) / sizeof(float));
      PackDepthwiseF32(s, weights.data(), nullptr, packed.get());
      DepthwiseF32(s, x.data(), packed.get(), 0, 6, nullptr, y.data());
      CHECK(std::isnan(y[static_cast<size_t>(12 * channels + 1)]));
      CHECK(y[static_cast<size_t>(12 * channels)] == 6);
    }
  });
}

}  // namespace tflower::kernels
