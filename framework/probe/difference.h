// Difference: how far two tensors are apart.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tflower/dtype.h"

namespace tflower::probe {

// A dense row-major tensor. Borrowed.
struct TensorBytes {
  DType dtype = DType::kNone;
  std::span<const int64_t> dims;
  std::span<const std::byte> bytes;
};

struct Difference {
  double absolute = 0;     // largest
  double relative = 0;     // largest of |a - b| / max(1, |b|); infinite where one is a number and the other none, or nothing can be compared
  double rms = 0;
  uint64_t elements = 0;
  std::string mismatch;    // types or shapes that cannot be compared
};

Difference Compare(const TensorBytes& a, const TensorBytes& b);

}  // namespace tflower::probe
