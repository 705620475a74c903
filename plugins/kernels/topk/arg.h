// ARG_MAX and ARG_MIN.
#pragma once

#include <cstdint>

#include "tflower/dtype.h"

namespace tflower::kernels {

// places[r] = position of the first largest (smallest) of row r's n >= 1 values; NaNs are passed over, 0 where all are NaN. Any thread.
void ArgRowsF32(bool largest, const float* x, int64_t rows, int64_t n, int64_t* places);

// The same down the n >= 1 lines of `inner` values of any numeric type, fewer than 2^31 unless inner is 1; positions [inner] are int32 or int64. Any thread.
void ArgColumns(bool largest, DType type, const void* x, int64_t n, int64_t inner, DType index, void* positions);

}  // namespace tflower::kernels
