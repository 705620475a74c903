// Unary operators as plain loops in double, rounded once: what the vector kernels are compared with.
#include <algorithm>
#include <cmath>

#include "elementwise/unary.h"

namespace tflower::kernels {
namespace {

// Comparisons are written so that NaN falls through to x.
double Clamp(double x, double lo, double hi) { return x < lo ? lo : x > hi ? hi : x; }
double Sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

double Apply(Unary op, double x, double alpha) {
  switch (op) {
    case Unary::kAbs: return std::fabs(x);
    case Unary::kNeg: return -x;
    case Unary::kSquare: return x * x;
    case Unary::kSqrt: return std::sqrt(x);
    case Unary::kRsqrt: return 1 / std::sqrt(x);
    case Unary::kSign: return Sign(x);
    case Unary::kFloor: return std::floor(x);
    case Unary::kCeil: return std::ceil(x);
    case Unary::kRound: return std::nearbyint(x);
    case Unary::kRelu: return x < 0 ? 0 : x;
    case Unary::kRelu6: return Clamp(x, 0, 6);
    case Unary::kReluN1To1: return Clamp(x, -1, 1);
    case Unary::kRelu0To1: return Clamp(x, 0, 1);
    case Unary::kLeakyRelu: return x > 0 ? x : alpha * x;
    case Unary::kHardSwish: return x * Clamp(x + 3, 0, 6) / 6;
    case Unary::kExp: return std::exp(x);
    case Unary::kLog: return std::log(x);
    case Unary::kSin: return std::sin(x);
    case Unary::kCos: return std::cos(x);
    case Unary::kTanh: return std::tanh(x);
    case Unary::kLogistic: return 1 / (1 + std::exp(-x));
    case Unary::kErf: return std::erf(x);
    case Unary::kElu: return x < 0 ? std::expm1(x) : x;
    case Unary::kGeluErf: return x / 2 * std::erfc(-x * 0.70710678118654752440);
    case Unary::kGeluTanh: return x / (1 + std::exp(-2 * 0.79788456080286535588 * (x + 0.044715 * x * x * x)));
  }
  return x;
}

}  // namespace

void UnaryF32Ref(Unary op, const float* x, size_t n, float alpha, float* y) {
  for (size_t i = 0; i < n; ++i) y[i] = static_cast<float>(Apply(op, x[i], alpha));
}

}  // namespace tflower::kernels
