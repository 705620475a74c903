// Functions of int16 values on vectors against their scalar forms, on every SIMD target.
#include <doctest/doctest.h>

#include "quantized_unary/words.h"
#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

// Each value of int16 once, then pieces of random lengths.
template <class Vectors, class Scalar>
void CheckWords(const char* name, Vectors run, Scalar one) {
  const auto check = [&](size_t n, int32_t first) {
    Guarded<int16_t> x(n), y(n);
    for (size_t i = 0; i < n; ++i) x[i] = static_cast<int16_t>(first + static_cast<int32_t>(i));
    run(x.data(), n, y.data());
    size_t wrong = 0;
    for (size_t i = 0; i < n; ++i) wrong += y[i] != one(x[i]);
    INFO(name, " ", n, " from ", first, " on ", TargetName());
    CHECK(wrong == 0);
  };
  check(65536, INT16_MIN);
  for (int i = 0; i < 20; ++i) check(static_cast<size_t>(RandomInt(0, 150)), static_cast<int32_t>(RandomInt(INT16_MIN, INT16_MAX - 150)));
}

Multiplier RandomMultiplier() { return {RandomInt(0, 9) == 0 ? 0 : static_cast<int32_t>(RandomInt(1 << 30, INT32_MAX)), static_cast<int>(RandomInt(-31, 30))}; }

TEST_CASE("functions of int16 are to the bit what their scalar forms are") {
  const OwnRandom random(3);
  ForEachTarget([] {
    for (int i = 0; i < 4; ++i) {
      Table16 values;
      for (int16_t& v : values) v = static_cast<int16_t>(RandomInt(INT16_MIN, INT16_MAX));
      IntervalTable table;
      table.Set(values);
      CheckWords("table", [&](const int16_t* x, size_t n, int16_t* y) { LookUpWords(table, x, n, y); }, [&](int16_t v) { return LookUp(table, v); });
      const float scales[] = {1e-12f, 0.0003f, 8.0f / 32768, 1.0f};
      const Sigmoid16 sigmoid(scales[i]);
      CheckWords("logistic", [&](const int16_t* x, size_t n, int16_t* y) { LogisticWords(sigmoid, x, n, y); }, [&](int16_t v) { return sigmoid.Logistic(v); });
      CheckWords("tanh", [&](const int16_t* x, size_t n, int16_t* y) { TanhWords(sigmoid, x, n, y); }, [&](int16_t v) { return sigmoid.Tanh(v); });
      TwoSlopes slopes{RandomMultiplier(), RandomMultiplier(), i % 2 == 1, static_cast<int32_t>(RandomInt(-100, 100)), static_cast<int32_t>(RandomInt(-100, 100)), {-32768 + i, 32767 - i}};
      if (i == 3) slopes.negative = slopes.positive;
      CheckWords("slopes", [&](const int16_t* x, size_t n, int16_t* y) { ScaleWords(slopes, x, n, y); }, [&](int16_t v) { return slopes(v); });
      const FloorOfRoot root{i == 0 ? 1e30 : 0.003, i == 1 ? 1e-30 : 0.0001 * (1 + i), static_cast<int32_t>(RandomInt(-9, 9)), static_cast<int32_t>(RandomInt(-9, 9)), {INT16_MIN, INT16_MAX}};
      CheckWords("root", [&](const int16_t* x, size_t n, int16_t* y) { RootWords(root, x, n, y); }, [&](int16_t v) { return root(v); });
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
