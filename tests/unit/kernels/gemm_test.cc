// The packed float matrix product against its specification, on every SIMD target.
#include "gemm/gemm.h"

#include "gemm/sizes.h"
#include "matrix_test_util.h"

namespace tflower::kernels::matrix_test {
namespace {

// Sums of k products of values in [-1, 1]: rounding stays below k * 2^-24 in the worst case, and near its square root.
double Tolerance(size_t k) { return 1e-6 * std::sqrt(static_cast<double>(k) + 1); }

struct Case {
  size_t m, n, k;
  int threads = 1;
  bool bias = true, residual = false, transposed = false;
  Clamp clamp;
};

void Check(const Case& t, uint32_t seed) {
  INFO("m ", t.m, " n ", t.n, " k ", t.k, " threads ", t.threads);
  Random random(seed);
  Floats a(t.m * t.k), b(t.k * t.n), bias(t.n), residual(t.m * t.n), c(t.m * t.n, 7.0f), want(t.m * t.n);
  for (Floats* f : {&a, &b, &bias, &residual}) random.Fill(*f);
  const size_t k_stride = t.transposed ? 1 : t.n, n_stride = t.transposed ? t.k : 1;
  const Parallel parallel = Threads(t.threads);
  Floats packed(GemmPackedBytes(t.k, t.n) / sizeof(float));
  GemmPackB(b.data(), k_stride, n_stride, t.k, t.n, packed.data(), parallel);
  CHECK(packed.GuardsIntact());

  GemmProblem g;
  g.rows = t.m, g.columns = t.n, g.depth = t.k;
  g.a = a.data(), g.a_stride = t.k;
  g.b = packed.data();
  g.bias = t.bias ? bias.data() : nullptr;
  if (t.residual) g.residual = residual.data();
  g.c = c.data(), g.c_stride = t.n;
  g.clamp = t.clamp;
  Gemm(g, parallel);
  CHECK(c.GuardsIntact());
  g.c = want.data();
  GemmRef(g, b.data(), k_stride, n_stride);
  CHECK(LargestError(c, want) <= Tolerance(t.k));
}

TEST_CASE("every count of rows and columns around the tiles") {
  ForEachTarget([] {
    for (size_t m : {1, 2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 28, 29}) {
      for (size_t n : {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 24, 31, 32, 33, 48, 49, 63, 64, 65, 80, 130}) {
        Check({.m = m, .n = n, .k = 1 + (m * 7 + n) % 23}, static_cast<uint32_t>(m * 1000 + n));
      }
    }
  });
}

TEST_CASE("random shapes, strides, clamps, residuals, threads") {
  ForEachTarget([] {
    Random random(1);
    for (uint32_t i = 0; i < 60; ++i) {
      Case t{.m = static_cast<size_t>(random.In(1, 90)), .n = static_cast<size_t>(random.In(1, 200)), .k = static_cast<size_t>(random.In(0, 150))};
      t.threads = static_cast<int>(random.In(1, 4));
      t.bias = random.In(0, 1) == 1;
      t.residual = random.In(0, 1) == 1;
      t.transposed = random.In(0, 1) == 1;
      if (random.In(0, 1) == 1) t.clamp = {0.0f, 6.0f};
      Check(t, i);
    }
  });
}

TEST_CASE("long sums are added in several passes") {
  ForEachTarget([] {
    Check({.m = 40, .n = 70, .k = 5000, .transposed = true}, 1);
    Check({.m = 40, .n = 70, .k = 5000, .threads = 3, .residual = true, .clamp = {-1.0f, 1.0f}}, 2);
    Check({.m = 3, .n = 20, .k = 5000}, 3);
  });
}

TEST_CASE("empty products") {
  ForEachTarget([] {
    Check({.m = 0, .n = 5, .k = 5}, 1);
    Check({.m = 5, .n = 0, .k = 5}, 2);
    Check({.m = 5, .n = 70, .k = 0}, 3);
  });
}

TEST_CASE("rows 4 KiB apart") {
  ForEachTarget([] { Check({.m = 30, .n = 33, .k = 1024}, 1); });
}

TEST_CASE("NaN and infinity pass the clamp as in the specification") {
  ForEachTarget([] {
    const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
    Floats a(9 * 4, 1.0f), b(4 * 37, 0.5f), packed(GemmPackedBytes(4, 37) / sizeof(float)), c(9 * 37), want(9 * 37);
    a[1] = nan, a[4] = inf, a[9] = -inf;
    b[20] = nan;
    GemmPackB(b.data(), 37, 1, 4, 37, packed.data(), Parallel());
    GemmProblem g;
    g.rows = 9, g.columns = 37, g.depth = 4, g.a = a.data(), g.a_stride = 4, g.b = packed.data();
    g.c = c.data(), g.c_stride = 37, g.clamp = {0.0f, 6.0f};
    Gemm(g, Parallel());
    g.c = want.data();
    GemmRef(g, b.data(), 37, 1);
    CHECK(std::isnan(want[0]));
    CHECK(want[37] == 6.0f);
    CHECK(LargestError(c, want) == 0.0);
  });
}

TEST_CASE("rows by tap pointers and scattered results") {
  ForEachTarget([] {
    constexpr size_t kRows = 31, kTaps = 3, kDepth = 5, kColumns = 43;
    Random random(5);
    Floats a(200), b(kTaps * kDepth * kColumns), packed(GemmPackedBytes(kTaps * kDepth, kColumns) / sizeof(float));
    Floats c(kRows * 50), want(kRows * 50);
    random.Fill(a), random.Fill(b);
    std::vector<const float*> taps;
    std::vector<float*> rows, want_rows;
    for (size_t m = 0; m < kRows; ++m) {
      for (size_t t = 0; t < kTaps; ++t) taps.push_back(a.data() + random.In(0, 195));
      rows.push_back(c.data() + (kRows - 1 - m) * 50);
      want_rows.push_back(want.data() + (kRows - 1 - m) * 50);
    }
    GemmPackB(b.data(), kColumns, 1, kTaps * kDepth, kColumns, packed.data(), Parallel());
    GemmProblem g;
    g.rows = kRows, g.columns = kColumns, g.depth = kDepth, g.taps = kTaps;
    g.a_taps = taps.data(), g.b = packed.data(), g.c_rows = rows.data();
    GemmBlock(g, 0, kRows, 0, PackedLayout().Panels(kColumns));
    g.c_rows = want_rows.data();
    GemmRef(g, b.data(), kColumns, 1);
    CHECK(LargestError(c, want) <= Tolerance(kTaps * kDepth));
  });
}

TEST_CASE("sizes that do not fit are refused") {
  CHECK(CheckElements("x", {3, 0, 4}).ok());
  CHECK(CheckElements("x", {1 << 20, 1 << 20, 16}).ok());
  CHECK_FALSE(CheckElements("x", {1 << 20, 1 << 20, 17}).ok());
  CHECK_FALSE(CheckElements("x", {-1}).ok());
  CHECK_FALSE(CheckElements("x", {int64_t{1} << 31}).ok());
  CHECK_FALSE(CheckElements("x", {0, int64_t{1} << 30, int64_t{1} << 30}).ok());
}

}  // namespace
}  // namespace tflower::kernels::matrix_test
