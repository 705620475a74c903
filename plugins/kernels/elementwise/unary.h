// Elementwise operators with one operand: activations, rounding, exponentials, trigonometry.
//
// x and y are n values, contiguous, any alignment; x == y allowed, other overlap is not. Nothing allocates or fails.
// [thread] any; work is split over `parallel`. NaN gives NaN for every operator.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tflower/parallel.h"

namespace tflower::kernels {

enum class Unary : uint8_t {
  kAbs, kNeg, kSquare, kSqrt, kRsqrt, kSign,
  kFloor, kCeil, kRound,                       // kRound: half to even
  kRelu, kRelu6, kReluN1To1, kRelu0To1,
  kLeakyRelu,                                  // x > 0 ? x : alpha x
  kHardSwish,                                  // x clamp(x + 3, 0, 6) / 6
  kExp, kLog, kSin, kCos, kTanh, kLogistic, kErf,
  kElu,                                        // x < 0 ? e^x - 1 : x
  kGeluErf,                                    // x/2 (1 + erf(x / sqrt 2))
  kGeluTanh,                                   // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
};
inline constexpr int kUnaryCount = static_cast<int>(Unary::kGeluTanh) + 1;

// y[i] = op(x[i]). alpha is used by kLeakyRelu only.
// Accuracy against the exact result: kRsqrt 1.5 ulp, kElu 1.1 ulp, kExp .. kErf as stated in simd/math-inl.h and trig-inl.h, kGeluErf 8 ulp
// (0 below -12.9, where it is less than 3e-37), kGeluTanh 4e-7 max(1, |x|), kHardSwish 2 ulp; all others are correctly rounded.
// Source: TFLite operators of the same names (kGelu*: GeluOptions.approximate; kErf: TF Erf).
void UnaryF32(Unary op, const float* x, size_t n, float alpha, float* y, const Parallel& parallel = {});

// The specification: the C library in double, rounded once.
void UnaryF32Ref(Unary op, const float* x, size_t n, float alpha, float* y);

// kAbs, kNeg, kSquare, kSign and the kRelu family for int8_t, int16_t, int32_t, int64_t (plain integers, not quantised values);
// overflow wraps. False when the operator has no integer form.
template <class T>
bool UnaryInt(Unary op, const T* x, size_t n, T* y, const Parallel& parallel = {});
bool HasUnaryInt(Unary op);

// y[i] = !x[i]; x holds 0 or 1.
void LogicalNot(const bool* x, size_t n, bool* y, const Parallel& parallel = {});

}  // namespace tflower::kernels
