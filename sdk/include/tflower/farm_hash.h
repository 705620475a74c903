// FarmHash Fingerprint64: the hash of TensorFlow's fingerprint.pb and of LSH_PROJECTION. Stable by definition.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace tflower {
namespace farm {

// Odd constants of the hash's definition.
inline constexpr uint64_t kA = 0xc3a5c85c97cb3127;
inline constexpr uint64_t kB = 0xb492b66fbe98f273;
inline constexpr uint64_t kC = 0x9ae16a3b2f90404f;

template <class T>
uint64_t Load(const char* at) {
  T word;
  std::memcpy(&word, at, sizeof word);
  return word;
}
inline uint64_t Load64(const char* at) { return Load<uint64_t>(at); }
inline uint64_t Fold(uint64_t value) { return value ^ (value >> 47); }

inline uint64_t Combine(uint64_t u, uint64_t v, uint64_t multiplier) {
  const uint64_t a = Fold((u ^ v) * multiplier);
  return Fold((v ^ a) * multiplier) * multiplier;
}

inline uint64_t HashUpTo16(const char* s, size_t size) {
  if (size >= 8) {
    const uint64_t multiplier = kC + size * 2;
    const uint64_t a = Load64(s) + kC, b = Load64(s + size - 8);
    return Combine(std::rotr(b, 37) * multiplier + a, (std::rotr(a, 25) + b) * multiplier, multiplier);
  }
  if (size >= 4) return Combine(size + (Load<uint32_t>(s) << 3), Load<uint32_t>(s + size - 4), kC + size * 2);
  if (size == 0) return kC;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(s[i])); };
  const uint32_t y = byte(0) + (byte(size >> 1) << 8), z = static_cast<uint32_t>(size) + (byte(size - 1) << 2);
  return Fold(y * kC ^ z * kA) * kC;
}

inline uint64_t HashUpTo32(const char* s, size_t size) {
  const uint64_t multiplier = kC + size * 2;
  const uint64_t a = Load64(s) * kB, b = Load64(s + 8);
  const uint64_t c = Load64(s + size - 8) * multiplier, d = Load64(s + size - 16) * kC;
  return Combine(std::rotr(a + b, 43) + std::rotr(c, 30) + d, a + std::rotr(b + kC, 18) + c, multiplier);
}

inline uint64_t HashUpTo64(const char* s, size_t size) {
  const uint64_t multiplier = kC + size * 2;
  const uint64_t a = Load64(s) * kC, b = Load64(s + 8);
  const uint64_t c = Load64(s + size - 8) * multiplier, d = Load64(s + size - 16) * kC;
  const uint64_t y = std::rotr(a + b, 43) + std::rotr(c, 30) + d;
  const uint64_t z = Combine(y, a + std::rotr(b + kC, 18) + c, multiplier);
  const uint64_t e = Load64(s + 16) * multiplier, f = Load64(s + 24);
  const uint64_t g = (y + Load64(s + size - 32)) * multiplier, h = (z + Load64(s + size - 24)) * multiplier;
  return Combine(std::rotr(e + f, 43) + std::rotr(g, 30) + h, e + std::rotr(f + a, 18) + g, multiplier);
}

// The state for long inputs: 56 bytes, 64 bytes of input a round.
struct State {
  uint64_t x, y, z;
  std::pair<uint64_t, uint64_t> v, w;

  static std::pair<uint64_t, uint64_t> Mix32(const char* s, uint64_t a, uint64_t b) {
    const uint64_t first = Load64(s), last = Load64(s + 24);
    a += first;
    b = std::rotr(b + a + last, 21);
    const uint64_t c = a;
    a += Load64(s + 8) + Load64(s + 16);
    return {a + last, b + std::rotr(a, 44) + c};
  }

  // The last round uses another multiplier and weights.
  void Round(const char* s, uint64_t multiplier, uint64_t weight) {
    x = std::rotr(x + y + v.first + Load64(s + 8), 37) * multiplier;
    y = std::rotr(y + v.second + Load64(s + 48), 42) * multiplier;
    x ^= w.second * weight;
    y += v.first * weight + Load64(s + 40);
    z = std::rotr(z + w.first, 33) * multiplier;
    v = Mix32(s, v.second * multiplier, x + w.first);
    w = Mix32(s + 32, z + w.second, y + Load64(s + 16));
    std::swap(z, x);
  }
};

inline uint64_t HashLong(const char* s, size_t size) {
  constexpr uint64_t kSeed = 81;
  const uint64_t y = kSeed * kB + 113;
  State state{kSeed * kC + Load64(s), y, Fold(y * kC + 113) * kC, {0, 0}, {0, 0}};
  const size_t rounds = (size - 1) / 64, tail = (size - 1) % 64;
  for (size_t round = 0; round < rounds; ++round) state.Round(s + 64 * round, kB, 1);
  const uint64_t multiplier = kB + ((state.z & 0xff) << 1);
  state.w.first += tail;
  state.v.first += state.w.first;
  state.w.first += state.v.first;
  state.Round(s + size - 64, multiplier, 9);
  return Combine(Combine(state.v.first, state.w.first, multiplier) + Fold(state.y) * kA + state.z,
                 Combine(state.v.second, state.w.second, multiplier) + state.x, multiplier);
}

}  // namespace farm

inline uint64_t FarmHash64(std::string_view bytes) {
  if (bytes.size() <= 16) return farm::HashUpTo16(bytes.data(), bytes.size());
  if (bytes.size() <= 32) return farm::HashUpTo32(bytes.data(), bytes.size());
  if (bytes.size() <= 64) return farm::HashUpTo64(bytes.data(), bytes.size());
  return farm::HashLong(bytes.data(), bytes.size());
}

}  // namespace tflower
