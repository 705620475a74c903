// Options of the custom operators that TFLite's delegates run: a C struct of 32-bit integers, as its writer had it in memory.
#pragma once

#include <array>
#include <cstring>
#include <span>

#include "common/check.h"
#include "conv/padding.h"

namespace tflower::kernels {

// The first N integers; there may be more behind them, which are results of the writer's own computations.
template <size_t N>
Result<std::array<int32_t, N>> RawOptions(const Op& op) {
  std::array<int32_t, N> values;
  const std::span<const uint8_t> bytes = op.custom_options();
  if (bytes.size() < sizeof(values)) return Error(Code::kMalformed, Text("has ", bytes.size(), " bytes, must have ", sizeof(values), " or more")).What("custom_options");
  std::memcpy(values.data(), bytes.data(), sizeof(values));
  return values;
}

// TfLitePadding numbers them from 1 on.
inline Result<tfl::Padding> RawPadding(int32_t value) {
  if (value == 1) return tfl::Padding::SAME;
  if (value == 2) return tfl::Padding::VALID;
  return OptionError("padding", Text(value, " must be 1 (SAME) or 2 (VALID)"));
}

}  // namespace tflower::kernels
