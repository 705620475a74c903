// Philox 4x32-10, the counter-based random numbers of TensorFlow and TFLite, and what is made of their bits.
// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011; tf.random.Generator.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace tflower {

class Philox {
 public:
  static constexpr int kWords = 4;  // a call gives 128 bits
  using Words = std::array<uint32_t, kWords>;

  Philox() = default;
  Philox(uint64_t key, uint64_t counter_low, uint64_t counter_high) : key_(key), low_(counter_low), high_(counter_high) {}
  // The seed is the key, seed2 the upper half of the counter.
  Philox(int64_t seed, int64_t seed2) : Philox(static_cast<uint64_t>(seed), 0, static_cast<uint64_t>(seed2)) {}

  Words operator()() {
    Words x = {Low(low_), High(low_), Low(high_), High(high_)};
    uint32_t k0 = Low(key_), k1 = High(key_);
    for (int round = 0; round < 10; ++round) {
      const uint64_t a = uint64_t{0xD2511F53} * x[0], b = uint64_t{0xCD9E8D57} * x[2];
      x = {High(b) ^ x[1] ^ k0, Low(b), High(a) ^ x[3] ^ k1, Low(a)};
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    Skip(1);
    return x;
  }
  // As `calls` calls.
  void Skip(uint64_t calls) {
    low_ += calls;
    if (low_ < calls) ++high_;
  }

 private:
  static uint32_t Low(uint64_t x) { return static_cast<uint32_t>(x); }
  static uint32_t High(uint64_t x) { return static_cast<uint32_t>(x >> 32); }

  uint64_t key_ = 0, low_ = 0, high_ = 0;
};

// Uniform in [0, 1): 23 of the bits as the mantissa of a number in [1, 2).
inline float UniformFloat(uint32_t x) { return std::bit_cast<float>(0x3F800000u | (x & 0x7FFFFFu)) - 1.0f; }
// 52 of the bits.
inline double UniformDouble(uint32_t x0, uint32_t x1) {
  return std::bit_cast<double>(uint64_t{0x3FF} << 52 | uint64_t{x0 & 0xFFFFFu} << 32 | x1) - 1.0;
}

// Two numbers of the standard normal distribution from two words (Box and Muller). Rounds to float where TensorFlow does.
inline std::array<float, 2> NormalFloats(uint32_t x0, uint32_t x1) {
  const float u = std::max(UniformFloat(x0), 1.0e-7f);
  const auto angle = static_cast<float>(2.0 * 3.14159265358979323846 * static_cast<double>(UniformFloat(x1)));
  const float radius = std::sqrt(-2.0f * std::log(u));
  return {std::sin(angle) * radius, std::cos(angle) * radius};
}

inline std::array<double, 2> NormalDoubles(const Philox::Words& x) {
  const double u = std::max(UniformDouble(x[0], x[1]), 1.0e-7);
  const double angle = 2.0 * 3.14159265358979323846 * UniformDouble(x[2], x[3]);
  const double radius = std::sqrt(-2.0 * std::log(u));
  return {std::sin(angle) * radius, std::cos(angle) * radius};
}

}  // namespace tflower
