// Conversions between real and stored values on vectors against their specifications, on every SIMD target.
#include <doctest/doctest.h>

#include "fake_quant/fake_quant.h"
#include "quantize/convert.h"
#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

constexpr DType kTypes[] = {DType::kInt8, DType::kUInt8, DType::kInt16, DType::kInt32};
size_t BytesOf(DType type) { return type == DType::kInt32 ? 4 : type == DType::kInt16 ? 2 : 1; }
Affine RandomAffine(DType type) {
  const float scales[] = {1e-45f, 1e-5f, 0.03f, 1.0f, 3e38f};
  const IntBounds bounds = BoundsOf(type);
  return {scales[RandomInt(0, 4)], type == DType::kInt32 ? 0 : static_cast<int32_t>(RandomInt(bounds.lo, bounds.hi))};
}

TEST_CASE("real numbers to stored values and back") {
  const OwnRandom random(9);
  ForEachTarget([] {
    for (int i = 0; i < 60; ++i) {
      const DType type = kTypes[i % 3];
      const Affine affine = RandomAffine(type);
      const auto n = static_cast<size_t>(RandomInt(0, 300));
      const float range = i % 2 == 0 ? 200 : 100 * std::min(affine.scale, 1e30f);
      std::vector<float> values = RandomFloats(n, -range, range);
      for (float& v : values) {
        if (i % 4 < 2 && RandomInt(0, 3) == 0) v = (std::trunc(v) + 0.5f) * (std::isfinite(affine.scale * v) ? affine.scale : 1.0f);  // ties
        if (i % 4 == 0 && RandomInt(0, 20) == 0) v = RandomInt(0, 1) == 0 ? kNaN : kInfinity;
      }
      const Guarded<float> x{std::span<const float>(values)};
      Guarded<char> got(n * BytesOf(type)), want(n * BytesOf(type));
      StoreReals(x.data(), n, affine, type, got.data());
      StoreRealsRef(x.data(), n, affine, type, want.data());
      INFO(TargetName(), " type ", static_cast<int>(type), " scale ", affine.scale, " n ", n);
      CHECK(std::memcmp(got.data(), want.data(), got.size()) == 0);
      Guarded<float> back(n), want_back(n);
      LoadReals(got.data(), type, n, affine, back.data());
      LoadRealsRef(got.data(), type, n, affine, want_back.data());
      for (size_t k = 0; k < n; ++k) CHECK(SameValue(back[k], want_back[k]));
    }
  });
}

TEST_CASE("floats are moved to levels as the specification says, bit by bit") {
  const OwnRandom random(5);
  for (int i = 0; i < 40; ++i) {
    const auto n = static_cast<size_t>(RandomInt(0, 300));
    const float scale = 0.01f * static_cast<float>(RandomInt(1, 100)), min = -scale * static_cast<float>(RandomInt(0, 128));
    const QuantLevels levels = {min, min + scale * static_cast<float>(RandomInt(1, 255)), scale};
    std::vector<float> values = RandomFloats(n, -100, 100);
    for (float& v : values) {
      if (RandomInt(0, 3) == 0) v = (std::trunc(v) + 0.5f) * scale + min;  // ties
      if (RandomInt(0, 20) == 0) v = RandomInt(0, 1) == 0 ? kNaN : -kInfinity;
    }
    const Guarded<float> x{std::span<const float>(values)};
    std::vector<float> want(n);
    FakeQuantRef(levels, x.data(), n, want.data());
    ForEachTarget([&] {
      INFO(TargetName(), " n ", n);
      Guarded<float> got(n);
      FakeQuantF32(levels, x.data(), n, got.data());
      bool same = true;
      for (size_t k = 0; k < n; ++k) same &= SameValue(got[k], want[k]);
      CHECK(same);
    });
  }
}

TEST_CASE("stored values of one quantisation to another") {
  const OwnRandom random(10);
  ForEachTarget([] {
    for (int i = 0; i < 120; ++i) {
      const DType from = kTypes[i % 4], to = kTypes[i / 4 % 3];
      const auto n = static_cast<size_t>(RandomInt(0, 100));
      Requantization r{RandomAffine(from).zero, RandomAffine(to).zero, {static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(-31, 12))}};
      Guarded<char> x(n * BytesOf(from)), got(n * BytesOf(to)), want(n * BytesOf(to));
      for (size_t k = 0; k < x.size(); ++k) x[k] = static_cast<char>(RandomInt(-128, 127));
      Requantize(r, x.data(), from, n, to, got.data());
      RequantizeRef(r, x.data(), from, n, to, want.data());
      INFO(TargetName(), " from ", static_cast<int>(from), " to ", static_cast<int>(to), " shift ", r.factor.shift);
      CHECK(std::memcmp(got.data(), want.data(), got.size()) == 0);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
