// Bilinear and nearest-neighbour resizing, NHWC, with TFLite's coordinate rules.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tflower/parallel.h"

namespace tflower::kernels {

struct ResizeShape {
  int64_t batch, in_h, in_w, channels;  // all >= 1 unless batch or channels is 0
  int64_t out_h, out_w;                 // >= 1
  bool align_corners = false;           // the corner pixels of input and output coincide
  bool half_pixel_centers = false;      // coordinates are pixel centres; not together with align_corners
};

// y [batch, out_h, out_w, channels] from x [batch, in_h, in_w, channels], f32. The source coordinate of output o is o * scale, or
// (o + 0.5) * scale - 0.5 with half pixel centres, in f32; the four neighbours are clamped to the image. Within 3.6e-7 (six roundings) times the
// largest of the four values of ResizeBilinearRef. Cannot fail, does not allocate. [thread] any.
// Source: TFLite ResizeBilinearOptions.
void ResizeBilinearF32(const ResizeShape& shape, const float* x, float* y, const Parallel& parallel = {});
void ResizeBilinearRef(const ResizeShape& shape, const float* x, float* y);

// Copies the pixel at floor(o * scale), floor((o + 0.5) * scale) with half pixel centres, round(o * scale) with aligned corners,
// clamped to the image. pixel_bytes = channels * element size: works for every dtype. Source: TFLite ResizeNearestNeighborOptions.
void ResizeNearest(const ResizeShape& shape, const void* x, size_t pixel_bytes, void* y, const Parallel& parallel = {});

}  // namespace tflower::kernels
