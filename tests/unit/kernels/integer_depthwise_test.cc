// The integer depthwise convolution against its specification, on every SIMD target.
#define HWY_WANT_AVX3_DL  // the target of products of bytes
#include "integer_depthwise/integer_depthwise.h"

#include <doctest/doctest.h>
#include <hwy/aligned_allocator.h>

#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

std::vector<char> RandomBytes(int64_t n) {
  std::vector<char> bytes(static_cast<size_t>(n));
  for (char& b : bytes) b = static_cast<char>(RandomInt(-128, 127));
  return bytes;
}

void CheckDepthwise(IntegerDepthwise& d) {
  const DepthwiseShape& s = d.shape;
  const int64_t channels = s.out_channels(), element = d.type == IntegerType::kInt16 ? 2 : 1;
  d.bytes = MultipliesBytes(d.type, d.unsigned_weights, d.w_zero);
  INFO(TargetName(), " channels ", s.in_channels, " x ", s.multiplier, " filter ", s.filter_h, "x", s.filter_w, " stride ", s.stride_h, "x", s.stride_w, " dilation ", s.dilation_h, "x",
       s.dilation_w, " image ", s.in_h, "x", s.in_w, " type ", static_cast<int>(d.type), " wide ", d.wide, " zero ", d.w_zero);
  const std::vector<char> x_values = RandomBytes(s.batch * s.in_h * s.in_w * s.in_channels * element), w_values = RandomBytes(s.filter_h * s.filter_w * channels);
  const Guarded<char> x{std::span<const char>(x_values)};
  const auto results = static_cast<size_t>(s.batch * s.out_h * s.out_w * channels * element);
  Guarded<char> got(results), want(results);
  std::vector<int64_t> bias(static_cast<size_t>(channels));
  std::vector<Multiplier> multipliers;
  const bool down = RandomInt(0, 3) != 0;
  for (int64_t& b : bias) {
    b = RandomInt(-20000, 20000);
    multipliers.push_back({static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(-12, down ? -1 : 3))});
  }
  Requantizer& r = d.requantizer;
  r.Set(multipliers, static_cast<size_t>(channels));
  r.type = d.type == IntegerType::kInt8 ? DType::kInt8 : d.type == IntegerType::kUInt8 ? DType::kUInt8 : DType::kInt16;
  r.bounds = BoundsOf(r.type);
  r.zero = static_cast<int32_t>(RandomInt(r.bounds.lo, r.bounds.hi));
  d.x_zero = static_cast<int32_t>(RandomInt(r.bounds.lo, r.bounds.hi));
  IntegerDepthwiseRef(d, x.data(), w_values.data(), bias.data(), want.data(), Parallel());
  if (!VectorsTakeDepthwise(d)) return;
  const auto packed = hwy::AllocateAligned<char>(IntegerDepthwisePackedBytes(d) + 64);
  PackIntegerDepthwise(d, w_values.data(), packed.get());
  const auto scratch = hwy::AllocateAligned<char>(IntegerDepthwiseScratchBytes(d, 3) + 64);
  RunIntegerDepthwise(d, x.data(), packed.get(), bias.data(), got.data(), scratch.get(), 3, Splitting());
  CHECK(std::memcmp(got.data(), want.data(), results) == 0);
}

TEST_CASE("integer depthwise convolutions of all kinds") {
  const OwnRandom random(2);
  ForEachTarget([] {
    for (int i = 0; i < 250; ++i) {
      IntegerDepthwise d;
      DepthwiseShape& s = d.shape;
      s = {RandomInt(1, 2), RandomInt(1, 12), RandomInt(1, 14), RandomInt(1, i % 3 == 0 ? 150 : 40), i % 4 == 0 ? RandomInt(2, 5) : 1, 1, 1, RandomInt(1, 6), RandomInt(1, 6)};
      s.stride_h = RandomInt(1, 3), s.stride_w = RandomInt(1, 3);
      s.dilation_h = RandomInt(1, 3), s.dilation_w = i % 2 == 0 ? 1 : RandomInt(1, 3);
      s.pad_top = RandomInt(0, 4), s.pad_left = RandomInt(0, 4);
      s.out_h = RandomInt(1, s.in_h / s.stride_h + 2), s.out_w = RandomInt(1, s.in_w / s.stride_w + 2);
      d.type = static_cast<IntegerType>(RandomInt(0, 2));
      d.unsigned_weights = RandomInt(0, 1) == 1;
      d.w_zero = RandomInt(0, 2) == 0 ? static_cast<int32_t>(RandomInt(-100, 100)) : d.unsigned_weights ? 128 : 0;
      if (d.unsigned_weights) d.w_zero &= 255;
      d.wide = d.type == IntegerType::kInt16 && RandomInt(0, 1) == 1;
      CheckDepthwise(d);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
