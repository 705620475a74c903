// What gen_tfl_ops knows: the enums and options tables of the compiled TFLite schema, and the rows of operators.csv.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tflower::gen {

struct EnumType {
  std::string name;
  std::string cpp_type;                                // "int8_t"
  std::vector<std::pair<std::string, int64_t>> values;  // in ascending order
};

struct Field {
  std::string name;
  std::string cpp_type;      // "int32_t", "Padding", "Span<int64_t>", "Str"
  std::string cpp_default;   // "1", "Padding::SAME", "{}"
  std::string type;          // name of a FieldType of op_table.h: "kInt32", "kVector"
  std::string element;       // the same for a vector's elements; empty otherwise
  std::string enum_name;     // schema enum of the field or of its elements; empty if none
  uint16_t slot = 0;         // offset in the vtable
  int64_t default_int = 0;
  double default_real = 0;
};

struct Table {
  std::string name;
  std::vector<Field> fields;  // in schema order; deprecated ones left out, since a verifier does not look at them
};

struct Operator {
  int32_t code = 0;
  std::string name;         // "AVERAGE_POOL_2D"
  std::string struct_name;  // "AveragePool2D"; empty for codes that are not operators of their own (CUSTOM, DELEGATE)
  std::string table;        // "Pool2DOptions"; empty if none
  int union_number = 0;     // 1 BuiltinOptions, 2 BuiltinOptions2, 0 none
  int union_member = 0;
  std::vector<std::pair<int, std::string>> min_runtime;  // operator version, first runtime release that has it
};

struct Schema {
  EnumType builtin;              // BuiltinOperator
  std::vector<EnumType> enums;   // those that options use, sorted by name
  std::vector<Table> tables;     // options tables of operators, sorted by name
  std::vector<Operator> operators;  // ascending codes, no gaps
};

// Reads schema.bfbs and operators.csv. On contradiction (unknown table, wrong code, unsupported field type) prints one
// line to stderr and exits with 1: this is a build step.
Schema ReadSchema(const std::string& bfbs_path, const std::string& csv_path);

// Writers of the two products (tfl_ops.h, tfl_op_table.inc).
std::string WriteHeader(const Schema& schema);
std::string WriteTable(const Schema& schema);

// Prints "gen_tfl_ops: message" to stderr and exits with 1.
[[noreturn]] void Die(const std::string& message);

}  // namespace tflower::gen
