// Float 3-D convolution and its transposed form: NDHWC input, any stride and padding, fused bias and activation.
//
// Forward, filter [depth, height, width, in, out], with dilation:
//   y[b, oz, oy, ox, o] = clamp(bias[o] + sum over kz, ky, kx, c of x[b, at(oz, kz), at(oy, ky), at(ox, kx), c] * w[kz, ky, kx, c, o]),
//   at(o, k) = o * stride + k * dilation - pad, x being zero outside the volume.
// Transposed, filter [depth, height, width, out, in]: each x[b, iz, iy, ix] adds its products to y at i * stride + k * dilation - pad.
//
// The filter is packed once; Eval never allocates and cannot fail. Sources: tf.nn.conv3d, tf.nn.conv3d_transpose, TFLite Conv3DOptions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>
#include <tflower/status.h>

#include "gemm/gemm.h"

namespace tflower::kernels {

struct VolumeAxis {
  int64_t in = 0, out = 0;
  int64_t kernel = 1, stride = 1, dilation = 1;
  int64_t pad = 0;  // before; of the forward convolution that a transposed one undoes
};

struct Conv3DShape {
  int64_t batch = 1, in_c = 0, out_c = 0;
  std::array<VolumeAxis, 3> axes = {};  // depth, height, width
};

// Accuracy: |error| / max |y| <= 3e-6 against the references.
struct Conv3DPlan {
  Conv3DShape shape;
  int threads = 1;
  size_t packed_bytes = 0;   // depends on the filter's shape, strides and dilations only
  size_t scratch_bytes = 0;
};

// Errors: kUnsupportedShape, kUnsupportedAttribute (values that break the rules above or do not fit in memory).
Result<Conv3DPlan> PlanConv3D(const Conv3DShape& shape, int threads);
Result<Conv3DPlan> PlanTransposeConv3D(const Conv3DShape& shape, int threads);

// packed: plan.packed_bytes, 64-byte aligned.
void PackConv3D(const Conv3DPlan& plan, const float* filter, void* packed, const Parallel& parallel);
void PackTransposeConv3D(const Conv3DPlan& plan, const float* filter, void* packed, const Parallel& parallel);

// bias: [out_c] or null. scratch: plan.scratch_bytes, 64-byte aligned, contents ignored and destroyed.
void EvalConv3D(const Conv3DPlan& plan, const float* x, const void* packed, const float* bias, Clamp clamp, float* y, void* scratch,
                const Parallel& parallel);
void EvalTransposeConv3D(const Conv3DPlan& plan, const float* x, const void* packed, const float* bias, Clamp clamp, float* y, void* scratch,
                         const Parallel& parallel);

// The specifications: plain loops, sums in double.
void Conv3DRef(const Conv3DShape& shape, const float* x, const float* filter, const float* bias, Clamp clamp, float* y);
void TransposeConv3DRef(const Conv3DShape& shape, const float* x, const float* filter, const float* bias, Clamp clamp, float* y);

// Checked once in Plan, so that the arithmetic in Pack and Eval cannot overflow.
Status CheckConv3DShape(const Conv3DShape& s);

}  // namespace tflower::kernels
