// Average and maximum pooling of int8, uint8 or int16, NHWC, to the bit: averages are rounded to nearest, ties away from zero.
#pragma once

#include "common/quantized.h"
#include "pool/pool.h"

namespace tflower::kernels {

struct QuantizedPool {
  PoolShape shape{};
  bool average = false;
  DType type = DType::kInt8;
  IntBounds bounds;
};

// Pixels [begin, end) of the result, counted over all images.
void RunQuantizedPool(const QuantizedPool& q, const void* x, int64_t begin, int64_t end, void* y);

// The specification.
void QuantizedPoolRef(const QuantizedPool& q, const void* x, int64_t begin, int64_t end, void* y);

}  // namespace tflower::kernels
