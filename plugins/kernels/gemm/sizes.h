// Checks of tensor sizes before a kernel does arithmetic with them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include <tflower/status.h>

namespace tflower::kernels {

// Dimensions and attributes of the TFLite format are 32-bit.
inline constexpr int64_t kMaxDimension = INT32_MAX;

// Elements of one tensor. Packed and transformed copies are at most 1024 times bigger, which still fits in 64 bits.
inline constexpr int64_t kMaxElements = int64_t{1} << 44;

// Each dimension is in [0, 2^31) and the product does not exceed kMaxElements. `tensor` names it in the error
// (kUnsupportedShape).
inline Status CheckElements(const char* tensor, std::span<const int64_t> dims) {
  int64_t elements = 1;
  for (const int64_t dim : dims) {
    if (dim < 0 || dim > kMaxDimension) {
      return Error(Code::kUnsupportedShape, std::string(tensor) + ": dimension " + std::to_string(dim) + " is not in [0, 2^31)");
    }
    if (dim == 0) continue;  // the other dimensions must still be sound: kernels multiply them
    if (elements > kMaxElements / dim) {
      return Error(Code::kUnsupportedShape, std::string(tensor) + " has more than 2^44 elements");
    }
    elements *= dim;
  }
  return Ok();
}

// The window of a filter that has no elements may claim any size, and kernels visit each of its positions.
inline Status CheckEmptyFilter(int64_t elements_per_position, int64_t kernel_h, int64_t kernel_w) {
  constexpr int64_t kMostPositions = 1 << 16;
  if (elements_per_position > 0 || kernel_h <= kMostPositions / kernel_w) return Ok();
  return Error(Code::kInvalidGraph, "a filter without elements claims a window of " + std::to_string(kernel_h) + " x " + std::to_string(kernel_w));
}
inline Status CheckElements(const char* tensor, std::initializer_list<int64_t> dims) {
  return CheckElements(tensor, std::span<const int64_t>(dims.begin(), dims.size()));
}

}  // namespace tflower::kernels
