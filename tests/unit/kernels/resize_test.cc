// Resizing: known coordinates, and vector kernels against the reference on every SIMD target.
#include <doctest/doctest.h>

#include <cmath>

#include "resize/coordinates.h"
#include "resize/resize.h"
#include "vector_support.h"

namespace tflower::kernels {
namespace {

using namespace vector_test;

ResizeShape RandomResize() {
  ResizeShape s{};
  s.batch = RandomInt(1, 2);
  s.in_h = RandomInt(1, 9);
  s.in_w = RandomInt(0, 2) == 0 ? RandomInt(10, 400) : RandomInt(1, 9);
  s.out_h = RandomInt(1, 20);
  s.out_w = RandomInt(0, 9) == 0 ? RandomInt(60, 2500) : RandomInt(1, 20);
  s.channels = RandomInt(0, 3) == 0 ? RandomInt(7, 70) : RandomInt(1, 6);
  const int64_t mode = RandomInt(0, 2);
  s.align_corners = mode == 1;
  s.half_pixel_centers = mode == 2;
  return s;
}

size_t InputSize(const ResizeShape& s) { return static_cast<size_t>(s.batch * s.in_h * s.in_w * s.channels); }
size_t OutputSize(const ResizeShape& s) { return static_cast<size_t>(s.batch * s.out_h * s.out_w * s.channels); }

std::vector<float> Bilinear(const ResizeShape& s, const std::vector<float>& x) {
  std::vector<float> y(OutputSize(s));
  ResizeBilinearF32(s, x.data(), y.data());
  return y;
}

std::vector<float> Nearest(const ResizeShape& s, const std::vector<float>& x) {
  std::vector<float> y(OutputSize(s));
  ResizeNearest(s, x.data(), static_cast<size_t>(s.channels) * sizeof(float), y.data());
  return y;
}

// Of more than 8 MiB, which are written past the caches: few channels, many, a pixel in parts.
const ResizeShape kLarge[] = {{1, 300, 400, 3, 1000, 801}, {1, 60, 70, 33, 250, 290, true, false}, {1, 3, 5, 2500, 25, 41, false, true}};

void CheckBilinear(const ResizeShape& s) {
  const Guarded<float> x(RandomFloats(InputSize(s)));
  std::vector<float> expected(OutputSize(s));
  ResizeBilinearRef(s, x.data(), expected.data());
  ForEachTarget([&] {
    INFO(TargetName(), " channels ", s.channels);
    Guarded<float> y(OutputSize(s));
    ResizeBilinearF32(s, x.data(), y.data(), Splitting());
    float worst = 0;
    for (size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::fabs(y[i] - expected[i]));
    CHECK(worst <= 3 * 3.6e-7f);
  });
}

void CheckNearest(const ResizeShape& s) {
  const Guarded<float> x(RandomFloats(InputSize(s)));
  std::vector<int64_t> rows(static_cast<size_t>(s.out_h)), columns(static_cast<size_t>(s.out_w));
  NearestSources(0, s.out_h, ResizeScale(s.in_h, s.out_h, s.align_corners), s.align_corners, s.half_pixel_centers, s.in_h, rows.data());
  NearestSources(0, s.out_w, ResizeScale(s.in_w, s.out_w, s.align_corners), s.align_corners, s.half_pixel_centers, s.in_w, columns.data());
  ForEachTarget([&] {
    INFO(TargetName(), " channels ", s.channels);
    Guarded<float> y(OutputSize(s));
    ResizeNearest(s, x.data(), static_cast<size_t>(s.channels) * sizeof(float), y.data(), Splitting());
    bool same = true;
    for (int64_t i = 0; i < static_cast<int64_t>(y.size()); ++i) {
      const int64_t c = i % s.channels, ox = i / s.channels % s.out_w, oy = i / (s.channels * s.out_w) % s.out_h, n = i / (s.channels * s.out_w * s.out_h);
      const int64_t from = ((n * s.in_h + rows[static_cast<size_t>(oy)]) * s.in_w + columns[static_cast<size_t>(ox)]) * s.channels + c;
      same &= y[static_cast<size_t>(i)] == x[static_cast<size_t>(from)];
    }
    CHECK(same);
  });
}

}  // namespace

TEST_CASE("bilinear resizing of random shapes equals the reference") {
  for (int trial = 0; trial < 200; ++trial) CheckBilinear(RandomResize());
  for (const ResizeShape& s : kLarge) CheckBilinear(s);
}

TEST_CASE("nearest resizing of random shapes copies the pixels that its coordinates name") {
  for (int trial = 0; trial < 100; ++trial) CheckNearest(RandomResize());
  for (const ResizeShape& s : kLarge) CheckNearest(s);
}

TEST_CASE("bilinear coordinate rules on a row of 0 10 20 30") {
  const std::vector<float> x = {0, 10, 20, 30};
  CHECK(Bilinear({1, 1, 4, 1, 1, 8}, x) == std::vector<float>{0, 5, 10, 15, 20, 25, 30, 30});
  CHECK(Bilinear({1, 1, 4, 1, 1, 7, true, false}, x) == std::vector<float>{0, 5, 10, 15, 20, 25, 30});
  CHECK(Bilinear({1, 1, 4, 1, 1, 8, false, true}, x) == std::vector<float>{0, 2.5f, 7.5f, 12.5f, 17.5f, 22.5f, 27.5f, 30});
  CHECK(Bilinear({1, 1, 4, 1, 1, 2, false, true}, x) == std::vector<float>{5, 25});
  CHECK(Bilinear({1, 1, 4, 1, 1, 1, true, false}, x) == std::vector<float>{0});
}

TEST_CASE("nearest coordinate rules on a row of 0 10 20 30") {
  const std::vector<float> x = {0, 10, 20, 30};
  CHECK(Nearest({1, 1, 4, 1, 1, 8}, x) == std::vector<float>{0, 0, 10, 10, 20, 20, 30, 30});
  CHECK(Nearest({1, 1, 4, 1, 1, 3}, x) == std::vector<float>{0, 10, 20});
  CHECK(Nearest({1, 1, 4, 1, 1, 3, false, true}, x) == std::vector<float>{0, 20, 30});
  CHECK(Nearest({1, 1, 4, 1, 1, 7, true, false}, x) == std::vector<float>{0, 10, 10, 20, 20, 30, 30});
}

TEST_CASE("nearest copies whole pixels of any size") {
  for (const size_t bytes : {1, 2, 3, 4, 5, 12, 16, 20}) {
    const ResizeShape s = {2, 3, 4, static_cast<int64_t>(bytes), 5, 7};
    std::vector<uint8_t> x(InputSize(s));
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i);
    Guarded<uint8_t> y(OutputSize(s));
    ResizeNearest(s, x.data(), bytes, y.data(), Splitting());
    bool same = true;
    size_t i = 0;
    for (int64_t n = 0; n < s.batch; ++n) {
      for (int64_t oy = 0; oy < s.out_h; ++oy) {
        for (int64_t ox = 0; ox < s.out_w; ++ox) {
          const int64_t iy = oy * s.in_h / s.out_h, ix = ox * s.in_w / s.out_w;
          for (int64_t b = 0; b < s.channels; ++b) same &= y[i++] == x[static_cast<size_t>(((n * s.in_h + iy) * s.in_w + ix) * s.channels + b)];
        }
      }
    }
    CHECK(same);
  }
}

}  // namespace tflower::kernels
