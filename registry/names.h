// Names of TFLite operators and element types, as the schema (sdk/schema/tflite.fbs) spells them. The tables are
// generated from that file when the project is configured. Thread-safety: all functions from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tflower {

inline constexpr int32_t kCustomOperator = 32;

// "CONV_2D" -> 3; nothing when the schema has no such operator.
std::optional<int32_t> OperatorCode(std::string_view name);
// 3 -> "CONV_2D"; "operator 999" for codes that the schema does not have.
std::string OperatorName(int32_t code);

// "float32" -> 0 (lower case, otherwise the schema's names).
std::optional<int32_t> DtypeNumber(std::string_view name);
// 0 -> "float32"; "dtype 99" for numbers that the schema does not have; "none" for -1.
std::string DtypeName(int32_t dtype);
// Bit set of dtypes -> "float32|int8"; "any" for 0.
std::string DtypeSetName(uint64_t dtypes);

}  // namespace tflower
