// Arithmetic on sizes that come from files: never wraps.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace tflower::tf {

inline std::optional<uint64_t> CheckedMul(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// Product of dims that are all >= 0. A zero does not hide the overflow of the others.
inline std::optional<uint64_t> CheckedProduct(std::span<const int64_t> dims) {
  uint64_t product = 1;
  bool empty = false;
  for (const int64_t dim : dims) {
    if (dim < 0) return std::nullopt;
    if (dim == 0) empty = true;
    else if (const auto next = CheckedMul(product, static_cast<uint64_t>(dim)); next && *next <= INT64_MAX) product = *next;
    else return std::nullopt;
  }
  return empty ? 0 : product;
}

}  // namespace tflower::tf
