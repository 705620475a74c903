// Scalar definitions of the binary operators: the specification, and the loop bodies for types without a vector kernel.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "elementwise/binary.h"

namespace tflower::kernels::scalar {

// Wide enough not to promote to int, unsigned so that overflow wraps; the conversion back is modular since C++20.
template <class T>
using Wide = std::conditional_t<(sizeof(T) < 4), uint32_t, std::make_unsigned_t<T>>;

template <class T> constexpr bool kIsFloat = std::is_floating_point_v<T>;

template <class T> T Add(T a, T b) {
  if constexpr (kIsFloat<T>) return a + b;
  else return static_cast<T>(static_cast<Wide<T>>(a) + static_cast<Wide<T>>(b));
}
template <class T> T Sub(T a, T b) {
  if constexpr (kIsFloat<T>) return a - b;
  else return static_cast<T>(static_cast<Wide<T>>(a) - static_cast<Wide<T>>(b));
}
template <class T> T Mul(T a, T b) {
  if constexpr (kIsFloat<T>) return a * b;
  else return static_cast<T>(static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b));
}

// Quotient truncated towards zero; b != 0. lowest / -1 wraps to lowest.
template <class T> T TruncDiv(T a, T b) {
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return Sub<T>(0, a);
  }
  return static_cast<T>(a / b);
}
template <class T> T TruncMod(T a, T b) {
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return 0;
  }
  return static_cast<T>(a % b);
}

// `bad` is set where the operator has no value; the result is then 0.
template <class T> T Div(T a, T b, bool& bad) {
  if constexpr (kIsFloat<T>) {
    return a / b;
  } else {
    if (b == 0) { bad = true; return 0; }
    return TruncDiv(a, b);
  }
}
template <class T> T FloorMod(T a, T b, bool& bad) {
  if constexpr (kIsFloat<T>) {
    const T r = std::fmod(a, b);
    return r != 0 && (b < 0) != (r < 0) ? r + b : r;
  } else {
    if (b == 0) { bad = true; return 0; }
    const T r = TruncMod(a, b);
    return Add(r, Mul(b, static_cast<T>((r != 0) & ((b < 0) != (r < 0)))));  // no branch: signs are hard to predict
  }
}
template <class T> T FloorDiv(T a, T b, bool& bad) {
  if constexpr (kIsFloat<T>) {
    return std::floor(a / b);
  } else {
    if (b == 0) { bad = true; return 0; }
    const T quotient = TruncDiv(a, b), rest = Sub(a, Mul(quotient, b));  // one division
    return static_cast<T>(quotient - static_cast<T>((rest != 0) & ((b < 0) != (rest < 0))));
  }
}
template <class T> T Pow(T a, T b, bool& bad) {
  if constexpr (kIsFloat<T>) {
    return std::pow(a, b);
  } else {
    if (b < 0) { bad = true; return 0; }
    T result = 1;
    for (std::make_unsigned_t<T> e = static_cast<std::make_unsigned_t<T>>(b); e != 0; e >>= 1) {
      if (e & 1) result = Mul(result, a);
      a = Mul(a, a);
    }
    return result;
  }
}

template <class T> T Maximum(T a, T b) { return a > b || a != a ? a : b; }
template <class T> T Minimum(T a, T b) { return a < b || a != a ? a : b; }
template <class T> T SquaredDifference(T a, T b) { return Mul(Sub(a, b), Sub(a, b)); }
template <class T> T RightShift(T a, T b) {
  constexpr T kMax = static_cast<T>(sizeof(T) * 8 - 1);
  const T count = b < 0 ? T{0} : b > kMax ? kMax : b;
  return static_cast<T>(a >> count);
}
template <class T> T Clamp(T v, const ClampRange<T>& range) { return v < range.lo ? range.lo : v > range.hi ? range.hi : v; }

}  // namespace tflower::kernels::scalar
