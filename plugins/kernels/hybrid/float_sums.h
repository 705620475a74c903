// Sums of int8 products to float results: y = clamp(float(sum) * (scale of the row * scale of the channel) + bias).
#pragma once

#include "gemm/gemm.h"
#include "hybrid/rows.h"
#include "integer_gemm/integer_gemm.h"

namespace tflower::kernels {

// A sink. The sums do not know yet of the zero points of x, which differ between the scaled rows.
struct FloatSums {
  const RowScale* scales = nullptr;   // scale i belongs to rows [i * rows_per_scale, ...) of the product
  size_t rows_per_scale = 1;
  int32_t added = 0;                  // see AddedToInput
  bool zero_points = true;            // are still to be taken off, with what was added
  const int64_t* column_sums = nullptr;
  const float* weight_scales = nullptr;
  bool one_weight_scale = true;
  const float* bias = nullptr;        // or null
  Clamp clamp;
  float* y = nullptr;                 // of row 0
  size_t stride = 0;

  SumSink Sink() const { return {this, &Take}; }
  static void Take(const void* self, const SumTile& tile);
};

}  // namespace tflower::kernels
