// Reading lowering rows of plugins, which may have been built with larger structs than this program knows.
#pragma once

#include <algorithm>
#include <cstddef>

#include "tflower/abi.h"

namespace tflower::lower {

// What the row says of a node's input; the last one stands for all further inputs. The row must have inputs.
inline const tflower_operand_def& OperandOf(const tflower_lowering& row, size_t input) {
  const size_t at = std::min<size_t>(input, row.num_inputs - 1);
  return *reinterpret_cast<const tflower_operand_def*>(reinterpret_cast<const char*>(row.inputs) + at * row.operand_def_size);
}

}  // namespace tflower::lower
