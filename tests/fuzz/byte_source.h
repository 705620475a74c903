// ByteSource: choices taken from a fuzzer's bytes, one after the other. Behind the end there are zeros, so that every input is a whole case.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <random>
#include <span>
#include <vector>

namespace tflower::fuzz {

// Up to 160 bytes; small values are as likely as all others together, as the choices are that targets make of them.
inline std::vector<uint8_t> RandomBytes(std::mt19937& random) {
  std::vector<uint8_t> bytes(random() % 160);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() % 2 == 0 ? random() % 16 : random());
  return bytes;
}

class ByteSource {
 public:
  explicit ByteSource(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint8_t Byte() { return at_ < bytes_.size() ? bytes_[at_++] : uint8_t{0}; }
  int32_t Int32() {
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | Byte();
    return static_cast<int32_t>(value);
  }
  // Mostly a small number, 1 above all; sometimes one at the ends of a type.
  int64_t SmallInt() {
    constexpr int8_t kSmall[] = {1, 0, 2, -1, 3, 1, 2, 4, 1, 5, -2, 1, 2, 8, 0, 1};
    constexpr int64_t kExtremes[] = {INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX, -100000, 65536, 127, -128};
    const uint8_t byte = Byte();
    if (byte < 240) return kSmall[byte % 16];
    return byte < 248 ? kExtremes[byte - 240] : Int32();
  }
  float Float() {
    static constexpr float kFloats[] = {0, 1, -1, 0.5f, 2, -2.5f, 100, 1e-3f, 1e30f, -1e30f, 1e-45f, 3.4e38f, INFINITY, -INFINITY, NAN, -0.0f};
    return kFloats[Byte() % std::size(kFloats)];
  }
  // Positive and finite.
  float Scale() {
    static constexpr float kScales[] = {1, 0.5f, 0.25f, 0.0078125f, 0.00390625f, 1e-3f, 0.1f, 3, 1e-38f, 3e38f, 1e10f, 1e-10f};
    return kScales[Byte() % std::size(kScales)];
  }
  // What is left, up to `most` bytes.
  std::vector<uint8_t> Rest(size_t most) {
    const auto rest = bytes_.subspan(at_ < bytes_.size() ? at_ : bytes_.size());
    const auto taken = rest.first(rest.size() < most ? rest.size() : most);
    at_ += taken.size();
    return {taken.begin(), taken.end()};
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

}  // namespace tflower::fuzz
