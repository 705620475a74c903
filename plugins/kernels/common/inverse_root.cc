// Fixed point numbers with 3 integer bits: raw / 2^28. A product of numbers with a and b integer bits has a + b of them.
#include "common/inverse_root.h"

#include <bit>

namespace tflower::kernels {
namespace {

// Saturating left shift: fewer integer bits.
int32_t Rescaled(int32_t raw, int bits) {
  const int64_t wide = static_cast<int64_t>(raw) * (int64_t{1} << bits);
  return static_cast<int32_t>(std::min<int64_t>(std::max<int64_t>(wide, INT32_MIN), INT32_MAX));
}

}  // namespace

Multiplier InverseRootOf(int32_t n) {
  if (n <= 1) return {INT32_MAX, 0};
  int right_shift = 11;
  while (n >= 1 << 29) {
    n /= 4;
    ++right_shift;
  }
  const int pairs = (std::countl_zero(static_cast<uint32_t>(n)) - 1) / 2 - 1;
  right_shift -= pairs;
  n = ShiftLeft(n, 2 * pairs);
  const int32_t half = RoundingShift(n >> 1, 1), three_halves = (1 << 28) + (1 << 27);
  int32_t x = 1 << 28;
  for (int i = 0; i < 5; ++i) {
    const int32_t cube = Rescaled(HighMul(HighMul(x, x), x), 6);
    x = Rescaled(AddWrapping(HighMul(three_halves, x), -HighMul(half, cube)), 3);
  }
  constexpr int32_t kHalfRoot2 = 1518500250;  // sqrt(1/2), no integer bits
  Multiplier m{HighMul(x, kHalfRoot2), -right_shift};
  if (right_shift < 0) m = {ShiftLeft(m.value, -right_shift), 0};
  return m;
}

}  // namespace tflower::kernels
