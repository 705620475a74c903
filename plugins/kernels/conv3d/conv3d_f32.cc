// Float 3-D convolution as one implicit matrix product.
#include "conv3d/conv3d_f32.h"

#include <algorithm>
#include <string>

#include "conv3d/volume_gemm.h"
#include "gemm/sizes.h"

namespace tflower::kernels {
namespace {

VolumeStrides StridesOf(const Conv3DShape& s, int64_t VolumeAxis::*size, int64_t channels) {
  const size_t x = static_cast<size_t>(channels), y = x * static_cast<size_t>(s.axes[2].*size), z = y * static_cast<size_t>(s.axes[1].*size);
  return {z * static_cast<size_t>(s.axes[0].*size), z, y, x};
}

PixelAxis PixelAxisOf(const VolumeAxis& a) {
  PixelAxis p;
  p.input = static_cast<size_t>(a.in);
  p.grid = static_cast<size_t>(a.out);
  p.taps = static_cast<size_t>(a.kernel);
  p.origin = static_cast<ptrdiff_t>(-a.pad);
  p.stride = static_cast<ptrdiff_t>(a.stride);
  p.step = static_cast<ptrdiff_t>(a.dilation);
  return p;
}

VolumeGemm VolumeOf(const Conv3DPlan& plan) {
  const Conv3DShape& s = plan.shape;
  VolumeGemm g;
  g.batch = static_cast<size_t>(s.batch);
  g.z = PixelAxisOf(s.axes[0]);
  g.y = PixelAxisOf(s.axes[1]);
  g.x = PixelAxisOf(s.axes[2]);
  g.depth = static_cast<size_t>(s.in_c);
  g.columns = static_cast<size_t>(s.out_c);
  g.in = StridesOf(s, &VolumeAxis::in, s.in_c);
  g.out = StridesOf(s, &VolumeAxis::out, s.out_c);
  g.threads = plan.threads;
  return g;
}

size_t FilterDepth(const Conv3DShape& s) {
  return static_cast<size_t>(s.axes[0].kernel * s.axes[1].kernel * s.axes[2].kernel * s.in_c);
}

}  // namespace

Status CheckConv3DShape(const Conv3DShape& s) {
  // An empty filter could claim any kernel size, and each position of it costs time.
  if (s.in_c < 1 || s.out_c < 1) return Error(Code::kUnsupportedShape, "a convolution needs input and output channels");
  for (const VolumeAxis& a : s.axes) {
    for (const int64_t value : {a.kernel, a.stride, a.dilation}) {
      if (value < 1 || value > kMaxDimension) {
        return Error(Code::kUnsupportedAttribute, "kernel size, stride or dilation " + std::to_string(value) + " is not in [1, 2^31)");
      }
    }
    // The padding of a dilated kernel may exceed 2^31, but no sum of it and an index may overflow.
    if (a.pad < 0 || a.pad > kMaxDimension * kMaxDimension) return Error(Code::kUnsupportedAttribute, "padding is negative or too large");
  }
  TFLOWER_CHECK(CheckElements("input", {s.batch, s.axes[0].in, s.axes[1].in, s.axes[2].in, s.in_c}));
  TFLOWER_CHECK(CheckElements("output", {s.batch, s.axes[0].out, s.axes[1].out, s.axes[2].out, s.out_c}));
  return CheckElements("filter", {s.axes[0].kernel, s.axes[1].kernel, s.axes[2].kernel, s.in_c, s.out_c});
}

Result<Conv3DPlan> PlanConv3D(const Conv3DShape& shape, int threads) {
  TFLOWER_CHECK(CheckConv3DShape(shape));
  Conv3DPlan plan;
  plan.shape = shape;
  plan.threads = std::max(threads, 1);
  plan.packed_bytes = GemmPackedBytes(FilterDepth(shape), static_cast<size_t>(shape.out_c));
  plan.scratch_bytes = VolumeGemmScratchBytes(VolumeOf(plan));
  return plan;
}

void PackConv3D(const Conv3DPlan& plan, const float* filter, void* packed, const Parallel& parallel) {
  const size_t columns = static_cast<size_t>(plan.shape.out_c);
  GemmPackB(filter, columns, 1, FilterDepth(plan.shape), columns, static_cast<float*>(packed), parallel);
}

void EvalConv3D(const Conv3DPlan& plan, const float* x, const void* packed, const float* bias, Clamp clamp, float* y, void* scratch,
                const Parallel& parallel) {
  RunVolumeGemm(VolumeOf(plan), x, static_cast<const float*>(packed), bias, clamp, y, scratch, parallel);
}

}  // namespace tflower::kernels
