// Bilinear resizing of stored values in fixed point: coordinates and weights have 10 fractional bits.
#pragma once

#include "common/quantized.h"
#include "resize/resize.h"

namespace tflower::kernels {

inline constexpr int64_t kResizeOne = 1 << 10;

// Where output pixel i lies, and the two pixels around it.
struct ResizePlace {
  int64_t lower, upper, weight;  // weight of the upper one
};

struct FixedAxis {
  int64_t in, step;
  bool half_pixel;
  FixedAxis(int64_t in_size, int64_t out, const ResizeShape& s) : in(in_size), step((kResizeOne * in_size + out / 2) / out), half_pixel(s.half_pixel_centers) {
    if (s.align_corners && out > 1) step = (kResizeOne * (in - 1) + (out - 1) / 2) / (out - 1);
  }
  ResizePlace At(int64_t i) const {
    const int64_t at = i * step + (half_pixel ? step / 2 - kResizeOne / 2 : 0);
    const int64_t lower = std::min(std::max<int64_t>(at / kResizeOne, 0), in - 1);  // the inner bound matters to rounded steps only
    return {lower, std::max(lower, std::min((at + kResizeOne - 1) / kResizeOne, in - 1)), at - kResizeOne * lower};
  }
};

// Rows [begin, end) of the result, counted over all images. type: int8, uint8 or int16.
void ResizeQuantized(const ResizeShape& s, DType type, const void* x, int64_t begin, int64_t end, void* y);

// The specification.
void ResizeQuantizedRef(const ResizeShape& s, DType type, const void* x, int64_t begin, int64_t end, void* y);

}  // namespace tflower::kernels
