// Element types (the numbers of TFLite's TensorType), their sizes, names and sets.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>

namespace tflower {

enum class DType : int32_t {
  kNone = -1,
  kFloat32 = 0, kFloat16 = 1, kInt32 = 2, kUInt8 = 3, kInt64 = 4, kString = 5, kBool = 6, kInt16 = 7, kComplex64 = 8,
  kInt8 = 9, kFloat64 = 10, kComplex128 = 11, kUInt64 = 12, kResource = 13, kVariant = 14, kUInt32 = 15, kUInt16 = 16,
  kInt4 = 17, kBFloat16 = 18, kInt2 = 19, kUInt4 = 20, kFloat8E4M3FN = 21, kFloat8E5M2 = 22,
};
inline constexpr int kNumDTypes = 23;

// Bits of one element: 0 for types without a fixed size (string, resource, variant) and unknown numbers.
constexpr int BitsOf(DType t) {
  switch (t) {
    case DType::kInt2: return 2;
    case DType::kInt4: case DType::kUInt4: return 4;
    case DType::kUInt8: case DType::kBool: case DType::kInt8: case DType::kFloat8E4M3FN: case DType::kFloat8E5M2: return 8;
    case DType::kFloat16: case DType::kInt16: case DType::kUInt16: case DType::kBFloat16: return 16;
    case DType::kFloat32: case DType::kInt32: case DType::kUInt32: return 32;
    case DType::kInt64: case DType::kComplex64: case DType::kFloat64: case DType::kUInt64: return 64;
    case DType::kComplex128: return 128;
    default: return 0;
  }
}

constexpr std::string_view NameOf(DType t) {
  constexpr std::string_view names[] = {"float32", "float16", "int32", "uint8", "int64", "string", "bool", "int16", "complex64",
                                        "int8", "float64", "complex128", "uint64", "resource", "variant", "uint32", "uint16",
                                        "int4", "bfloat16", "int2", "uint4", "float8_e4m3fn", "float8_e5m2"};
  const int i = static_cast<int>(t);
  return i >= 0 && i < kNumDTypes ? names[i] : "unknown";
}

// A set of element types, as the ABI's bit masks: 0 means any type.
using DTypeSet = uint64_t;
constexpr DTypeSet Types(std::initializer_list<DType> types) {
  DTypeSet set = 0;
  for (DType t : types) set |= uint64_t{1} << static_cast<int>(t);
  return set;
}
constexpr bool Contains(DTypeSet set, DType t) {
  return set == 0 || (static_cast<int>(t) >= 0 && (set >> static_cast<int>(t) & 1) != 0);
}

inline constexpr DTypeSet kAnyType = 0;
inline constexpr DTypeSet kF32 = Types({DType::kFloat32});
inline constexpr DTypeSet kI32 = Types({DType::kInt32});
inline constexpr DTypeSet kI64 = Types({DType::kInt64});
inline constexpr DTypeSet kIndex = Types({DType::kInt32, DType::kInt64});
inline constexpr DTypeSet kBoolean = Types({DType::kBool});
inline constexpr DTypeSet kFloats = Types({DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kFloat64});

// DType of a C++ element type.
template <class T> struct DTypeOf;
template <> struct DTypeOf<float> { static constexpr DType value = DType::kFloat32; };
template <> struct DTypeOf<double> { static constexpr DType value = DType::kFloat64; };
template <> struct DTypeOf<int8_t> { static constexpr DType value = DType::kInt8; };
template <> struct DTypeOf<int16_t> { static constexpr DType value = DType::kInt16; };
template <> struct DTypeOf<int32_t> { static constexpr DType value = DType::kInt32; };
template <> struct DTypeOf<int64_t> { static constexpr DType value = DType::kInt64; };
template <> struct DTypeOf<uint8_t> { static constexpr DType value = DType::kUInt8; };
template <> struct DTypeOf<uint16_t> { static constexpr DType value = DType::kUInt16; };
template <> struct DTypeOf<uint32_t> { static constexpr DType value = DType::kUInt32; };
template <> struct DTypeOf<uint64_t> { static constexpr DType value = DType::kUInt64; };
template <> struct DTypeOf<bool> { static constexpr DType value = DType::kBool; };

// Calls f(T{}) with the C++ type of a plain numeric dtype; false when there is none.
template <class F>
constexpr bool VisitNumeric(DType t, F&& f) {
  switch (t) {
    case DType::kFloat32: f(float{}); return true;
    case DType::kFloat64: f(double{}); return true;
    case DType::kInt8: f(int8_t{}); return true;
    case DType::kInt16: f(int16_t{}); return true;
    case DType::kInt32: f(int32_t{}); return true;
    case DType::kInt64: f(int64_t{}); return true;
    case DType::kUInt8: f(uint8_t{}); return true;
    case DType::kUInt16: f(uint16_t{}); return true;
    case DType::kUInt32: f(uint32_t{}); return true;
    case DType::kUInt64: f(uint64_t{}); return true;
    case DType::kBool: f(bool{}); return true;
    default: return false;
  }
}

}  // namespace tflower
