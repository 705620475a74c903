// RFFT2D against the sum that defines it; REAL, IMAG and COMPLEX_ABS.
#include <cmath>
#include <complex>
#include <numbers>
#include <random>

#include "tests/support/kernel_harness.h"

namespace tflower::kernels {
extern const KernelFamily family_fft;
extern const KernelFamily family_complex;
}  // namespace tflower::kernels

namespace {
using namespace tflower;
using namespace tflower::test;
using Complex = std::complex<double>;

std::vector<float> Random(int64_t n) {
  std::mt19937 engine(7);
  std::uniform_real_distribution<float> value(-1.0f, 1.0f);
  std::vector<float> x(static_cast<size_t>(n));
  for (float& v : x) v = value(engine);
  return x;
}

// Element (u, v) of the transform of x [rows, columns], cut or filled up to [n_rows, n_columns].
Complex Defined(const float* x, int64_t rows, int64_t columns, int64_t n_rows, int64_t n_columns, int64_t u, int64_t v) {
  Complex sum;
  for (int64_t r = 0; r < std::min(rows, n_rows); ++r) {
    for (int64_t c = 0; c < std::min(columns, n_columns); ++c) {
      const double turns = static_cast<double>(u * r) / static_cast<double>(n_rows) + static_cast<double>(v * c) / static_cast<double>(n_columns);
      sum += static_cast<double>(x[r * columns + c]) * std::polar(1.0, -2 * std::numbers::pi * turns);
    }
  }
  return sum;
}

void Check(int64_t matrices, int64_t rows, int64_t columns, int32_t n_rows, int32_t n_columns, int threads) {
  INFO(matrices, " of ", rows, "x", columns, " to ", n_rows, "x", n_columns);
  const std::vector<float> x = Random(matrices * rows * columns);
  KernelCall call(kernels::family_fft, tfl::Builtin::RFFT2D);
  call.Input(Make<float>({matrices, rows, columns}, x));
  const auto out = call.Const(Make<int32_t>({2}, {n_rows, n_columns})).Threads(threads).Run();
  REQUIRE_OK(out);
  const int64_t kept = n_columns / 2 + 1;
  REQUIRE(out.value()[0].dims == Dims{matrices, n_rows, kept});
  const std::vector<float> y = out.value()[0].As<float>();
  double worst = 0;
  for (int64_t i = 0; i < matrices * n_rows * kept; ++i) {
    const int64_t m = i / kept / n_rows, u = i / kept % n_rows, v = i % kept;
    const Complex want = Defined(x.data() + m * rows * columns, rows, columns, n_rows, n_columns, u, v);
    worst = std::max(worst, std::abs(Complex(y[static_cast<size_t>(2 * i)], y[static_cast<size_t>(2 * i + 1)]) - want));
  }
  CHECK(worst < 3e-6 * std::sqrt(static_cast<double>(n_rows * n_columns)));
}

TEST_CASE("RFFT2D: lengths, cutting, filling up, threads") {
  for (const int32_t n : {1, 2, 4, 16, 128}) {
    Check(3, 1, n, 1, n, 1);
    Check(3, 1, n + 3, 1, n, 2);
    Check(1, 1, std::max(1, n - 3), 1, n, 1);
  }
  Check(5, 8, 16, 8, 16, 3);
  Check(2, 5, 9, 8, 4, 1);
  Check(2, 9, 3, 4, 8, 2);
}

TEST_CASE("RFFT2D: lengths that are no powers of two, or known when it runs") {
  const auto run = [](std::vector<int32_t> lengths, bool known) {
    KernelCall call(kernels::family_fft, tfl::Builtin::RFFT2D);
    call.Input(Iota<float>({2, 4}));
    const Value v = Make<int32_t>({2}, lengths);
    return known ? call.Const(v).Run() : call.Input(v).Run();
  };
  for (const auto& lengths : {std::vector<int32_t>{1, 6}, {0, 4}, {-2, 4}}) CHECK_FAILS(run(lengths, true), Code::kInvalidOperand, "input 1 (fft_length)");
  CHECK(run({1, 4}, false).value()[0].dims == Dims{1, 3});
  KernelCall empty(kernels::family_fft, tfl::Builtin::RFFT2D);
  CHECK(empty.Input(Make<float>({0, 2, 4}, {})).Const(Make<int32_t>({2}, {2, 4})).Run().value()[0].dims == Dims{0, 2, 3});
}

TEST_CASE("REAL, IMAG, COMPLEX_ABS") {
  const Value x = Make<float>({6}, {3, -4, 1e30f, 1e30f, -1e-30f, 0}).Retyped(DType::kComplex64, {3});
  const auto part = [&](tfl::Builtin code) { return KernelCall(kernels::family_complex, code).Input(x).Run().value()[0].As<float>(); };
  CHECK(part(tfl::Builtin::REAL) == std::vector<float>{3, 1e30f, -1e-30f});
  CHECK(part(tfl::Builtin::IMAG) == std::vector<float>{-4, 1e30f, 0});
  CHECK(part(tfl::Builtin::COMPLEX_ABS) == std::vector<float>{5, static_cast<float>(std::hypot(double{1e30f}, double{1e30f})), 1e-30f});
}

}  // namespace
