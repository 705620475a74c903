// Reducing rows of a tensor into the rows of a smaller one: the core of the segment operators.
#pragma once

#include <algorithm>
#include <limits>
#include <type_traits>

#include "common/check.h"
#include "common/copy.h"

namespace tflower::kernels {

// What an empty segment holds, and how one element is taken in. Integers wrap around. Of a maximum or minimum NaN is not taken in, as in TF.
template <class T>
struct SegmentAdd {
  static constexpr T kEmpty = T{0};
  static T Take(T to, T x) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(to) + static_cast<uint64_t>(x));
    else return to + x;
  }
};
template <class T>
struct SegmentMul {
  static constexpr T kEmpty = T{1};
  static T Take(T to, T x) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<uint64_t>(to) * static_cast<uint64_t>(x));
    else return to * x;
  }
};
template <class T>
struct SegmentMax {
  static constexpr T kEmpty = std::numeric_limits<T>::lowest();
  static T Take(T to, T x) { return std::max(to, x); }
};
template <class T>
struct SegmentMin {
  static constexpr T kEmpty = std::numeric_limits<T>::max();
  static T Take(T to, T x) { return std::min(to, x); }
};

// y[segments, inner] = for each segment, x's rows [rows, inner] whose id it is, in order; rows with negative ids are left out. Ids below
// `segments`: check them first. Threads take columns, so that results do not depend on their number.
template <class T, class Reduce>
void ReduceSegments(const T* x, const int32_t* ids, int64_t rows, int64_t inner, int64_t segments, T* y, const Parallel& parallel) {
  const int64_t grain = std::max<int64_t>(16, kParallelBytes / std::max<int64_t>(1, (rows + segments) * static_cast<int64_t>(sizeof(T))));
  parallel.For(inner, grain, [&](int64_t begin, int64_t end) {
    for (int64_t s = 0; s < segments; ++s) std::fill(y + s * inner + begin, y + s * inner + end, Reduce::kEmpty);
    for (int64_t i = 0; i < rows; ++i) {
      if (ids[i] < 0) continue;
      const T* const from = x + i * inner;
      T* const to = y + ids[i] * inner;
      for (int64_t k = begin; k < end; ++k) to[k] = Reduce::Take(to[k], from[k]);
    }
  });
}

}  // namespace tflower::kernels
