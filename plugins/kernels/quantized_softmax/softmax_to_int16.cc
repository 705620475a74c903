// Fixed point numbers of 32 bits: one with b integer bits is raw / 2^(31 - b).
// Source: gemmlowp, doc/ and the definition of its FixedPoint type; TFLite's operator definition.
#include "quantized_softmax/softmax_to_int16.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tflower::kernels {
namespace {

constexpr int kDistanceBits = 5;  // integer bits of a distance
constexpr int kSumBits = 12;      // of a sum of exponentials, which is bounded by 4096

int32_t SaturatedShiftLeft(int32_t x, int bits) {
  return static_cast<int32_t>(std::clamp<int64_t>(static_cast<int64_t>(x) * (int64_t{1} << bits), INT32_MIN, INT32_MAX));
}
int32_t Sum(int32_t a, int32_t b) { return AddWrapping(a, b); }

// e^a for a in [-1/4, 0), no integer bits: its series around -1/8.
int32_t ExpQuarter(int32_t a) {
  constexpr int32_t kExpEighth = 1895147668, kThird = 715827883;
  const int32_t x = a + (1 << 28), x2 = HighMul(x, x), x3 = HighMul(x2, x), x4 = HighMul(x2, x2);
  const int32_t rest = RoundingShift(Sum(HighMul(Sum(RoundingShift(x4, 2), x3), kThird), x2), 1);
  return Sum(kExpEighth, HighMul(kExpEighth, Sum(x, rest)));
}

// e^a for a <= 0 with 5 integer bits: of what is left of a quarter, times e^-(2^i) for each bit of the quarters.
int32_t ExpNegative(int32_t a) {
  constexpr int kFraction = 31 - kDistanceBits;
  constexpr int32_t kQuarter = 1 << (kFraction - 2);
  constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  if (a == 0) return INT32_MAX;
  const int32_t part = (a & (kQuarter - 1)) - kQuarter, quarters = part - a;
  int32_t y = ExpQuarter(SaturatedShiftLeft(part, kDistanceBits));
  for (int i = 0; i < 7; ++i)
    if ((quarters & (1 << (kFraction + i - 2))) != 0) y = HighMul(y, kFactors[i]);
  return y;
}

// 1 / (1 + x) for x in [0, 1), no integer bits: three steps of Newton's iteration on 1 / ((1 + x) / 2), with 2 integer bits.
int32_t InverseOfOnePlus(int32_t x) {
  const auto half = static_cast<int32_t>((static_cast<int64_t>(x) + INT32_MAX + 1) / 2);
  int32_t y = Sum(1515870810, HighMul(half, -1010580540));
  for (int i = 0; i < 3; ++i) y = Sum(y, SaturatedShiftLeft(HighMul(y, (1 << 29) - HighMul(half, y)), 2));
  return SaturatedShiftLeft(y, 1);
}

}  // namespace

void SoftmaxToInt16::Fill(double scale, double beta) {
  factor = MultiplierOf(std::min(beta * scale * (1 << (31 - kDistanceBits)), 0x1p31 - 1));
  factor.shift = std::max(factor.shift, 0);
  least = -static_cast<int32_t>(std::floor(((1 << kDistanceBits) - 1) * static_cast<double>(int64_t{1} << (31 - kDistanceBits)) / static_cast<double>(int64_t{1} << factor.shift)));
}

template <class T>
void SoftmaxToInt16::Row(const T* x, int64_t n, int16_t* y) const {
  const int32_t most = *std::max_element(x, x + n);
  const auto exponential = [&](int64_t i) { return ExpNegative(HighMul(ShiftLeft(x[i] - most, factor.shift), factor.value)); };
  int64_t total = 0;
  for (int64_t i = 0; i < n; ++i)
    if (x[i] - most >= least) total += RoundingShift(exponential(i), kSumBits);
  const auto sum = static_cast<uint32_t>(std::min<int64_t>(total, INT32_MAX));  // at least 2^19: the maximum's
  const int zeros = std::countl_zero(sum);                                      // the sum is 1.x 2^(12 - zeros)
  const int32_t inverse = InverseOfOnePlus(static_cast<int32_t>((sum << zeros) - (uint32_t{1} << 31)));
  for (int64_t i = 0; i < n; ++i) {
    y[i] = INT16_MIN;
    if (x[i] - most < least) continue;
    const int32_t v = RoundingShift(HighMul(inverse, exponential(i)), kSumBits - zeros + 31 - 16);
    y[i] = static_cast<int16_t>(std::clamp(v + INT16_MIN, INT16_MIN, INT16_MAX));
  }
}

template void SoftmaxToInt16::Row(const int8_t* x, int64_t n, int16_t* y) const;
template void SoftmaxToInt16::Row(const uint8_t* x, int64_t n, int16_t* y) const;

}  // namespace tflower::kernels
