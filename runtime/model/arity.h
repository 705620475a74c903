// How many operands and results each builtin operator has, and which operands may be absent (tensor index -1).
// Source: operand lists of TFLite's operators (facts of the schema's comments and of the converter's op definitions).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tflower/tfl_ops.h"

namespace tflower::runtime {

struct OperandCount {
  uint32_t min;        // operands up to the last required one
  uint32_t max;        // UINT32_MAX: any number
  uint64_t optional;   // bit i: operand i may be absent
  bool rest_optional;  // of an unbounded list: operands beyond min may be absent

  bool Fits(size_t count) const { return count >= min && count <= max; }
  bool MayBeAbsent(size_t index) const;
};

struct Arity {
  OperandCount inputs;
  OperandCount outputs;
};

// Nothing for operators without a fixed form (StableHLO).
std::optional<Arity> FindArity(int32_t code);

}  // namespace tflower::runtime
