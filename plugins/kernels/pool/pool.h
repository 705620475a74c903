// Average, maximum and L2 pooling of f32, NHWC.
//
// Padding is never read: it is outside the window, so the average divides by the number of real pixels. A window that covers
// padding only is an error in the shape, not here (callers make sure that it cannot happen).
#pragma once

#include <cstdint>

#include "tflower/parallel.h"

namespace tflower::kernels {

enum class Pool : uint8_t { kAverage, kMax, kL2 };

struct PoolShape {
  int64_t batch, in_h, in_w, channels;
  int64_t out_h, out_w;
  int64_t filter_h, filter_w;  // >= 1
  int64_t stride_h, stride_w;  // >= 1
  int64_t pad_top, pad_left;   // rows and columns of padding before the image
};

// x: [batch, in_h, in_w, channels]; y: [batch, out_h, out_w, channels], no overlap with x.
//   kAverage  sum / count      kMax  maximum, NaN when the window has one      kL2  sqrt(sum of squares / count)
// then clamped to [lo, hi], NaN kept. Rounding: sums are f32, one addition per pixel of the window (blocks of 64 for large
// windows), so the relative error is at most (64 + window / 64) * 6e-8 of the mean absolute value.
// Cannot fail, does not allocate. [thread] any; pixels and channel blocks are split over `parallel`.
// Source: TFLite Pool2DOptions; AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D.
void PoolF32(Pool op, const PoolShape& shape, const float* x, float lo, float hi, float* y, const Parallel& parallel = {});

// The specification, in double.
void PoolF32Ref(Pool op, const PoolShape& shape, const float* x, float lo, float hi, float* y);

}  // namespace tflower::kernels
