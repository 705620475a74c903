// Arrays of types that numpy lacks, an element a byte.
#include "cli/small_ints.h"

#include <fmt/format.h>

namespace tflower::cli {

DType StoredAs(DType type) {
  switch (type) {
    case DType::kInt4: case DType::kInt2: return DType::kInt8;
    case DType::kUInt4: case DType::kFloat8E4M3FN: case DType::kFloat8E5M2: return DType::kUInt8;
    default: return type;
  }
}

Result<std::vector<std::byte>> PackSmall(std::span<const std::byte> elements, DType type) {
  const auto bits = static_cast<size_t>(BitsOf(type)), each = 8 / bits;
  const int low = type == DType::kUInt4 ? 0 : -(1 << (bits - 1)), high = low + (1 << bits) - 1;
  std::vector<std::byte> packed((elements.size() + each - 1) / each);
  for (size_t i = 0; i < elements.size(); ++i) {
    const int value = low == 0 ? static_cast<int>(elements[i]) : static_cast<int8_t>(elements[i]);
    if (bits < 8 && (value < low || value > high)) return Error(Code::kInvalidOperand, fmt::format("element {} is {}: {} holds {} to {}", i, value, NameOf(type), low, high));
    packed[i / each] |= elements[i] << (i % each * bits) & static_cast<std::byte>(((1U << bits) - 1) << (i % each * bits));
  }
  return packed;
}

std::vector<std::byte> UnpackSmall(std::span<const std::byte> packed, DType type, size_t count) {
  const auto bits = static_cast<size_t>(BitsOf(type)), each = 8 / bits;
  std::vector<std::byte> elements(count);
  for (size_t i = 0; i < count; ++i) {
    const unsigned value = static_cast<unsigned>(packed[i / each]) >> (i % each * bits) & ((1U << bits) - 1);
    const bool negative = StoredAs(type) == DType::kInt8 && (value >> (bits - 1)) != 0;
    elements[i] = static_cast<std::byte>(negative ? value - (1U << bits) : value);
  }
  return elements;
}

}  // namespace tflower::cli
