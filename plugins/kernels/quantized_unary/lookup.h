// Functions of quantised values by tables: all 256 values of int8 and uint8, 512 intervals with interpolation of int16.
#pragma once

#include <array>
#include <cmath>

#include "common/quantized.h"

namespace tflower::kernels {

// table[stored + 128] (int8) or table[stored] (uint8), in float arithmetic as TFLite fills it. f: float(float).
template <class T, class F>
void FillTable(const Affine& x, const Affine& y, F f, std::array<T, 256>& table) {
  const IntBounds bounds = BoundsOf(DTypeOf<T>::value);
  const float inverse = 1 / y.scale;
  for (int i = 0; i < 256; ++i) {
    const float rescaled = f(x.scale * static_cast<float>(bounds.lo + i - x.zero)) * inverse;
    table[static_cast<size_t>(i)] = static_cast<T>(std::isnan(rescaled) ? bounds.lo : bounds.Clamp(RoundedInt(rescaled) + y.zero));
  }
}

template <class T>
T LookUp(const std::array<T, 256>& table, T stored) { return table[static_cast<size_t>(stored - BoundsOf(DTypeOf<T>::value).lo)]; }

// Values at 512 equal steps over int16's range, each moved so that the error in the middle of its interval is shared, and the last value.
using Table16 = std::array<int16_t, 513>;

template <class Real, class F>
void FillTable(Real x_scale, int32_t x_zero, Real y_scale, int32_t y_zero, F f, Table16& table) {
  const Real x_min = x_scale * static_cast<Real>(INT16_MIN - x_zero), x_max = x_scale * static_cast<Real>(INT16_MAX - x_zero);
  const Real y_min = y_scale * static_cast<Real>(INT16_MIN - y_zero), y_max = y_scale * static_cast<Real>(INT16_MAX - y_zero);
  const Real step = (x_max - x_min) / 512, half_step = step / 2, inverse = Real{65536} / (y_max - y_min);
  const auto clamp = [](Real v) { return static_cast<int16_t>(std::isnan(v) ? Real{INT16_MIN} : std::min(std::max(v, Real{INT16_MIN}), Real{INT16_MAX})); };
  for (int i = 0; i < 512; ++i) {
    const Real at = x_min + static_cast<Real>(i) * step;
    const Real value = std::round(f(at) * inverse), middle = std::round(f(at + half_step) * inverse);
    const Real interpolated = std::round((f(x_min + static_cast<Real>(i + 1) * step) * inverse + value) / 2);
    const Real bias = std::round((interpolated - middle) / 2);
    table[static_cast<size_t>(i)] = clamp(std::isfinite(bias) ? value - bias : value);
  }
  table[512] = clamp(std::round(f(x_max) * inverse));
}

// The same table for vectors: both ends of an interval in one number, the lower end in its lower half.
struct IntervalTable {
  int32_t pairs[512] = {};
  void Set(const Table16& table) {
    for (size_t i = 0; i < 512; ++i) pairs[i] = static_cast<int32_t>(static_cast<uint16_t>(table[i]) | static_cast<uint32_t>(static_cast<uint16_t>(table[i + 1])) << 16);
  }
};

inline int16_t LookUp(const IntervalTable& table, int16_t stored) {
  const int32_t pair = table.pairs[256 + (stored >> 7)], base = static_cast<int16_t>(pair), slope = (pair >> 16) - base;
  return static_cast<int16_t>(base + ((slope * (stored & 127) + 64) >> 7));
}

}  // namespace tflower::kernels
