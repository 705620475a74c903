// Elementwise operators of two operands that broadcast, as rules give them other operands.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>

#include <tflower/pattern.h>

namespace tflower::tfl_rules {

inline constexpr const char* kComparisons = "EQUAL|NOT_EQUAL|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL";
inline constexpr char kBinary[] =
    "ADD|SUB|MUL|DIV|MAXIMUM|MINIMUM|POW|SQUARED_DIFFERENCE|FLOOR_DIV|FLOOR_MOD|EQUAL|NOT_EQUAL|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL|LOGICAL_AND|LOGICAL_OR";
// The same names as a rule's row lists what it emits.
inline constexpr auto kBinaryNames = [] {
  std::array<char, std::size(kBinary)> names{};
  std::replace_copy(std::begin(kBinary), std::end(kBinary), names.begin(), '|', ' ');
  return names;
}();

// The operator (one of kBinary) with its options, on other operands.
Result<Value> BinaryOn(Builder& build, const Operator& op, const Value& x, const Value& y);

}  // namespace tflower::tfl_rules
