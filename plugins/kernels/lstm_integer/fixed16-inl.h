// Fixed point numbers of 16 bits, computed in int32: sigmoid and tanh to the bit as TFLite's integer LSTM has them. A number with b integer bits is
// raw / 2^(15 - b). Plain arithmetic without branches, which the compiler makes vectors of.
//
// Source: gemmlowp, doc/ and the definition of its FixedPoint type: products round to nearest, ties upwards; shifts round ties away from zero.
#if defined(TFLOWER_KERNELS_LSTM_INTEGER_FIXED16_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_LSTM_INTEGER_FIXED16_INL_H_
#undef TFLOWER_KERNELS_LSTM_INTEGER_FIXED16_INL_H_
#else
#define TFLOWER_KERNELS_LSTM_INTEGER_FIXED16_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

constexpr int32_t kMost16 = INT16_MAX, kLeast16 = INT16_MIN;

HWY_INLINE int32_t Saturated16(int32_t x) { return std::min(std::max(x, kLeast16), kMost16); }
// The integer bits of a product are those of both factors together.
HWY_INLINE int32_t Product16(int32_t a, int32_t b) { return std::min((a * b + (1 << 14)) >> 15, kMost16); }
HWY_INLINE int32_t ShiftedRight16(int32_t x, int bits) { return (x + ((1 << bits) >> 1) + (x >> 31)) >> bits; }  // bits > 0
HWY_INLINE int32_t ShiftedLeft16(int32_t x, int bits) { return Saturated16(x * (1 << bits)); }
// Constants are given with 32 bits.
constexpr int32_t Constant16(int32_t raw) { return (raw + (1 << 15)) >> 16; }

// e^a for a in [-1/4, 0), no integer bits: its series around -1/8.
HWY_INLINE int32_t ExpQuarter16(int32_t a) {
  constexpr int32_t kExpEighth = Constant16(1895147668), kThird = Constant16(715827883);
  const int32_t x = a + (1 << 12), x2 = Product16(x, x), x3 = Product16(x2, x), x4 = Product16(x2, x2);
  const int32_t rest = ShiftedRight16(Product16(ShiftedRight16(x4, 2) + x3, kThird) + x2, 1);
  return Saturated16(kExpEighth + Product16(kExpEighth, x + rest));
}

// e^a for a <= 0 with kBits integer bits: of what is left of a quarter, times e^-(2^i) for each bit of the quarters.
template <int kBits>
HWY_INLINE int32_t ExpNegative16(int32_t a) {
  constexpr int kFraction = 15 - kBits;
  constexpr int32_t kQuarter = 1 << (kFraction - 2);
  constexpr int32_t kFactors[] = {Constant16(1672461947), Constant16(1302514674), Constant16(790015084), Constant16(290630308),
                                  Constant16(39332535),   Constant16(720401),     Constant16(242)};
  const int32_t part = (a & (kQuarter - 1)) - kQuarter, quarters = part - a;
  int32_t y = ExpQuarter16(part * (1 << kBits));
  for (int i = 0; i < 7 && i - 2 < kBits; ++i) y = (quarters & (1 << (kFraction + i - 2))) != 0 ? Product16(y, kFactors[i]) : y;
  if constexpr (kBits > 5) y = a < -(1 << (20 - kBits)) ? 0 : y;
  return a == 0 ? kMost16 : y;
}

// 1 / ((1 + x) / 2) for x in [0, 1], with 2 integer bits: three steps of Newton's iteration.
HWY_INLINE int32_t InverseHalf16(int32_t x) {
  const int32_t half = (x + kMost16 + 1) / 2;
  int32_t y = Constant16(1515870810) + Product16(half, Constant16(-1010580540));
  for (int i = 0; i < 3; ++i) y += ShiftedLeft16(Product16(y, (1 << 13) - Product16(half, y)), 2);
  return y;
}

HWY_INLINE int32_t NegativeAbs(int32_t x) { return x < 0 ? x : -x; }

// Of numbers with 3 integer bits; the result has none.
HWY_INLINE int32_t Sigmoid16(int32_t x) {
  const int32_t positive = ShiftedLeft16(InverseHalf16(ExpNegative16<3>(NegativeAbs(x))), 1);
  return x == 0 ? 1 << 14 : x > 0 ? positive : kMost16 - positive;
}
template <int kBits>
HWY_INLINE int32_t Tanh16(int32_t x) {
  const int32_t positive = ShiftedLeft16(InverseHalf16(ExpNegative16<kBits + 1>(NegativeAbs(x))) - (1 << 13), 2);
  return x == 0 ? 0 : x > 0 ? positive : -positive;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();
#endif
