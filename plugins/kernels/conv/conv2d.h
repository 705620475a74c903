// Float 2-D convolution: NHWC input, OHWI filter, any stride, dilation, padding and group count, fused bias, residual and activation.
//
// y[b, oy, ox, o] = clamp(bias[o] + residual[b, oy, ox, o] + sum over ky, kx, c of
//     x[b, oy * stride_h + ky * dilation_h - pad_top, ox * stride_w + kx * dilation_w - pad_left, g * C/groups + c]
//     * w[o, ky, kx, c], lo, hi),   with g = o / (O / groups); x is zero outside the image.
//
// The filter is packed once; Eval never allocates and cannot fail. Sources: tf.nn.conv2d, TFLite Conv2DOptions.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>
#include <tflower/status.h>

#include "gemm/gemm.h"

namespace tflower::kernels {

// The filter is [out_c, kernel_h, kernel_w, in_c / groups]. SAME and VALID come in as pad_top, pad_left and the output size.
struct Conv2DShape {
  int64_t batch = 1;
  int64_t in_h = 0, in_w = 0, in_c = 0;
  int64_t out_h = 0, out_w = 0, out_c = 0;
  int64_t kernel_h = 1, kernel_w = 1;
  int64_t stride_h = 1, stride_w = 1;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t pad_top = 0, pad_left = 0;
  int64_t groups = 1;
};

enum class Conv2DAlgorithm : uint8_t {
  kMatrix,     // 1x1, stride 1: one matrix product
  kPixels,     // implicit GEMM by tap pointers: everything
  kWinograd2,  // F(2x2, 3x3): 3x3, stride 1, no dilation, one group
  kWinograd4,  // F(4x4, 3x3): the same; 4x the filter's size in memory
};

// Accuracy, as |error| / max |y| against Conv2DRef: kMatrix and kPixels 2e-6, kWinograd2 2e-6, kWinograd4 2e-5 at 512 input
// channels. Winograd mixes neighbouring pixels: an infinity or NaN in x can reach up to 5 pixels further than it should.
struct Conv2DOptions {
  int threads = 1;
  bool allow_winograd = true;  // off: results closer to a plain sum, and no bigger filters
  bool keep_algorithm = false; // plan again for a new image size with a filter that was packed for `algorithm`
  Conv2DAlgorithm algorithm = Conv2DAlgorithm::kPixels;
};

struct Conv2DPlan {
  Conv2DShape shape;
  Conv2DAlgorithm algorithm = Conv2DAlgorithm::kPixels;
  int threads = 1;
  size_t packed_bytes = 0;   // for PackConv2D
  size_t scratch_bytes = 0;  // for EvalConv2D
};

// The shape is sound: its sizes can be multiplied. Errors: as PlanConv2D.
Status CheckConv2DShape(const Conv2DShape& shape);

// Checks the shape and chooses the algorithm. Errors: kUnsupportedShape, kUnsupportedAttribute (values that break the rules
// above or do not fit in memory).
Result<Conv2DPlan> PlanConv2D(const Conv2DShape& shape, const Conv2DOptions& options);

// filter: OHWI. packed: plan.packed_bytes, 64-byte aligned; it depends on the algorithm and the filter's shape only.
void PackConv2D(const Conv2DPlan& plan, const float* filter, void* packed, const Parallel& parallel);

// scratch: plan.scratch_bytes, 64-byte aligned, contents ignored and destroyed.
void EvalConv2D(const Conv2DPlan& plan, const float* x, const void* packed, const Epilogue& tail, float* y, void* scratch,
                const Parallel& parallel);

// The specification: plain loops, sums in double.
void Conv2DRef(const Conv2DShape& shape, const float* x, const float* filter, const Epilogue& tail, float* y);

}  // namespace tflower::kernels
