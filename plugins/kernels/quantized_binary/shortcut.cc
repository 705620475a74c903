// How far the integers' roundings may lead away from the real sum.
#include <cmath>

#include "quantized_binary/arithmetic.h"

namespace tflower::kernels {
namespace {

double RealOf(const Multiplier& m) { return std::ldexp(static_cast<double>(m.value), m.shift - 31); }

}  // namespace

void QuantizedArithmetic::SetShortcut() {
  margin = 1;
  if ((op != QuantizedOp::kAdd && op != QuantizedOp::kSub) || shift > 20 || left.shift > 0 || right.shift > 0 || out.shift > 0) return;
  const double last = RealOf(out), a = std::ldexp(RealOf(left), shift) * last, b = std::ldexp(RealOf(right), shift) * last * (op == QuantizedOp::kSub ? -1 : 1);
  const double offset = -(a * a_zero + b * b_zero), largest = 256 * (std::abs(a) + std::abs(b)) + std::abs(offset);
  // Two roundings of each operand, by half at most, times the last factor; the first rounding behind that; and six of floats.
  const double error = 2 * last + std::ldexp(0.5, out.shift) + 6 * std::ldexp(largest, -24);
  if (!(error < 1.0 / 64) || !(largest < 1e6)) return;
  a_factor = static_cast<float>(a), b_factor = static_cast<float>(b), constant = static_cast<float>(offset);
  margin = static_cast<float>(error * 1.01);
}

}  // namespace tflower::kernels
