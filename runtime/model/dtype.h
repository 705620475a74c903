// Element types as the numbers of the file: names, sizes, and overflow-safe byte counts of whole tensors. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tflower/dtype.h"

namespace tflower::runtime {

inline constexpr int32_t kString = static_cast<int32_t>(DType::kString);
inline constexpr int32_t kResource = static_cast<int32_t>(DType::kResource);
inline constexpr int32_t kVariant = static_cast<int32_t>(DType::kVariant);

// True for the types of the schema, kString, kResource and kVariant included.
constexpr bool IsDtype(int32_t dtype) { return dtype >= 0 && dtype < kNumDTypes; }

// "float32"; "unknown" for numbers outside the schema.
constexpr std::string_view DtypeName(int32_t dtype) { return NameOf(static_cast<DType>(dtype)); }

// Bits of one element: 4 for int4, 32 for resource (the host stores an id); 0 where elements have no fixed size.
constexpr int DtypeBits(int32_t dtype) { return dtype == kResource ? 32 : BitsOf(static_cast<DType>(dtype)); }

// Product of dims; nothing when a dim is negative or the product of the dims > 1 passes 2^62, also where another dim is 0.
std::optional<int64_t> ElementCount(std::span<const int64_t> dims);

// Bytes of a dense tensor, sub-byte types packed, the last byte filled up. Nothing on overflow, negative dims, or a type
// without a fixed element size.
std::optional<uint64_t> ByteSize(int32_t dtype, std::span<const int64_t> dims);

// "[1, 224, 224, 3]", for messages; negative dims as '?'.
std::string ShapeText(std::span<const int64_t> dims);

}  // namespace tflower::runtime
