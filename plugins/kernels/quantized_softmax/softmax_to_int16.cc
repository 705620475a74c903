// Fixed point numbers of 32 bits: one with b integer bits is raw / 2^(31 - b).
// Source: gemmlowp, doc/ and the definition of its FixedPoint type; TFLite's operator definition.
#include "quantized_softmax/softmax_to_int16.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tflower::kernels {
namespace {

constexpr int kDistanceBits = 5;  // integer bits of a distance

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

template <class T>
void Run(const SoftmaxToInt16& q, const T* x, int64_t rows, int64_t depth, int16_t* y) {
  for (int64_t row = 0; row < rows; ++row, x += depth, y += depth) {
    const int32_t most = *std::max_element(x, x + depth);
    int64_t total = 0;
    for (int64_t i = 0; i < depth; ++i) total += RoundingShift(q.exponentials[most - x[i]], SoftmaxToInt16::kSumBits);
    const SoftmaxToInt16::Inverse inverse = q.InverseOf(total);
    for (int64_t i = 0; i < depth; ++i) {
      const int32_t v = RoundingShift(HighMul(inverse.value, q.exponentials[most - x[i]]), inverse.shift);
      y[i] = static_cast<int16_t>(std::clamp(v + INT16_MIN, INT16_MIN, INT16_MAX));
    }
  }
}

}  // namespace

void SoftmaxToInt16::Fill(double scale, double beta) {
  Multiplier factor = MultiplierOf(std::min(beta * scale * (1 << (31 - kDistanceBits)), 0x1p31 - 1));
  factor.shift = std::max(factor.shift, 0);
  const double least = std::floor(((1 << kDistanceBits) - 1) * static_cast<double>(int64_t{1} << (31 - kDistanceBits)) / static_cast<double>(int64_t{1} << factor.shift));
  for (int32_t d = 0; d < 256; ++d) exponentials[d] = d <= static_cast<int32_t>(least) ? ExpNegative(HighMul(ShiftLeft(-d, factor.shift), factor.value)) : 0;
}

SoftmaxToInt16::Inverse SoftmaxToInt16::InverseOf(int64_t total) const {
  const auto sum = static_cast<uint32_t>(std::min<int64_t>(total, INT32_MAX));
  const int zeros = std::countl_zero(sum);  // the sum is 1.x 2^(12 - zeros), which is bounded by 4096
  return {InverseOfOnePlus(static_cast<int32_t>((sum << zeros) - (uint32_t{1} << 31))), kSumBits - zeros + 31 - 16};
}

void SoftmaxToInt16Ref(const SoftmaxToInt16& q, DType type, const void* x, int64_t rows, int64_t depth, int16_t* y) {
  VisitBytes(type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), rows, depth, y); });
}

}  // namespace tflower::kernels
