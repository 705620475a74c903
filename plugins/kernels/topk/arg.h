// ARG_MAX and ARG_MIN of f32 rows, with vectors.
#pragma once

#include <cstdint>

namespace tflower::kernels {

// places[r] = position of the first largest (smallest) of row r's n >= 1 values; NaNs are passed over, 0 where all are NaN. Any thread.
void ArgRowsF32(bool largest, const float* x, int64_t rows, int64_t n, int64_t* places);

}  // namespace tflower::kernels
