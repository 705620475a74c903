// Arithmetic of quantised tensors, real = scale * (stored - zero point), to the bit as TFLite defines it: factors as 32-bit fixed point
// numbers with a shift, rounding multiplications, bounds of fused activations.
//
// Sources: TFLite quantization specification; Jacob et al., Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference (2018), section 2.2. Checked against LiteRT by tests/parity/quant_parity.py.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "common/check.h"

namespace tflower::kernels {

inline constexpr DTypeSet kInt8 = Types({DType::kInt8});
inline constexpr DTypeSet kUInt8 = Types({DType::kUInt8});
inline constexpr DTypeSet kInt16 = Types({DType::kInt16});
inline constexpr DTypeSet kBytes = kInt8 | kUInt8;
inline constexpr DTypeSet kQuantized = kBytes | kInt16;  // types of quantised activations

// Rows for quantised operands stand behind those for plain numbers, which decline operands with a scale.
inline constexpr int32_t kQuantizedPriority = 90;

// factor = value / 2^31 * 2^shift, value in [2^30, 2^31) or 0.
struct Multiplier {
  int32_t value = 0;
  int shift = 0;
};

// The nearest Multiplier; factors below 2^-32 and NaN become 0, those from 2^30 on the largest. factor >= 0.
Multiplier MultiplierOf(double factor);

// a b / 2^31, rounded to nearest, ties upwards; saturates.
inline int32_t HighMul(int32_t a, int32_t b) {
  if (a == b && a == INT32_MIN) return INT32_MAX;
  const int64_t product = static_cast<int64_t>(a) * b;
  const int64_t half = product >= 0 ? int64_t{1} << 30 : 1 - (int64_t{1} << 30);
  return static_cast<int32_t>((product + half) / (int64_t{1} << 31));
}

// x / 2^exponent, rounded to nearest, ties away from zero. exponent in [0, 31].
inline int32_t RoundingShift(int32_t x, int exponent) {
  const int64_t mask = (int64_t{1} << exponent) - 1, remainder = x & mask, threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return static_cast<int32_t>((static_cast<int64_t>(x) >> exponent) + (remainder > threshold ? 1 : 0));
}

// x 2^shift, wrapping. shift in [0, 31].
inline int32_t ShiftLeft(int32_t x, int shift) { return static_cast<int32_t>(static_cast<uint32_t>(x) << shift); }

// x * factor, rounded twice: after the multiplication and after the shift.
inline int32_t Scaled(int32_t x, Multiplier m) {
  if (m.shift > 0) return HighMul(ShiftLeft(x, m.shift), m.value);
  return RoundingShift(HighMul(x, m.value), -m.shift);
}

// The same for 64-bit sums, below 2^47 in size: the factor keeps 15 bits, and the result is rounded once.
inline int32_t Scaled(int64_t x, Multiplier m) {
  const uint64_t value = m.value < 0x7fff0000 ? static_cast<uint64_t>((m.value + (1 << 15)) >> 16) : 0x7fff;
  const int shift = 15 - m.shift;  // in [-15, 46]
  const uint64_t product = static_cast<uint64_t>(x) * value;
  if (shift <= 0) return static_cast<int32_t>(product << -shift);
  return static_cast<int32_t>(static_cast<int64_t>(product + (uint64_t{1} << (shift - 1))) >> shift);
}

// x rounded to nearest, ties away from zero, as an integer: at most 10^10 in size; 0 for NaN.
inline int64_t RoundedInt(float x) { return std::isnan(x) ? 0 : static_cast<int64_t>(std::round(std::min(std::max(x, -1e10f), 1e10f))); }

// The same for sums of up to 63 bits, with the whole factor and rounded once, ties upwards: what FULLY_CONNECTED does.
inline int64_t ScaledOnce(int64_t x, Multiplier m) {
  if (m.value == 0) return 0;
  // x value / 2^bits from two halves of x, neither of which overflows: high * 2^31 + low, low in [0, 2^31).
  const int bits = 31 - m.shift;  // in [1, 62]
  const int64_t high = x >> 31, low = x & INT32_MAX, half = int64_t{1} << (bits - 1);
  if (high == 0 || high == -1) return (x * m.value + half) >> bits;
  const int64_t upper = std::min<int64_t>(std::max<int64_t>(high, INT32_MIN), INT32_MAX) * m.value;  // in units of 2^31
  if (bits <= 31) return upper >= 0 ? INT32_MAX : INT32_MIN;  // beyond every stored value
  return (upper + ((low * m.value) >> 31) + (half >> 31)) >> (bits - 31);
}

struct IntBounds {
  int32_t lo = 0, hi = 0;
  int32_t Clamp(int64_t v) const { return static_cast<int32_t>(std::min<int64_t>(std::max<int64_t>(v, lo), hi)); }
};

// Least and greatest stored value. int8, uint8, int16, uint16, int32, int4, uint4, int2.
IntBounds BoundsOf(DType type);

// Quantisation of a whole tensor.
struct Affine {
  float scale = 1;
  int32_t zero = 0;
  double real_scale() const { return static_cast<double>(scale); }
};

// One scale, and a zero point that the type can hold; kUnsupportedType otherwise. name = "input 0 (x)", for messages.
Result<Affine> AffineOf(const Tensor& t, const std::string& name);
inline Result<Affine> InputAffine(const Op& op, int i) { return AffineOf(op.Input(i), "input " + std::to_string(i)); }
inline Result<Affine> OutputAffine(const Op& op, int i = 0) { return AffineOf(op.Output(i), "output " + std::to_string(i)); }

// The first `count` operands have the quantisation that AffineOf demands; in Infer.
Status CheckQuantized(const Op& op, int count);

// What a fused activation leaves of an output's stored values. kUnsupportedAttribute for those that are no clamp.
Result<IntBounds> ActivationBounds(tfl::ActivationFunctionType activation, DType type, const Affine& output);

// What f(T{}) gives for the C++ type of quantised values: int8_t or uint8_t, ...
template <class F>
decltype(auto) VisitBytes(DType type, F&& f) {
  return type == DType::kInt8 ? f(int8_t{}) : f(uint8_t{});
}
// ... or int16_t, too. Rows let no other type pass.
template <class F>
decltype(auto) VisitQuantized(DType type, F&& f) {
  return type == DType::kInt16 ? f(int16_t{}) : VisitBytes(type, f);
}

// sum of (x[i] - x_zero) (w[i] - w_zero), wrapping in 32 or 64 bits.
template <class Sum, class T, class W>
Sum DotProduct(const T* x, int32_t x_zero, const W* w, int32_t w_zero, int64_t n) {
  std::make_unsigned_t<Sum> sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<std::make_unsigned_t<Sum>>((x[i] - x_zero) * (w[i] - w_zero));
  return static_cast<Sum>(sum);
}

// Two's complement sum, wrapping.
template <class Sum> Sum AddWrapping(Sum a, Sum b) {
  return static_cast<Sum>(static_cast<std::make_unsigned_t<Sum>>(a) + static_cast<std::make_unsigned_t<Sum>>(b));
}

}  // namespace tflower::kernels
