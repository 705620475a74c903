// Bilinear resizing of stored values on vectors against its specification, on every SIMD target.
#include <doctest/doctest.h>

#include "quantized_resize/bilinear.h"
#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

TEST_CASE("bilinear resizing of stored values") {
  const OwnRandom random(11);
  ForEachTarget([] {
    for (int i = 0; i < 60; ++i) {
      const DType type = i % 3 == 0 ? DType::kInt8 : i % 3 == 1 ? DType::kUInt8 : DType::kInt16;
      ResizeShape s{};
      s.batch = RandomInt(1, 2), s.in_h = RandomInt(1, 9), s.in_w = RandomInt(1, 9), s.channels = RandomInt(0, 9) == 0 ? RandomInt(1000, 1100) : RandomInt(1, 70);
      s.out_h = RandomInt(1, 20), s.out_w = RandomInt(1, 20);
      s.align_corners = RandomInt(0, 2) == 0, s.half_pixel_centers = !s.align_corners && RandomInt(0, 1) == 0;
      const size_t element = type == DType::kInt16 ? 2 : 1;
      Guarded<char> x(static_cast<size_t>(s.batch * s.in_h * s.in_w * s.channels) * element);
      Guarded<char> got(static_cast<size_t>(s.batch * s.out_h * s.out_w * s.channels) * element), want(got.size());
      for (size_t k = 0; k < x.size(); ++k) x[k] = static_cast<char>(RandomInt(-128, 127));
      const int64_t rows = s.batch * s.out_h, cut = RandomInt(0, rows);
      ResizeQuantized(s, type, x.data(), 0, cut, got.data());
      ResizeQuantized(s, type, x.data(), cut, rows, got.data());
      ResizeQuantizedRef(s, type, x.data(), 0, rows, want.data());
      INFO(TargetName(), " type ", static_cast<int>(type), " channels ", s.channels, " ", s.in_h, "x", s.in_w, " to ", s.out_h, "x", s.out_w);
      CHECK(std::memcmp(got.data(), want.data(), got.size()) == 0);
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
