// The two halves of UnaryF32, each in its own file to keep compilation short. Not for other users.
#pragma once

#include "elementwise/unary.h"

namespace tflower::kernels {

void UnaryCheap(Unary op, const float* x, size_t n, float alpha, float* y);  // kAbs .. kHardSwish
void UnaryMath(Unary op, const float* x, size_t n, float alpha, float* y);   // kExp and later

}  // namespace tflower::kernels
