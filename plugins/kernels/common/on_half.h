// Kernels of float32 on float16 and bfloat16: operands are widened, results rounded once. What computes in float32 either way needs no more.
#pragma once

#include <algorithm>

#include "cast/half.h"
#include "common/on_wider.h"
#include "tflower/half.h"

namespace tflower::kernels {

inline constexpr DTypeSet kF16 = Types({DType::kFloat16});
inline constexpr DTypeSet kHalves = Types({DType::kFloat16, DType::kBFloat16});

struct HalfAsFloat {
  using Element = float;
  static constexpr DType kWide = DType::kFloat32;
  static constexpr bool Takes(DType type) { return Contains(kHalves, type); }

  static void Widen(const Tensor& from, float* to) {
    const auto* const x = from.data<uint16_t>();
    if (from.dtype() == DType::kFloat16) return FloatsFromHalves(x, to, from.num_elements());
    std::transform(x, x + from.num_elements(), to, FloatFromBFloat16);
  }
  static void Narrow(const float* from, const Tensor& to) {
    auto* const y = to.mutable_data<uint16_t>();
    if (to.dtype() == DType::kFloat16) return HalvesFromFloats(from, y, to.num_elements());
    std::transform(from, from + to.num_elements(), y, BFloat16FromFloat);
  }
};

template <class K> using OnHalf = OnWider<K, HalfAsFloat>;

}  // namespace tflower::kernels
