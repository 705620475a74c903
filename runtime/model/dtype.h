// Element types of TFLite tensors: their names, sizes, and overflow-safe byte counts of whole tensors.
// Source: TensorType of sdk/schema/tflite.fbs. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tflower::runtime {

inline constexpr int32_t kFloat32 = 0;
inline constexpr int32_t kInt32 = 2;
inline constexpr int32_t kInt64 = 4;
inline constexpr int32_t kString = 5;
inline constexpr int32_t kBool = 6;
inline constexpr int32_t kResource = 13;
inline constexpr int32_t kVariant = 14;
inline constexpr int32_t kDtypeCount = 23;

// True for the types of the schema, kString, kResource and kVariant included.
constexpr bool IsDtype(int32_t dtype) { return dtype >= 0 && dtype < kDtypeCount; }

// "FLOAT32"; "?" for numbers outside the schema.
std::string_view DtypeName(int32_t dtype);

// Bits of one element: 4 for INT4, 32 for RESOURCE (an id); 0 where elements have no fixed size (STRING, VARIANT).
int DtypeBits(int32_t dtype);

// Product of dims; nothing when a dim is negative or the product of the dims > 1 passes 2^62, also where another dim is 0.
std::optional<int64_t> ElementCount(std::span<const int64_t> dims);

// Bytes of a dense tensor, sub-byte types packed, the last byte filled up. Nothing on overflow, negative dims, or a type
// without a fixed element size.
std::optional<uint64_t> ByteSize(int32_t dtype, std::span<const int64_t> dims);

}  // namespace tflower::runtime
