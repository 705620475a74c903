// CRC-32C (Castagnoli polynomial), the checksum of TensorFlow's checkpoints and of our own files. Source: RFC 3720 section B.4 (test values).
#pragma once

#include <cstdint>
#include <string_view>

namespace tflower {

// The checksum of `bytes` following bytes whose checksum is `crc` (0 = none). SSE4.2 when the CPU has it. Thread: any.
uint32_t Crc32c(std::string_view bytes, uint32_t crc = 0);

// The same by tables, eight bytes at a time: for CPUs without the instruction, and the judge in tests.
uint32_t Crc32cPortable(std::string_view bytes, uint32_t crc = 0);

// Checkpoints store checksums masked (rotated by 15 bits, plus a constant), so that a checksum of checksums stays useful.
constexpr uint32_t kCrcMaskDelta = 0xa282ead8u;
constexpr uint32_t MaskCrc(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + kCrcMaskDelta; }
constexpr uint32_t UnmaskCrc(uint32_t masked) {
  const uint32_t rotated = masked - kCrcMaskDelta;
  return (rotated >> 17) | (rotated << 15);
}

}  // namespace tflower
