// Quantised SOFTMAX, LOG_SOFTMAX and L2_NORMALIZATION on vectors against their specification, on every SIMD target.
#define HWY_WANT_AVX3_DL  // the target with tables of 128 bytes
#include <doctest/doctest.h>

#include "quantized_softmax/l2_rows.h"
#include "quantized_softmax/rows.h"
#include "quantized_softmax/softmax_to_int16.h"
#include "quantized_softmax/words.h"
#include "vector_support.h"

namespace tflower::kernels::vector_test {
namespace {

template <class T>
void CheckSoftmax(DType type, bool log) {
  QuantizedSoftmax q;
  q.log = log, q.type = type;
  const IntBounds all = BoundsOf(type);
  const float scales[] = {1e-45f, 0.003f, 0.05f, 0.3f, 3e38f};
  q.x = {scales[RandomInt(0, 4)], static_cast<int32_t>(RandomInt(all.lo, all.hi))};
  q.y = {RandomInt(0, 3) == 0 ? scales[RandomInt(0, 4)] : log ? 16.0f / 256 : 1.0f / 256, RandomInt(0, 1) == 0 ? all.lo : static_cast<int32_t>(RandomInt(all.lo, all.hi))};
  q.Fill(log ? 1 : 0.7f);
  const int64_t rows = RandomInt(0, 20), depth = RandomInt(1, 200);
  Guarded<T> x(static_cast<size_t>(rows * depth)), got(x.size()), want(x.size());
  const int64_t width = RandomInt(1, 255);  // of the row's values
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(all.lo + RandomInt(0, width));
  RunQuantizedSoftmax(q, x.data(), rows, depth, got.data());
  QuantizedSoftmaxRef(q, x.data(), rows, depth, want.data());
  INFO(TargetName(), " log ", log, " rows ", rows, " depth ", depth, " scales ", q.x.scale, " ", q.y.scale);
  CHECK(std::memcmp(got.data(), want.data(), got.size()) == 0);
}

TEST_CASE("quantised softmax of any scales") {
  const OwnRandom random(7);
  ForEachTarget([] {
    for (int i = 0; i < 200; ++i) {
      if (i % 2 == 0) CheckSoftmax<int8_t>(DType::kInt8, i % 4 == 0);
      else CheckSoftmax<uint8_t>(DType::kUInt8, i % 4 == 1);
    }
  });
}

// run and reference: (x, rows, depth, y).
template <class X, class Y, class F, class R>
void CheckRows(const char* name, F run, R reference) {
  const int64_t rows = RandomInt(0, 9), depth = RandomInt(0, 20) == 0 ? RandomInt(2000, 9000) : RandomInt(1, 200);
  Guarded<X> x(static_cast<size_t>(rows * depth));
  Guarded<Y> got(x.size()), want(x.size());
  const IntBounds all = BoundsOf(DTypeOf<X>::value);
  const int64_t lo = RandomInt(all.lo, all.hi), hi = RandomInt(lo, all.hi);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<X>(RandomInt(0, 50) == 0 ? all.lo : RandomInt(lo, hi));
  run(x.data(), rows, depth, got.data());
  reference(x.data(), rows, depth, want.data());
  INFO(name, " on ", TargetName(), " rows ", rows, " depth ", depth, " values ", lo, " to ", hi);
  CHECK(std::memcmp(got.data(), want.data(), got.size() * sizeof(Y)) == 0);
}

template <class X>
void CheckBytes(DType type) {
  const double scales[] = {1e-9, 0.004, 0.05, 1.3, 1e9};
  SoftmaxToInt16 softmax;
  softmax.Fill(scales[RandomInt(0, 4)], 0.9);
  CheckRows<X, int16_t>("softmax to int16", [&](const X* x, int64_t rows, int64_t depth, int16_t* y) { RunSoftmaxToInt16(softmax, type, x, rows, depth, y); },
                        [&](const X* x, int64_t rows, int64_t depth, int16_t* y) { SoftmaxToInt16Ref(softmax, type, x, rows, depth, y); });
  const IntBounds all = BoundsOf(type);
  const QuantizedL2 l2{type, static_cast<int32_t>(RandomInt(all.lo, all.hi)), type == DType::kInt8 ? 0 : 128};
  CheckRows<X, X>("L2", [&](const X* x, int64_t rows, int64_t depth, X* y) { RunQuantizedL2(l2, x, rows, depth, y); },
                  [&](const X* x, int64_t rows, int64_t depth, X* y) { QuantizedL2Ref(l2, x, rows, depth, y); });
}

TEST_CASE("rows of int16, into int16, and L2 normalisation") {
  const OwnRandom random(9);
  ForEachTarget([] {
    for (int i = 0; i < 150; ++i) {
      CheckBytes<int8_t>(DType::kInt8);
      CheckBytes<uint8_t>(DType::kUInt8);
      const double scales[] = {1e-12, 1e-5, 0.0003, 0.1, 1e9};
      SoftmaxOfWords words;
      words.Fill(scales[RandomInt(0, 4)], 1.1);
      CheckRows<int16_t, int16_t>("int16", [&](const int16_t* x, int64_t rows, int64_t depth, int16_t* y) { RunSoftmaxOfWords(words, x, rows, depth, y); },
                                  [&](const int16_t* x, int64_t rows, int64_t depth, int16_t* y) { SoftmaxOfWordsRef(words, x, rows, depth, y); });
    }
  });
}

}  // namespace
}  // namespace tflower::kernels::vector_test
