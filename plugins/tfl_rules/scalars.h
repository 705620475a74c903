// Reading scalar constants in rules.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include <tflower/pattern.h>

namespace tflower::tfl_rules {

// Constants with more elements are not looked at.
inline constexpr int64_t kMaxSplat = 16384;

// The one number that a small float constant holds (every element the same); nullopt for others.
inline std::optional<float> SplatValue(Builder& build, const Value& v) {
  if (v.dtype() != DType::kFloat32 || !v.is_constant() || v.num_elements() < 1 || v.num_elements() > kMaxSplat) return std::nullopt;
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

// Is every element of a small constant of any numeric type exactly this number?
inline bool IsEvery(Builder& build, const Value& v, double expected) {
  if (!v.is_constant() || v.is_quantized() || v.num_elements() < 1 || v.num_elements() > kMaxSplat) return false;
  bool every = false;
  VisitNumeric(v.dtype(), [&](auto zero) {
    const Result<std::span<const decltype(zero)>> data = build.DataAs<decltype(zero)>(v);
    every = data.ok() && std::all_of(data.value().begin(), data.value().end(), [&](auto x) { return static_cast<double>(x) == expected; });
  });
  return every;
}

}  // namespace tflower::tfl_rules
