// ARG_MAX and ARG_MIN.
#pragma once

#include <cstdint>

#include "tflower/dtype.h"

namespace tflower::kernels {

// places[r] = position of the first largest (smallest) of row r's n >= 1 values; NaNs are passed over, 0 where all are NaN. Any thread.
void ArgRowsF32(bool largest, const float* x, int64_t rows, int64_t n, int64_t* places);

// Of at most kArgColumns columns, whose best values and places stay in a first-level cache, in n >= 1 lines of `inner` values of any numeric type; lines are fewer than 2^31 unless inner is 1.
inline constexpr int64_t kArgColumns = 1024;
struct ArgColumnsArgs {
  bool largest;
  DType type;
  const void* x;  // the first line's first one
  int64_t n, inner, columns;
  DType index;      // int32 or int64
  void* positions;  // [columns]
};
void ArgColumns(const ArgColumnsArgs& args);  // on any thread

}  // namespace tflower::kernels
