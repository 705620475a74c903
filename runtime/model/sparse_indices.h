// The indices of a sparse tensor's dimension, which files keep in one of three widths. Internal to runtime/model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "verify_parts.h"

namespace tflower::runtime {

class SparseIndices {
 public:
  SparseIndices() = default;
  SparseIndices(tflite::SparseIndexVector type, const void* table) {
    if (table == nullptr) return;
    switch (type) {
      case tflite::SparseIndexVector::Int32Vector: int32_ = SpanOf(static_cast<const tflite::Int32Vector*>(table)->values()); break;
      case tflite::SparseIndexVector::Uint16Vector: uint16_ = SpanOf(static_cast<const tflite::Uint16Vector*>(table)->values()); break;
      case tflite::SparseIndexVector::Uint8Vector: uint8_ = SpanOf(static_cast<const tflite::Uint8Vector*>(table)->values()); break;
      default: break;
    }
  }
  size_t size() const { return int32_.size() + uint16_.size() + uint8_.size(); }
  int64_t operator[](size_t i) const { return !int32_.empty() ? int32_[i] : !uint16_.empty() ? uint16_[i] : uint8_[i]; }

 private:
  std::span<const int32_t> int32_;
  std::span<const uint16_t> uint16_;
  std::span<const uint8_t> uint8_;
};

}  // namespace tflower::runtime
