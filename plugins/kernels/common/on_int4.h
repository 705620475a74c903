// Kernels of bytes on int4 and uint4, for operators that only move elements.
#pragma once

#include "common/on_wider.h"
#include "common/packed_int.h"

namespace tflower::kernels {

inline constexpr DTypeSet kInt4 = Types({DType::kInt4}), kUInt4 = Types({DType::kUInt4});

struct Int4AsByte {
  using Element = int8_t;
  static constexpr DType kWide = DType::kInt8;
  static constexpr bool Takes(DType type) { return type == DType::kInt4 || type == DType::kUInt4; }

  static void Widen(const Tensor& from, int8_t* to) {
    for (int64_t i = 0, n = from.num_elements(); i < n; ++i) to[i] = PackedIntAt(from.raw(), i, from.dtype());
  }
  static void Narrow(const int8_t* from, const Tensor& to) { PackNibbles(from, to.num_elements(), to.mutable_raw()); }
};

template <class K> using OnInt4 = OnWider<K, Int4AsByte>;

}  // namespace tflower::kernels
