// Float 2-D transposed convolution: NHWC input, OHWI filter, fused bias and activation.
//
// y[b, oy, ox, o] = clamp(bias[o] + sum over (iy, ky), (ix, kx), c with iy * stride_h + ky == oy + pad_top and
//     ix * stride_w + kx == ox + pad_left of x[b, iy, ix, c] * w[o, ky, kx, c], lo, hi).
//
// Result pixels with equal (oy + pad) mod stride use the same taps, so each of the stride_h * stride_w phases is a dense
// implicit GEMM on the input: no multiplication by inserted zeros, no im2col image, each result is written once.
// The filter is packed once; Eval never allocates and cannot fail. Sources: tf.nn.conv2d_transpose, TFLite TransposeConvOptions.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>
#include <tflower/status.h>

#include "gemm/gemm.h"

namespace tflower::kernels {

// The filter is [out_c, kernel_h, kernel_w, in_c]. SAME and VALID come in as pad_top, pad_left (the forward convolution's
// padding) and the output size.
struct TransposeConvShape {
  int64_t batch = 1;
  int64_t in_h = 0, in_w = 0, in_c = 0;
  int64_t out_h = 0, out_w = 0, out_c = 0;
  int64_t kernel_h = 1, kernel_w = 1;
  int64_t stride_h = 1, stride_w = 1;
  int64_t pad_top = 0, pad_left = 0;
};

// Accuracy: |error| / max |y| <= 2e-6 against TransposeConvRef.
struct TransposeConvPlan {
  TransposeConvShape shape;
  int threads = 1;
  size_t packed_bytes = 0;   // for PackTransposeConv; depends on the filter's shape, strides and padding only
  size_t scratch_bytes = 0;  // for EvalTransposeConv
};

// Errors: kUnsupportedShape, kUnsupportedAttribute (values that break the rules above or do not fit in memory).
Result<TransposeConvPlan> PlanTransposeConv(const TransposeConvShape& shape, int threads);

// filter: OHWI. packed: plan.packed_bytes, 64-byte aligned.
void PackTransposeConv(const TransposeConvPlan& plan, const float* filter, void* packed, const Parallel& parallel);

// bias: [out_c] or null. scratch: plan.scratch_bytes, 64-byte aligned, contents ignored and destroyed.
void EvalTransposeConv(const TransposeConvPlan& plan, const float* x, const void* packed, const float* bias, Clamp clamp,
                       float* y, void* scratch, const Parallel& parallel);

// The same where `packed` may be null: the filter is packed first, into plan.packed_bytes in front of the scratch memory.
inline void EvalTransposeConvOf(const TransposeConvPlan& plan, const float* x, const float* filter, const void* packed, const float* bias, Clamp clamp, float* y,
                                char* scratch, const Parallel& parallel) {
  if (packed == nullptr) {
    PackTransposeConv(plan, filter, scratch, parallel);
    packed = scratch;
    scratch += plan.packed_bytes;
  }
  EvalTransposeConv(plan, x, packed, bias, clamp, y, scratch, parallel);
}

// The specification: plain loops, sums in double.
void TransposeConvRef(const TransposeConvShape& shape, const float* x, const float* filter, const float* bias, Clamp clamp,
                      float* y);

}  // namespace tflower::kernels
