// Depthwise convolution of f32, NHWC, with bias and clamp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tflower/parallel.h"

namespace tflower::kernels {

// Output channel c * multiplier + m is input channel c filtered by its own filter_h x filter_w weights. All sizes >= 1, except that
// batch may be 0; the window may lie partly or wholly in the padding, which counts as zeros.
struct DepthwiseShape {
  int64_t batch, in_h, in_w, in_channels;
  int64_t multiplier;
  int64_t out_h, out_w;
  int64_t filter_h, filter_w;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t pad_top = 0, pad_left = 0;
  int64_t out_channels() const { return in_channels * multiplier; }
};

// Packed weights, in bytes; 64-byte aligned memory. The layout depends on the SIMD target in use and on the shape's filter, channels
// and multiplier only; it is meant for this process, not for storage.
size_t DepthwisePackedBytes(const DepthwiseShape& shape);

// weights: [filter_h, filter_w, out_channels]; bias: [out_channels] or nullptr.
void PackDepthwiseF32(const DepthwiseShape& shape, const float* weights, const float* bias, void* packed);

// Scratch of one call, 64-byte aligned, contents undefined: one image with its channels repeated `multiplier` times; 0 for 1.
size_t DepthwiseScratchBytes(const DepthwiseShape& shape);

// y [batch, out_h, out_w, out_channels] = clamp(bias + sum of taps, lo, hi), NaN kept; x [batch, in_h, in_w, in_channels]. x, y and
// scratch must not overlap. Rounding: one f32 multiply-add per tap in row-major order of the taps.
// Cannot fail, does not allocate. [thread] any; output rows are split over `parallel`.
// Source: TFLite DepthwiseConv2DOptions, DEPTHWISE_CONV_2D.
void DepthwiseF32(const DepthwiseShape& shape, const float* x, const void* packed, float lo, float hi, void* scratch, float* y,
                  const Parallel& parallel = {});

// The specification: plain loops in double over unpacked weights.
void DepthwiseF32Ref(const DepthwiseShape& shape, const float* x, const float* weights, const float* bias, float lo, float hi, float* y);

}  // namespace tflower::kernels
