// Helpers of the vector kernels' tests: every SIMD target in turn, buffers that end at unmapped memory, random and special values.
#pragma once

#include <hwy/highway.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "tflower/parallel.h"

namespace tflower::kernels::vector_test {

// Calls f() once per target that was compiled and runs here; doctest's INFO in f names it through CurrentTarget().
inline int64_t& CurrentTarget() {
  static int64_t target = 0;
  return target;
}
template <class F>
void ForEachTarget(F f) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    CurrentTarget() = target;
    hwy::SetSupportedTargetsForTest(target);
    f();
  }
  hwy::SetSupportedTargetsForTest(0);
}
inline std::string TargetName() { return hwy::TargetName(CurrentTarget()); }

// n values whose end is followed by an inaccessible page: a read or write beyond the end crashes.
template <class T>
class Guarded {
 public:
  explicit Guarded(size_t n) : n_(n) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    body_ = (n * sizeof(T) + page - 1) / page * page;
    map_ = static_cast<char*>(mmap(nullptr, body_ + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (map_ == MAP_FAILED || mprotect(map_ + body_, page, PROT_NONE) != 0) std::abort();
    page_ = page;
  }
  explicit Guarded(std::span<const T> values) : Guarded(values.size()) {
    if (!values.empty()) std::memcpy(data(), values.data(), values.size_bytes());
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(map_, body_ + page_); }
  T* data() { return reinterpret_cast<T*>(map_ + body_ - n_ * sizeof(T)); }
  const T* data() const { return const_cast<Guarded*>(this)->data(); }
  size_t size() const { return n_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }

 private:
  size_t n_, body_ = 0, page_ = 0;
  char* map_ = nullptr;
};

inline std::mt19937& Random() {
  static std::mt19937 generator(12345);
  return generator;
}
// Random numbers of its own for a test; the others' stay what they are.
class OwnRandom {
 public:
  explicit OwnRandom(uint32_t seed) : others_(Random()) { Random().seed(seed); }
  OwnRandom(const OwnRandom&) = delete;
  OwnRandom& operator=(const OwnRandom&) = delete;
  ~OwnRandom() { Random() = others_; }

 private:
  std::mt19937 others_;
};
inline int64_t RandomInt(int64_t lo, int64_t hi) { return std::uniform_int_distribution<int64_t>(lo, hi)(Random()); }
inline std::vector<float> RandomFloats(size_t n, float lo = -3.0f, float hi = 3.0f) {
  std::vector<float> values(n);
  std::uniform_real_distribution<float> distribution(lo, hi);
  for (float& v : values) v = distribution(Random());
  return values;
}

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Equal bits, any NaN equal to any other; the sign of zero counts only if asked for.
inline bool SameValue(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// Distance in units in the last place of the exact value (of the subnormal step below 1.18e-38).
inline double UlpError(float value, double exact) {
  if (std::isnan(exact) || std::isnan(value)) return std::isnan(exact) && std::isnan(value) ? 0 : 1e30;
  if (static_cast<float>(exact) == value) return 0;  // also infinities
  if (std::isinf(value)) return std::fabs(exact) >= 3.4028235e38 ? 1 : 1e30;
  int exponent;
  std::frexp(exact, &exponent);
  return std::fabs(value - exact) / std::ldexp(1.0, std::max(exponent, -125) - 24);
}

// A host loop that hands out pieces of the smallest allowed size, last first: shows wrong ranges without threads.
inline Parallel Splitting() {
  return Parallel(nullptr, [](void*, int64_t n, int64_t grain, Parallel::Body body, void* user) {
    const int64_t pieces = (n + grain - 1) / grain;
    for (int64_t i = pieces - 1; i >= 0; --i) body(user, i * grain, std::min(n, (i + 1) * grain));
  }, 4);
}

}  // namespace tflower::kernels::vector_test
