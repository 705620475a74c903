// Float 2-D transposed convolution as stride_h * stride_w implicit matrix products.
#include "transpose_conv/transpose_conv.h"

#include <algorithm>
#include <string>

#include "gemm/pixel_gemm.h"
#include "gemm/sizes.h"

namespace tflower::kernels {
namespace {

Status CheckShape(const TransposeConvShape& s) {
  const struct {
    const char* name;
    int64_t value;
  } positive[] = {{"kernel height", s.kernel_h}, {"kernel width", s.kernel_w}, {"stride_h", s.stride_h}, {"stride_w", s.stride_w}};
  for (const auto& [name, value] : positive) {
    if (value < 1 || value > kMaxDimension) {
      return Error(Code::kInvalidGraph, std::string(name) + " = " + std::to_string(value) + " is not in [1, 2^31)");
    }
  }
  if (s.pad_top < 0 || s.pad_left < 0 || s.pad_top > kMaxDimension || s.pad_left > kMaxDimension) {
    return Error(Code::kInvalidGraph, "padding is negative or too large");
  }
  TFLOWER_CHECK(CheckElements("input", {s.batch, s.in_h, s.in_w, s.in_c}));
  TFLOWER_CHECK(CheckElements("output", {s.batch, s.out_h, s.out_w, s.out_c}));
  TFLOWER_CHECK(CheckEmptyFilter(s.out_c * s.in_c, s.kernel_h, s.kernel_w));
  return CheckElements("filter", {s.out_c, s.kernel_h, s.kernel_w, s.in_c});
}

// One axis of a phase: result positions first, first + stride, ... use kernel positions phase, phase + stride, ...:
// result position first + g * stride reads input g + origin - t with kernel position phase + t * stride.
struct PhaseAxis {
  int64_t phase = 0;
  int64_t taps = 0;
  int64_t first = 0;
  int64_t grid = 0;
  int64_t origin = 0;
};

PhaseAxis AxisOf(int64_t phase, int64_t stride, int64_t kernel, int64_t pad, int64_t out) {
  PhaseAxis a;
  a.phase = phase;
  a.taps = (kernel - phase + stride - 1) / stride;
  a.first = ((phase - pad) % stride + stride) % stride;
  a.grid = a.first < out ? (out - a.first + stride - 1) / stride : 0;
  a.origin = (a.first + pad - phase) / stride;
  return a;
}

struct Phase {
  PhaseAxis y, x;
  size_t depth;          // K of its matrix product
  size_t packed_offset;  // floats
};

// f(phase) for all phases that have taps, in the order of the packed filter.
template <class F>
void ForPhases(const TransposeConvShape& s, const F& f) {
  size_t offset = 0;
  for (int64_t py = 0; py < std::min(s.stride_h, s.kernel_h); ++py) {
    for (int64_t px = 0; px < std::min(s.stride_w, s.kernel_w); ++px) {
      Phase p;
      p.y = AxisOf(py, s.stride_h, s.kernel_h, s.pad_top, s.out_h);
      p.x = AxisOf(px, s.stride_w, s.kernel_w, s.pad_left, s.out_w);
      p.depth = static_cast<size_t>(p.y.taps * p.x.taps * s.in_c);
      p.packed_offset = offset;
      offset += GemmPackedBytes(p.depth, static_cast<size_t>(s.out_c)) / sizeof(float);
      f(p);
    }
  }
}

// A stride beyond the kernel leaves results that no tap reaches.
bool HasUntouchedResults(const TransposeConvShape& s) { return s.stride_h > s.kernel_h || s.stride_w > s.kernel_w; }

void FillBias(const TransposeConvShape& s, const float* bias, Clamp clamp, float* y) {
  const int64_t pixels = s.batch * s.out_h * s.out_w;
  for (int64_t i = 0; i < pixels; ++i) {
    for (int64_t o = 0; o < s.out_c; ++o) {
      float v = bias != nullptr ? bias[o] : 0.0f;
      if (v < clamp.lo) v = clamp.lo;
      if (v > clamp.hi) v = clamp.hi;
      *y++ = v;
    }
  }
}

PixelAxis PixelAxisOf(const PhaseAxis& a, int64_t input) {
  PixelAxis p;
  p.input = static_cast<size_t>(input);
  p.grid = static_cast<size_t>(a.grid);
  p.taps = static_cast<size_t>(a.taps);
  p.origin = static_cast<ptrdiff_t>(a.origin);
  p.stride = 1;
  p.step = -1;
  return p;
}

PixelGemm PixelsOf(const TransposeConvPlan& plan, const Phase& phase) {
  const TransposeConvShape& s = plan.shape;
  PixelGemm g;
  g.batch = static_cast<size_t>(s.batch);
  g.y = PixelAxisOf(phase.y, s.in_h);
  g.x = PixelAxisOf(phase.x, s.in_w);
  g.depth = static_cast<size_t>(s.in_c);
  g.columns = static_cast<size_t>(s.out_c);
  g.in = {static_cast<size_t>(s.in_h * s.in_w * s.in_c), static_cast<size_t>(s.in_w * s.in_c), static_cast<size_t>(s.in_c)};
  // A stride beyond the result leaves one position of it: any step will do.
  const int64_t step_h = std::min(s.stride_h, s.out_h), step_w = std::min(s.stride_w, s.out_w);
  g.out = {static_cast<size_t>(s.out_h * s.out_w * s.out_c), static_cast<size_t>(step_h * s.out_w * s.out_c), static_cast<size_t>(step_w * s.out_c)};
  g.threads = plan.threads;
  return g;
}

}  // namespace

Result<TransposeConvPlan> PlanTransposeConv(const TransposeConvShape& shape, int threads) {
  TFLOWER_CHECK(CheckShape(shape));
  TransposeConvPlan plan;
  plan.shape = shape;
  plan.threads = std::max(threads, 1);
  ForPhases(shape, [&](const Phase& phase) {
    plan.packed_bytes += GemmPackedBytes(phase.depth, static_cast<size_t>(shape.out_c));
    plan.scratch_bytes = std::max(plan.scratch_bytes, PixelGemmScratchBytes(PixelsOf(plan, phase)));
  });
  return plan;
}

void PackTransposeConv(const TransposeConvPlan& plan, const float* filter, void* packed, const Parallel& parallel) {
  const TransposeConvShape& s = plan.shape;
  const size_t channels = static_cast<size_t>(s.in_c), columns = static_cast<size_t>(s.out_c);
  const size_t filter_stride = static_cast<size_t>(s.kernel_h * s.kernel_w * s.in_c);
  ForPhases(s, [&](const Phase& phase) {
    float* const b = static_cast<float*>(packed) + phase.packed_offset;
    size_t k = 0;
    for (int64_t ky = phase.y.phase; ky < s.kernel_h; ky += s.stride_h) {
      for (int64_t kx = phase.x.phase; kx < s.kernel_w; kx += s.stride_w, k += channels) {
        const float* const tap = filter + static_cast<size_t>(ky * s.kernel_w + kx) * channels;
        GemmPackRows(tap, 1, filter_stride, k, channels, phase.depth, columns, b, parallel);
      }
    }
  });
}

void EvalTransposeConv(const TransposeConvPlan& plan, const float* x, const void* packed, const float* bias, Clamp clamp,
                       float* y, void* scratch, const Parallel& parallel) {
  const TransposeConvShape& s = plan.shape;
  if (HasUntouchedResults(s)) FillBias(s, bias, clamp, y);
  ForPhases(s, [&](const Phase& phase) {
    if (phase.y.grid == 0 || phase.x.grid == 0) return;
    float* const first = y + static_cast<size_t>((phase.y.first * s.out_w + phase.x.first) * s.out_c);
    const float* const b = static_cast<const float*>(packed) + phase.packed_offset;
    RunPixelGemm(PixelsOf(plan, phase), x, b, {.bias = bias, .clamp = clamp}, first, scratch, parallel);
  });
}

}  // namespace tflower::kernels
