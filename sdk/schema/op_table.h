// The table of TFLite's builtin operators: code, name, fields of the options, first runtime of each version.
//
// Generated from tflite.fbs and operators.csv; this is what lets the host read, write and print the options of any
// operator without code for each. Everything here is constant data with static lifetime. Thread-safe.
#pragma once

#include <tflower/tfl_ops.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tflower::tfl {

enum class FieldType : uint8_t {
  kBool, kInt8, kUint8, kInt16, kUint16, kInt32, kUint32, kInt64, kUint64, kFloat32, kFloat64,
  kString,  // Str in the struct
  kVector,  // Span<element> in the struct
};

// Size in bytes of one scalar; 0 for kString and kVector.
constexpr size_t ScalarSize(FieldType type) {
  constexpr uint8_t kSizes[] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 0};
  return kSizes[static_cast<size_t>(type)];
}

struct FieldInfo {
  const char* name;        // "stride_w"
  FieldType type;
  FieldType element;       // of a kVector, otherwise the same as type. In the struct a vector of bool holds uint8_t
  const char* enum_name;   // schema enum of the values ("Padding"), or null
  uint16_t slot;           // offset in the flatbuffers vtable
  size_t struct_offset;    // offset in the options struct, in bytes
  int64_t default_int;     // of bool and integer fields
  double default_real;     // of float fields
};

// The first release of the TFLite runtime that has the operator in this version.
struct RuntimeVersion {
  int32_t op_version;
  const char* runtime;     // "2.14.0"
};

struct OpInfo {
  Builtin code;
  const char* name;              // "AVERAGE_POOL_2D"
  uint8_t options_union;         // 1: Operator.builtin_options, 2: builtin_options_2, 0: the operator has no options table
  uint8_t union_member;          // value of builtin_options_type or builtin_options_2_type; 0 if none
  const char* options_table;     // "Pool2DOptions", or null
  size_t options_size;           // sizeof the options struct; 0 if there is no table
  std::span<const FieldInfo> fields;             // in schema order
  std::span<const RuntimeVersion> min_runtime;   // ascending op_version; empty if no runtime has the operator
};

// All codes of the schema in ascending order without gaps: AllOps()[i].code == i.
std::span<const OpInfo> AllOps();

// Row of a builtin code or of its schema name; null for codes and names that the schema does not have.
const OpInfo* FindOp(int32_t code);
const OpInfo* FindOp(std::string_view name);
inline const OpInfo* FindOp(Builtin code) { return FindOp(static_cast<int32_t>(code)); }

// Field by its schema name; null if there is none.
const FieldInfo* FindField(const OpInfo& op, std::string_view name);

// First runtime release that has op in this version; null if none is known.
const char* MinRuntime(const OpInfo& op, int32_t op_version);

}  // namespace tflower::tfl
