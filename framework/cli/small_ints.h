// Arrays of types that numpy lacks: int4 and int2 are stored as int8, uint4 and the two float8 (their bits) as uint8, an element a byte.
#pragma once

#include <span>
#include <vector>

#include "tflower/dtype.h"
#include "tflower/status.h"

namespace tflower::cli {

// The type of the .npy array that holds a tensor's elements; `type` itself where numpy has it.
DType StoredAs(DType type);

// Stored elements, a byte each, as the tensor's bytes, the first in the low bits. kInvalidOperand for values that `type` does not hold.
Result<std::vector<std::byte>> PackSmall(std::span<const std::byte> elements, DType type);
// The `count` elements of a tensor's bytes.
std::vector<std::byte> UnpackSmall(std::span<const std::byte> packed, DType type, size_t count);

}  // namespace tflower::cli
