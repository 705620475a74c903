// Reading scalar constants in rules.
#pragma once

#include <cmath>
#include <optional>

#include <tflower/pattern.h>

namespace tflower::tfl_rules {

// The one number that a small float constant holds (every element the same); nullopt for others.
inline std::optional<float> SplatValue(Builder& build, const Value& v) {
  if (v.dtype() != DType::kFloat32 || !v.is_constant() || v.num_elements() < 1 || v.num_elements() > 16384) return std::nullopt;
  const Result<std::span<const float>> data = build.DataAs<float>(v);
  if (!data.ok()) return std::nullopt;
  for (float x : data.value()) if (x != data.value()[0]) return std::nullopt;
  return data.value()[0];
}

// Is it this number, but for the rounding of the float that was written?
inline bool IsSplat(Builder& build, const Value& v, float expected) {
  const std::optional<float> x = SplatValue(build, v);
  return x && std::fabs(*x - expected) <= 1e-6f * std::fabs(expected);
}

}  // namespace tflower::tfl_rules
