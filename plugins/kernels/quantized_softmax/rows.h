// SOFTMAX and LOG_SOFTMAX of rows of int8 or uint8, to the bit: exponentials by a table, added in float in the order of the row; results, which
// depend on one byte each, by a table that is made for the row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/quantized.h"

namespace tflower::kernels {

struct QuantizedSoftmax {
  bool log = false;
  DType type = DType::kInt8;
  Affine x, y;
  float exponentials[256];  // e^(-beta scale d) of the distance d to the row's maximum
  float scaled[256];        // log: a stored value times x.scale / y.scale, by 255 less its byte: as the distance to the maximum grows, so does the index

  void Fill(float beta);
};

// Rows of `depth` >= 1 values.
void RunQuantizedSoftmax(const QuantizedSoftmax& q, const void* x, int64_t rows, int64_t depth, void* y);

// The specification.
void QuantizedSoftmaxRef(const QuantizedSoftmax& q, const void* x, int64_t rows, int64_t depth, void* y);

}  // namespace tflower::kernels
