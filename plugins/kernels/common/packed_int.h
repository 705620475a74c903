// Integers of 8, 4 or 2 bits, packed with the first in the low bits.
#pragma once

#include <cstdint>

#include "tflower/dtype.h"

namespace tflower::kernels {

inline constexpr DTypeSet kSubByte = Types({DType::kInt4, DType::kInt2});

constexpr bool IsSubByte(DType type) { return type == DType::kInt4 || type == DType::kInt2; }

// Element i of int8, int4, int2 or uint4 at `from`.
inline int8_t PackedIntAt(const void* from, int64_t i, DType type) {
  const auto* const bytes = static_cast<const uint8_t*>(from);
  switch (type) {
    case DType::kInt4: return static_cast<int8_t>(static_cast<int8_t>(bytes[i / 2] << (i % 2 == 0 ? 4 : 0)) >> 4);
    case DType::kUInt4: return static_cast<int8_t>(bytes[i / 2] >> (i % 2 * 4) & 15);
    case DType::kInt2: return static_cast<int8_t>(static_cast<int8_t>(bytes[i / 4] << (6 - i % 4 * 2)) >> 6);
    default: return static_cast<int8_t>(bytes[i]);
  }
}

// The low bits of n values, as int4 or uint4.
template <class T>
void PackNibbles(const T* from, int64_t n, void* to) {
  auto* const bytes = static_cast<uint8_t*>(to);
  for (int64_t i = 0; i < n; ++i) {
    const auto bits = static_cast<uint8_t>(static_cast<unsigned>(from[i]) & 15);
    bytes[i / 2] = i % 2 == 0 ? bits : static_cast<uint8_t>(bytes[i / 2] | bits << 4);
  }
}

}  // namespace tflower::kernels
