// Products of quantised values over the reduced positions of a plan, and their results.
#pragma once

#include "common/quantized.h"
#include "reduce/reduce_walk.h"

namespace tflower::kernels {

// The values one by one, in row-major order: product = Scaled(product * (v - x_zero), factor), from the first one on. y = clamp(Scaled(product, factor) +
// y_zero). The products are of 64 bits, what is scaled wraps in 32.
struct QuantizedProducts {
  const ReducePlan* plan = nullptr;  // of one position behind each output, at least
  DType type = DType::kInt8;         // int8, uint8 or int16, of operand and result
  int32_t x_zero = 0;
  Multiplier factor;
  int32_t y_zero = 0;
  IntBounds bounds;
};

// Outputs [begin, end).
void RunQuantizedProducts(const QuantizedProducts& q, const void* x, int64_t begin, int64_t end, void* to);

// The specification.
void QuantizedProductsRef(const QuantizedProducts& q, const void* x, int64_t begin, int64_t end, void* to);

}  // namespace tflower::kernels
