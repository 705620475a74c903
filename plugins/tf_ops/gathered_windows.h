// The pixels of sliding windows gathered side by side, for pools that TFLite does not have.
#pragma once

#include "window.h"

namespace tflower::tf_ops {

struct GatheredWindows {
  Value pixels;                 // [batch, windows, pixels of a window, channels]
  std::vector<int32_t> places;  // of them in the image, row by row: [windows, pixels of a window]
  int64_t out_h = 0, out_w = 0, window = 0;
};

// x is NHWC with known height and width. Where a window reaches beyond the image, its first pixel inside stands in.
Result<GatheredWindows> GatherWindows(Builder& build, const Value& x, HW size, HW stride, const Padding& padding);

}  // namespace tflower::tf_ops
