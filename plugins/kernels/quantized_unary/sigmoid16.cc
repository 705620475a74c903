// Interpolation in a table of the logistic function for positive arguments; negative ones follow by symmetry.
#include "quantized_unary/sigmoid16.h"

#include <array>
#include <cmath>
#include <cstdlib>

namespace tflower::kernels {
namespace {

// 65536 logistic(i / 24), each value moved by half of what interpolation errs in the middle of the interval behind it.
const std::array<uint32_t, 256>& Table() {
  static const std::array<uint32_t, 256> table = [] {
    const auto exact = [](double i) { return 65536 / (1 + std::exp(-i / 24)); };
    std::array<uint32_t, 256> t{};
    for (int i = 0; i < 255; ++i) {
      const double error = (exact(i) + exact(i + 1)) / 2 - exact(i + 0.5);
      t[static_cast<size_t>(i)] = static_cast<uint32_t>(std::round(exact(i) - error / 2));
    }
    t[255] = 65535;
    return t;
  }();
  return table;
}

// The table at x / 2^bits, times 2^bits.
uint32_t Interpolated(uint32_t x, int bits) {
  const uint32_t i = x >> bits, rest = x & ((1u << bits) - 1);
  const uint32_t a = Table()[i], b = Table()[i + 1];
  return (a << bits) + rest * (b - a);
}

}  // namespace

Sigmoid16::Sigmoid16(float scale) {
  double multiplier = static_cast<double>(scale) * 4096.0 * 3.0;
  while (multiplier <= 32767.0 / 2.0 && shift <= 30) {
    ++shift;
    multiplier *= 2;
  }
  factor = static_cast<int32_t>(std::min(multiplier, 32767.0));
}

const int32_t* Sigmoid16::Steps() {
  static const std::array<int32_t, 255> steps = [] {
    std::array<int32_t, 255> s{};
    for (size_t i = 0; i < s.size(); ++i) s[i] = static_cast<int32_t>(Table()[i] | (Table()[i + 1] - Table()[i]) << 16);
    return s;
  }();
  return steps.data();
}

int16_t Sigmoid16::Logistic(int16_t stored) const {
  const int32_t x = Argument(stored);
  const auto size = static_cast<uint32_t>(std::abs(static_cast<int64_t>(x)));
  const uint32_t y = size >> 9 >= 255 ? 0x7fffu << 10 : Interpolated(size, 9);
  const uint32_t rounded = x >= 0 ? y + (1u << 9) : (1u << 25) - y + (1u << 9) - 1;
  return static_cast<int16_t>(rounded >> 10);
}

int16_t Sigmoid16::Tanh(int16_t stored) const {
  const int32_t x = Argument(stored);
  const auto size = static_cast<uint32_t>(std::abs(static_cast<int64_t>(x)));
  const auto y = static_cast<int32_t>(size >> 8 >= 255 ? 0xffffu << 8 : Interpolated(size, 8));
  const int32_t rounded = x >= 0 ? y - (1 << 23) + (1 << 7) : -y + (1 << 23) + (1 << 7) - 1;
  return static_cast<int16_t>(rounded >> 8);
}

}  // namespace tflower::kernels
