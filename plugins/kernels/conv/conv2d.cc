// Float 2-D convolution: checks, choice of algorithm, packing and evaluation.
#include "conv/conv2d.h"

#include <string>

#include "conv/winograd.h"
#include "gemm/pixel_gemm.h"
#include "gemm/sizes.h"

namespace tflower::kernels {
namespace {

Status CheckAttributes(const Conv2DShape& s) {
  const struct {
    const char* name;
    int64_t value;
  } positive[] = {{"kernel height", s.kernel_h}, {"kernel width", s.kernel_w},     {"stride_h", s.stride_h},
                  {"stride_w", s.stride_w},      {"dilation_h", s.dilation_h},     {"dilation_w", s.dilation_w},
                  {"groups", s.groups}};
  for (const auto& [name, value] : positive) {
    if (value < 1 || value > kMaxDimension) {
      return Error(Code::kInvalidGraph, std::string(name) + " = " + std::to_string(value) + " is not in [1, 2^31)");
    }
  }
  if (s.pad_top < 0 || s.pad_left < 0 || s.pad_top > kMaxDimension || s.pad_left > kMaxDimension) {
    return Error(Code::kInvalidGraph, "padding is negative or too large");
  }
  if (s.in_c % s.groups != 0 || s.out_c % s.groups != 0) {
    return Error(Code::kUnsupportedShape, std::to_string(s.in_c) + " input and " + std::to_string(s.out_c) +
                                              " output channels do not divide into " + std::to_string(s.groups) + " groups");
  }
  return Ok();
}

}  // namespace

// Sizes are checked once here, so that the arithmetic below and in Eval cannot overflow.
Status CheckConv2DShape(const Conv2DShape& s) {
  TFLOWER_CHECK(CheckAttributes(s));
  TFLOWER_CHECK(CheckElements("input", {s.batch, s.in_h, s.in_w, s.in_c}));
  TFLOWER_CHECK(CheckElements("output", {s.batch, s.out_h, s.out_w, s.out_c}));
  TFLOWER_CHECK(CheckEmptyFilter(s.out_c * s.in_c, s.kernel_h, s.kernel_w));
  return CheckElements("filter", {s.out_c, s.kernel_h, s.kernel_w, s.in_c / s.groups});
}

namespace {

size_t FilterDepth(const Conv2DShape& s) { return static_cast<size_t>(s.kernel_h * s.kernel_w * (s.in_c / s.groups)); }

bool IsMatrix(const Conv2DShape& s) {
  return s.kernel_h == 1 && s.kernel_w == 1 && s.stride_h == 1 && s.stride_w == 1 && s.pad_top == 0 && s.pad_left == 0 &&
         s.out_h == s.in_h && s.out_w == s.in_w;
}

bool CanWinograd(const Conv2DShape& s) {
  return s.kernel_h == 3 && s.kernel_w == 3 && s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 &&
         s.dilation_w == 1 && s.groups == 1 && s.in_c >= kWinogradMinChannels && s.out_c >= kWinogradMinChannels;
}

Conv2DAlgorithm Choose(const Conv2DShape& s, const Conv2DOptions& options) {
  if (IsMatrix(s)) return Conv2DAlgorithm::kMatrix;
  if (!options.allow_winograd || !CanWinograd(s)) return Conv2DAlgorithm::kPixels;
  switch (WinogradTile(s.out_h, s.out_w, s.in_c, s.out_c)) {
    case 4: return Conv2DAlgorithm::kWinograd4;
    case 2: return Conv2DAlgorithm::kWinograd2;
    default: return Conv2DAlgorithm::kPixels;
  }
}

// A filter that was packed for another image size can be used again when the algorithm still applies.
Status CheckKept(const Conv2DShape& s, Conv2DAlgorithm algorithm) {
  const bool fits = algorithm == Conv2DAlgorithm::kMatrix ? IsMatrix(s)
                                                          : algorithm == Conv2DAlgorithm::kPixels || CanWinograd(s);
  if (!fits) return Error(Code::kUnsupportedShape, "the shape does not fit the algorithm that the filter was packed for");
  return Ok();
}

int TileOf(Conv2DAlgorithm algorithm) {
  return algorithm == Conv2DAlgorithm::kWinograd4 ? 4 : algorithm == Conv2DAlgorithm::kWinograd2 ? 2 : 0;
}

WinogradConv WinogradOf(const Conv2DPlan& plan) {
  const Conv2DShape& s = plan.shape;
  WinogradConv w;
  w.tile = TileOf(plan.algorithm);
  w.batch = static_cast<size_t>(s.batch);
  w.in_h = static_cast<size_t>(s.in_h);
  w.in_w = static_cast<size_t>(s.in_w);
  w.in_c = static_cast<size_t>(s.in_c);
  w.out_h = static_cast<size_t>(s.out_h);
  w.out_w = static_cast<size_t>(s.out_w);
  w.out_c = static_cast<size_t>(s.out_c);
  w.pad_top = static_cast<ptrdiff_t>(s.pad_top);
  w.pad_left = static_cast<ptrdiff_t>(s.pad_left);
  w.threads = plan.threads;
  return w;
}

PixelAxis AxisOf(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad) {
  PixelAxis axis;
  axis.input = static_cast<size_t>(in);
  axis.grid = static_cast<size_t>(out);
  axis.taps = static_cast<size_t>(kernel);
  axis.origin = static_cast<ptrdiff_t>(-pad);
  axis.stride = static_cast<ptrdiff_t>(stride);
  axis.step = static_cast<ptrdiff_t>(dilation);
  return axis;
}

PixelStrides StridesOf(int64_t h, int64_t w, int64_t c) {
  return {static_cast<size_t>(h * w * c), static_cast<size_t>(w * c), static_cast<size_t>(c)};
}

// One group.
PixelGemm PixelsOf(const Conv2DPlan& plan) {
  const Conv2DShape& s = plan.shape;
  PixelGemm g;
  g.batch = static_cast<size_t>(s.batch);
  g.y = AxisOf(s.in_h, s.out_h, s.kernel_h, s.stride_h, s.dilation_h, s.pad_top);
  g.x = AxisOf(s.in_w, s.out_w, s.kernel_w, s.stride_w, s.dilation_w, s.pad_left);
  g.depth = static_cast<size_t>(s.in_c / s.groups);
  g.columns = static_cast<size_t>(s.out_c / s.groups);
  g.in = StridesOf(s.in_h, s.in_w, s.in_c);
  g.out = StridesOf(s.out_h, s.out_w, s.out_c);
  g.threads = plan.threads;
  return g;
}

void EvalMatrix(const Conv2DPlan& plan, const float* x, const float* b, const Epilogue& tail, float* y, const Parallel& parallel) {
  const Conv2DShape& s = plan.shape;
  GemmProblem g;
  g.rows = static_cast<size_t>(s.batch * s.out_h * s.out_w);
  g.columns = static_cast<size_t>(s.out_c / s.groups);
  g.depth = static_cast<size_t>(s.in_c / s.groups);
  g.a = x;
  g.a_stride = static_cast<size_t>(s.in_c);
  g.b = b;
  g.bias = tail.bias;
  g.residual = tail.residual;
  g.c = y;
  g.c_stride = static_cast<size_t>(s.out_c);
  g.clamp = tail.clamp;
  Gemm(g, parallel);
}

}  // namespace

Result<Conv2DPlan> PlanConv2D(const Conv2DShape& shape, const Conv2DOptions& options) {
  TFLOWER_CHECK(CheckConv2DShape(shape));
  Conv2DPlan plan;
  plan.shape = shape;
  plan.threads = options.threads < 1 ? 1 : options.threads;
  plan.algorithm = options.keep_algorithm ? options.algorithm : Choose(shape, options);
  if (options.keep_algorithm) TFLOWER_CHECK(CheckKept(shape, plan.algorithm));
  const size_t columns = static_cast<size_t>(shape.out_c / shape.groups);
  if (TileOf(plan.algorithm) != 0) {
    plan.packed_bytes = WinogradPackedBytes(WinogradOf(plan));
    plan.scratch_bytes = WinogradScratchBytes(WinogradOf(plan));
  } else {
    plan.packed_bytes = static_cast<size_t>(shape.groups) * GemmPackedBytes(FilterDepth(shape), columns);
    if (plan.algorithm == Conv2DAlgorithm::kPixels) plan.scratch_bytes = PixelGemmScratchBytes(PixelsOf(plan));
  }
  return plan;
}

void PackConv2D(const Conv2DPlan& plan, const float* filter, void* packed, const Parallel& parallel) {
  if (TileOf(plan.algorithm) != 0) return PackWinograd(WinogradOf(plan), filter, static_cast<float*>(packed), parallel);
  const size_t k = FilterDepth(plan.shape);
  const size_t columns = static_cast<size_t>(plan.shape.out_c / plan.shape.groups);
  const size_t group_floats = GemmPackedBytes(k, columns) / sizeof(float);
  for (size_t g = 0; g < static_cast<size_t>(plan.shape.groups); ++g) {
    GemmPackB(filter + g * columns * k, 1, k, k, columns, static_cast<float*>(packed) + g * group_floats, parallel);
  }
}

void EvalConv2D(const Conv2DPlan& plan, const float* x, const void* packed, const Epilogue& tail, float* y, void* scratch,
                const Parallel& parallel) {
  const Conv2DShape& s = plan.shape;
  const float* const b = static_cast<const float*>(packed);
  if (TileOf(plan.algorithm) != 0) return RunWinograd(WinogradOf(plan), x, b, tail, y, scratch, parallel);
  const size_t depth = static_cast<size_t>(s.in_c / s.groups), columns = static_cast<size_t>(s.out_c / s.groups);
  const size_t group_floats = GemmPackedBytes(FilterDepth(s), columns) / sizeof(float);
  for (size_t g = 0; g < static_cast<size_t>(s.groups); ++g) {
    const float* const group_x = x + g * depth;
    const float* const group_b = b + g * group_floats;
    Epilogue group_tail = tail;
    if (tail.bias != nullptr) group_tail.bias += g * columns;
    if (tail.residual != nullptr) group_tail.residual += g * columns;
    float* const group_y = y + g * columns;
    if (plan.algorithm == Conv2DAlgorithm::kMatrix) {
      EvalMatrix(plan, group_x, group_b, group_tail, group_y, parallel);
    } else {
      RunPixelGemm(PixelsOf(plan), group_x, group_b, group_tail, group_y, scratch, parallel);
    }
  }
}

}  // namespace tflower::kernels
