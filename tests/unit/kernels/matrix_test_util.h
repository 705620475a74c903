// What the tests of the matrix kernels share: every SIMD target, aligned memory, random data, threads, comparison.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <hwy/aligned_allocator.h>
#include <hwy/targets.h>
#include <tflower/parallel.h>

namespace tflower::kernels::matrix_test {

// Runs f once per SIMD target that this machine has and the build made, then restores the default.
template <class F>
void ForEachTarget(const F& f) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    INFO("SIMD target ", std::string(hwy::TargetName(target)));
    f();
  }
  hwy::SetSupportedTargetsForTest(0);
}

// n floats, 64-byte aligned, between guard values that must survive.
class Floats {
 public:
  explicit Floats(size_t n, float value = 0.0f) : n_(n), memory_(hwy::AllocateAligned<float>(n + 2 * kGuard)) {
    std::fill(memory_.get(), memory_.get() + n + 2 * kGuard, kMark);
    std::fill(data(), data() + n, value);
  }
  float* data() { return memory_.get() + kGuard; }
  const float* data() const { return memory_.get() + kGuard; }
  size_t size() const { return n_; }
  float& operator[](size_t i) { return data()[i]; }
  float operator[](size_t i) const { return data()[i]; }
  bool GuardsIntact() const {
    for (size_t i = 0; i < kGuard; ++i) {
      if (memory_[i] != kMark || memory_[kGuard + n_ + i] != kMark) return false;
    }
    return true;
  }

 private:
  static constexpr size_t kGuard = 64;
  static constexpr float kMark = -12345.0f;
  size_t n_;
  hwy::AlignedFreeUniquePtr<float[]> memory_;
};

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int64_t In(int64_t lo, int64_t hi) { return std::uniform_int_distribution<int64_t>(lo, hi)(engine_); }
  void Fill(Floats& f) {
    std::uniform_real_distribution<float> value(-1.0f, 1.0f);
    for (size_t i = 0; i < f.size(); ++i) f[i] = value(engine_);
  }

 private:
  std::mt19937 engine_;
};

// A host loop with one std::thread per piece.
inline Parallel Threads(int n) {
  return Parallel(
      nullptr,
      [](void*, int64_t count, int64_t grain, Parallel::Body body, void* user) {
        std::vector<std::thread> threads;
        for (int64_t begin = 0; begin < count; begin += grain) {
          threads.emplace_back(body, user, begin, std::min(count, begin + grain));
        }
        for (std::thread& t : threads) t.join();
      },
      n);
}

// Largest |got - want| over the finite values, relative to max(1, largest |want|). NaN must meet NaN, infinities must be equal.
inline double LargestError(const Floats& got, const Floats& want) {
  double scale = 1.0, error = 0.0;
  for (size_t i = 0; i < want.size(); ++i) {
    if (std::isfinite(want[i])) scale = std::max(scale, std::fabs(static_cast<double>(want[i])));
  }
  for (size_t i = 0; i < want.size(); ++i) {
    if (std::isnan(want[i]) && std::isnan(got[i])) continue;
    if (want[i] == got[i]) continue;
    const double difference = std::fabs(static_cast<double>(got[i]) - want[i]);
    error = std::max(error, std::isfinite(difference) ? difference : 1e30);
  }
  return error / scale;
}

}  // namespace tflower::kernels::matrix_test
