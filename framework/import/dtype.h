// tf::DataType: TensorFlow's element types, by the numbers that GraphDef, checkpoints and TensorProto store.
// Source: tensorflow/core/framework/types.proto (numbers), schema.fbs TensorType (TFLite numbers).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tflower::tf {

// Reference types (TF1 "ref" edges) are these + 100 on disk; readers here strip the 100.
enum class DataType : int32_t {
  kInvalid = 0,
  kFloat = 1,
  kDouble = 2,
  kInt32 = 3,
  kUint8 = 4,
  kInt16 = 5,
  kInt8 = 6,
  kString = 7,
  kComplex64 = 8,
  kInt64 = 9,
  kBool = 10,
  kQint8 = 11,
  kQuint8 = 12,
  kQint32 = 13,
  kBfloat16 = 14,
  kQint16 = 15,
  kQuint16 = 16,
  kUint16 = 17,
  kComplex128 = 18,
  kHalf = 19,
  kResource = 20,
  kVariant = 21,
  kUint32 = 22,
  kUint64 = 23,
  kFloat8E5m2 = 24,
  kFloat8E4m3fn = 25,
  kFloat8E4m3fnuz = 26,
  kFloat8E4m3b11fnuz = 27,
  kFloat8E5m2fnuz = 28,
  kInt4 = 29,
  kUint4 = 30,
  kInt2 = 31,
  kUint2 = 32,
};

// The type of a number as stored: strips the reference bit; a number that no TensorFlow knows gives kInvalid.
DataType ToDataType(uint64_t stored);

// "float", "int32"...: the names that TensorFlow prints. "invalid" for kInvalid and unknown numbers.
std::string_view DataTypeName(DataType type);

// Bytes of one element as stored in tensor_content and in checkpoints; 0 for types without a fixed size (string, resource,
// variant). int4, uint4, int2 and uint2 take one byte each there (TFLite packs them, TensorFlow does not).
size_t ElementSize(DataType type);

// The TFLite TensorType number, or -1 for a type that TFLite does not have (quantised TF types, most float8).
int ToTflType(DataType type);

}  // namespace tflower::tf
