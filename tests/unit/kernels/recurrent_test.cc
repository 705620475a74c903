// What hybrid and integer recurrent layers are made of, against plain loops on every SIMD target: rows as int8, products of bytes, fixed point steps.
// Whole operators are compared with LiteRT by tests/parity/rnn_kernels.py.
#include <cmath>

#include "common/quantized.h"
#include "hybrid/rows.h"
#include "lstm_integer/steps.h"
#include "matrix_test_util.h"
#include "recurrent/bytes.h"
#include "svdf/svdf.h"
#include "tests/support/kernel_harness.h"

namespace tflower::kernels::matrix_test {
namespace {

TEST_CASE("recurrent: a row as int16 is the row as int8 without its zero point") {
  ForEachTarget([] {
    Random random(1);
    for (size_t n = 0; n < 40; ++n) {
      for (const bool asymmetric : {false, true}) {
        Floats x(n);
        random.Fill(x);
        if (n % 5 == 1) x[0] = 0;
        if (n % 7 == 3) x[n - 1] = 1e30f;
        if (n == 20) x[3] = std::nanf("");
        if (n == 24) x[3] = -INFINITY;
        if (n == 28) std::fill_n(x.data(), n, 1e-38f);
        std::vector<int8_t> want(n + 1);
        std::vector<int16_t> got(2 * PairsOf(n) + 1, 77);
        const RowScale row = QuantizeRow(x.data(), static_cast<int64_t>(n), asymmetric, want.data());
        const float scale = QuantizeRow16(x.data(), n, asymmetric, got.data());
        INFO("n ", n, " asymmetric ", asymmetric);
        CHECK((scale == row.scale || (std::isnan(scale) && std::isnan(row.scale))));
        for (size_t i = 0; i < n; ++i) CHECK(got[i] == want[i] - row.zero);
        if (n % 2 != 0) CHECK(got[n] == 0);
        CHECK(got[2 * PairsOf(n)] == 77);
      }
    }
  });
}

struct Bytes {
  UnitBlocks units;
  size_t depth, rows;
  std::vector<std::vector<int8_t>> matrices;
  std::vector<int8_t> packed;
  std::vector<int16_t> x;

  Bytes(size_t count, size_t gates, size_t k, size_t row_count, Random& random) : units(count, gates), depth(k), rows(row_count), packed(ByteBlockBytes(units, k)), x(row_count * 2 * PairsOf(k)) {
    std::vector<const int8_t*> pointers;
    for (size_t g = 0; g < gates; ++g) {
      std::vector<int8_t>& m = matrices.emplace_back(count * k);
      for (int8_t& v : m) v = static_cast<int8_t>(random.In(-128, 127));
    }
    for (const auto& m : matrices) pointers.push_back(m.data());
    PackByteBlocks(units, pointers.data(), k, packed.data());
    for (size_t i = 0; i < x.size(); ++i) x[i] = i % (2 * PairsOf(k)) < k ? static_cast<int16_t>(random.In(-255, 255)) : int16_t{0};
  }
  int32_t Sum(size_t row, size_t gate, size_t unit) const {
    int32_t sum = 0;
    for (size_t k = 0; k < depth; ++k) sum += x[row * 2 * PairsOf(depth) + k] * matrices[gate][unit * depth + k];
    return sum;
  }
};

TEST_CASE("recurrent: products of bytes") {
  ForEachTarget([] {
    Random random(2);
    for (size_t i = 0; i < 24; ++i) {
      const Bytes b(1 + i * 5 % 43, i % 3 == 0 ? 4 : i % 3 == 1 ? 3 : 1, 1 + i * 7 % 50, 1 + i % 6, random);
      const size_t columns = b.units.columns(), stride = 2 * PairsOf(b.depth);
      std::vector<int32_t> sums(b.rows * columns, -1);
      SumByteRows({.units = b.units, .pairs = PairsOf(b.depth), .weights = b.packed.data(), .x = b.x.data(), .x_stride = stride, .y = sums.data(), .y_stride = columns}, {0, b.rows}, {0, b.units.blocks()});
      Floats y(b.rows * columns), scales(b.rows), gates(4), start(columns);
      random.Fill(scales), random.Fill(gates), random.Fill(start);
      ByteProduct p;
      p.units = b.units, p.pairs = PairsOf(b.depth), p.weights = b.packed.data(), p.gate_scales = gates.data(), p.x = b.x.data(), p.x_stride = stride;
      p.row_scales = scales.data(), p.start = start.data(), p.y = y.data(), p.y_stride = columns, p.columns = columns, p.clamp = {-1e4f, 1e4f};
      MultiplyBytes(p, {0, b.rows}, {0, b.units.blocks()});
      CHECK(y.GuardsIntact());
      for (size_t r = 0; r < b.rows; ++r) {
        for (size_t g = 0; g < b.units.gates; ++g) {
          for (size_t u = 0; u < b.units.units; ++u) {
            const int32_t sum = b.Sum(r, g, u);
            const size_t column = u / b.units.lanes * b.units.width() + g * b.units.lanes + u % b.units.lanes;
            CHECK(sums[r * columns + g * b.units.padded() + u] == sum);
            const float want = std::min(std::max(start[column] + static_cast<float>(sum) * (scales[r] * gates[g]), -1e4f), 1e4f);
            CHECK(std::abs(y[r * columns + column] - want) <= 1e-6f * std::max(1.0f, std::abs(want)));
          }
        }
      }
    }
  });
}

TEST_CASE("integer lstm: sums by their factor, saturating") {
  ForEachTarget([] {
    Random random(3);
    for (const double factor : {1e-6, 3e-4, 0.3, 0.5, 1.0, 7.0, 1e6}) {
      const Multiplier m = MultiplierOf(factor);
      std::vector<int32_t> sums(37), bias(37);
      std::vector<int16_t> start(37), z(37);
      for (size_t i = 0; i < 37; ++i) {
        sums[i] = static_cast<int32_t>(random.In(-200000, 200000));
        bias[i] = static_cast<int32_t>(random.In(-2000, 2000));
        start[i] = static_cast<int16_t>(random.In(INT16_MIN, INT16_MAX));
      }
      AddScaledSums(sums.data(), bias.data(), m, start.data(), z.data(), 37);
      for (size_t i = 0; i < 37; ++i) CHECK(z[i] == BoundsOf(DType::kInt16).Clamp(int64_t{AddWrapping<int32_t>(Scaled(sums[i] + bias[i], m), start[i])}));
    }
  });
}

TEST_CASE("integer lstm: sigmoid and tanh of every int16") {
  ForEachTarget([] {
    std::vector<int16_t> all(1 << 16), out(1 << 16);
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int16_t>(i);
    out = all;
    Sigmoids16(out.data(), out.size());
    double worst = 0;
    for (size_t i = 0; i < all.size(); ++i) worst = std::max(worst, std::abs(out[i] / 32768.0 - 1 / (1 + std::exp(-all[i] / 4096.0))));
    CHECK(worst < 3e-4);
    for (int bits = 0; bits <= 6; ++bits) {
      Tanhs16(bits, all.data(), out.data(), out.size());
      worst = 0;
      for (size_t i = 0; i < all.size(); ++i) worst = std::max(worst, std::abs(out[i] / 32768.0 - std::tanh(all[i] / std::ldexp(1.0, 15 - bits))));
      INFO("integer bits ", bits);
      CHECK(worst < 4e-3);
      CHECK(out[0] == 0);
    }
  });
}

TEST_CASE("svdf: memories move on, units sum their filters") {
  ForEachTarget([] {
    const SvdfShape s{.batch = 1, .inputs = 0, .filters = 4, .memory = 3, .rank = 2, .units = 2};
    std::vector<float> state(12, 1), weights(12, 1), y(2);
    const std::vector<float> latest = {5, 6, 7, 8};
    RememberAndSum(s, latest.data(), weights.data(), state.data(), y.data());
    CHECK(y == std::vector<float>{15, 19});
    RememberAndSum(s, latest.data(), weights.data(), state.data(), y.data());
    CHECK(y == std::vector<float>{24, 32});
    CHECK(state == std::vector<float>{1, 5, 5, 1, 6, 6, 1, 7, 7, 1, 8, 8});
  });
}

}  // namespace
}  // namespace tflower::kernels::matrix_test

namespace tflower::kernels {
extern const KernelFamily family_svdf, family_lstm_basic, family_lstm_integer;
}

namespace tflower::test {
namespace {

TEST_CASE("SVDF: one filter over two steps; operands that do not fit") {
  KernelCall call(kernels::family_svdf, tfl::Builtin::SVDF);
  call.Options(tfl::SVDFOptions{.rank = 1}).Input(Make<float>({1, 2}, {1, 2})).Const(Make<float>({1, 2}, {1, 1})).Const(Make<float>({1, 2}, {10, 1}));
  call.Const(Make<float>({1}, {0.5f})).Variable(Make<float>({1, 2}, {0, 0}));
  for (const float want : {3.5f, 33.5f, 33.5f}) {
    auto out = call.Run();
    REQUIRE_OK(out);
    CHECK(out.value()[0].As<float>() == std::vector<float>{want});
  }
  call.Options(tfl::SVDFOptions{.rank = 0});
  CHECK_FAILS(call.Run(), Code::kInvalidGraph, "rank");
}

TEST_CASE("LSTM, basic form: results beside h and the cells; variables keep them") {
  KernelCall call(kernels::family_lstm_basic, tfl::Builtin::LSTM);
  call.Options(tfl::LSTMOptions{.kernel_type = tfl::LSTMKernelType::BASIC}).Input(Make<float>({1, 1}, {1})).Variable(Make<float>({1, 1}, {0}));
  call.Const(Make<float>({4, 2}, {1, 0, 1, 0, 1, 0, 1, 0})).Const(Make<float>({4}, {0, 0, 0, 0})).Variable(Make<float>({1, 1}, {0})).Outputs(4);
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  double cell = 0;
  for (int step = 0; step < 2; ++step) {
    auto out = call.Run();
    REQUIRE_OK(out);
    cell = sigmoid(1) * cell + sigmoid(1) * std::tanh(1.0);
    CHECK(out.value()[1].As<float>()[0] == doctest::Approx(cell));
    CHECK(out.value()[0].As<float>()[0] == doctest::Approx(sigmoid(1) * std::tanh(cell)));
    CHECK(out.value()[2].dims == Dims{1, 2});
    CHECK(out.value()[3].As<float>() == std::vector<float>{1, 1, 1, 1});
    CHECK(call.input(4).As<float>() == out.value()[1].As<float>());
  }
  call.Options(tfl::LSTMOptions{.cell_clip = 1, .kernel_type = tfl::LSTMKernelType::BASIC});
  CHECK_FAILS(call.Run(), Code::kUnsupportedAttribute, "cell_clip");
}

}  // namespace
}  // namespace tflower::test
