// Float 3-D transposed convolution as one implicit matrix product per phase: result voxels with equal (position + pad) mod stride use the
// same taps, so nothing is multiplied by inserted zeros and each result is written once.
#include <algorithm>

#include "conv3d/conv3d_f32.h"
#include "conv3d/volume_gemm.h"

namespace tflower::kernels {
namespace {

// One axis of a phase: results first, first + stride, ... are reached by the kernel positions tap, tap + tap_step, ...: result
// first + g * stride reads input g + origin - t * step with kernel position tap + t * tap_step.
struct PhaseAxis {
  int64_t first = 0, grid = 0;
  int64_t tap = 0, tap_step = 1, taps = 0;
  int64_t origin = 0, step = 1;
};

int64_t Gcd(int64_t a, int64_t b) { return b == 0 ? a : Gcd(b, a % b); }

// Kernel position k reaches results that are k * dilation - pad modulo the stride, so positions with equal k * dilation mod stride, every
// (stride / gcd)-th, share a phase. phase < min(kernel, stride / gcd).
PhaseAxis AxisOf(const VolumeAxis& a, int64_t phase) {
  PhaseAxis p;
  p.tap = phase;
  p.tap_step = a.stride / Gcd(a.stride, a.dilation);
  p.taps = (a.kernel - phase + p.tap_step - 1) / p.tap_step;
  p.first = ((phase * a.dilation - a.pad) % a.stride + a.stride) % a.stride;
  p.grid = p.first < a.out ? (a.out - p.first + a.stride - 1) / a.stride : 0;
  p.origin = (p.first + a.pad - phase * a.dilation) / a.stride;
  p.step = p.tap_step * a.dilation / a.stride;
  return p;
}
int64_t PhasesOf(const VolumeAxis& a) { return std::min(a.kernel, a.stride / Gcd(a.stride, a.dilation)); }
// A stride beyond the kernel, or one that shares a factor with the dilation, leaves results that no tap reaches.
bool HasUntouched(const VolumeAxis& a) { return PhasesOf(a) < a.stride; }

struct Phase {
  PhaseAxis z, y, x;
  size_t depth;          // K of its matrix product
  size_t packed_offset;  // floats
};

// f(phase) for all phases, in the order of the packed filter.
template <class F>
void ForPhases(const Conv3DShape& s, const F& f) {
  size_t offset = 0;
  for (int64_t pz = 0; pz < PhasesOf(s.axes[0]); ++pz) {
    for (int64_t py = 0; py < PhasesOf(s.axes[1]); ++py) {
      for (int64_t px = 0; px < PhasesOf(s.axes[2]); ++px) {
        Phase p{AxisOf(s.axes[0], pz), AxisOf(s.axes[1], py), AxisOf(s.axes[2], px), 0, offset};
        p.depth = static_cast<size_t>(p.z.taps * p.y.taps * p.x.taps * s.in_c);
        offset += GemmPackedBytes(p.depth, static_cast<size_t>(s.out_c)) / sizeof(float);
        f(p);
      }
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
  p.step = static_cast<ptrdiff_t>(-a.step);
  return p;
}

VolumeGemm VolumeOf(const Conv3DPlan& plan, const Phase& phase) {
  const Conv3DShape& s = plan.shape;
  const auto size = [](int64_t n) { return static_cast<size_t>(n); };
  VolumeGemm g;
  g.batch = size(s.batch);
  g.z = PixelAxisOf(phase.z, s.axes[0].in);
  g.y = PixelAxisOf(phase.y, s.axes[1].in);
  g.x = PixelAxisOf(phase.x, s.axes[2].in);
  g.depth = size(s.in_c);
  g.columns = size(s.out_c);
  const size_t in_y = size(s.axes[2].in) * g.depth, in_z = size(s.axes[1].in) * in_y;
  g.in = {size(s.axes[0].in) * in_z, in_z, in_y, g.depth};
  const size_t out_y = size(s.axes[2].out) * g.columns, out_z = size(s.axes[1].out) * out_y;
  g.out = {size(s.axes[0].out) * out_z, size(s.axes[0].stride) * out_z, size(s.axes[1].stride) * out_y, size(s.axes[2].stride) * g.columns};
  g.threads = plan.threads;
  return g;
}

void FillBias(const Conv3DShape& s, const float* bias, Clamp clamp, float* y) {
  const int64_t voxels = s.batch * s.axes[0].out * s.axes[1].out * s.axes[2].out;
  for (int64_t i = 0; i < voxels; ++i) {
    for (int64_t o = 0; o < s.out_c; ++o) {
      float v = bias != nullptr ? bias[o] : 0.0f;
      if (v < clamp.lo) v = clamp.lo;
      if (v > clamp.hi) v = clamp.hi;
      *y++ = v;
    }
  }
}

}  // namespace

Result<Conv3DPlan> PlanTransposeConv3D(const Conv3DShape& shape, int threads) {
  TFLOWER_CHECK(CheckConv3DShape(shape));
  Conv3DPlan plan;
  plan.shape = shape;
  plan.threads = std::max(threads, 1);
  ForPhases(shape, [&](const Phase& phase) {
    plan.packed_bytes += GemmPackedBytes(phase.depth, static_cast<size_t>(shape.out_c));
    plan.scratch_bytes = std::max(plan.scratch_bytes, VolumeGemmScratchBytes(VolumeOf(plan, phase)));
  });
  return plan;
}

void PackTransposeConv3D(const Conv3DPlan& plan, const float* filter, void* packed, const Parallel& parallel) {
  const Conv3DShape& s = plan.shape;
  const size_t channels = static_cast<size_t>(s.in_c), columns = static_cast<size_t>(s.out_c);
  ForPhases(s, [&](const Phase& phase) {
    float* const b = static_cast<float*>(packed) + phase.packed_offset;
    size_t k = 0;
    for (int64_t kz = phase.z.tap; kz < s.axes[0].kernel; kz += phase.z.tap_step) {
      for (int64_t ky = phase.y.tap; ky < s.axes[1].kernel; ky += phase.y.tap_step) {
        for (int64_t kx = phase.x.tap; kx < s.axes[2].kernel; kx += phase.x.tap_step, k += channels) {
          const size_t tap = static_cast<size_t>((kz * s.axes[1].kernel + ky) * s.axes[2].kernel + kx);
          GemmPackRows(filter + tap * columns * channels, 1, channels, k, channels, phase.depth, columns, b, parallel);
        }
      }
    }
  });
}

void EvalTransposeConv3D(const Conv3DPlan& plan, const float* x, const void* packed, const float* bias, Clamp clamp, float* y, void* scratch,
                         const Parallel& parallel) {
  const Conv3DShape& s = plan.shape;
  if (std::any_of(s.axes.begin(), s.axes.end(), HasUntouched)) FillBias(s, bias, clamp, y);
  ForPhases(s, [&](const Phase& phase) {
    const VolumeGemm g = VolumeOf(plan, phase);
    if (g.z.grid == 0 || g.y.grid == 0 || g.x.grid == 0) return;
    const int64_t first = ((phase.z.first * s.axes[1].out + phase.y.first) * s.axes[2].out + phase.x.first) * s.out_c;
    RunVolumeGemm(g, x, static_cast<const float*>(packed) + phase.packed_offset, bias, clamp, y + first, scratch, parallel);
  });
}

}  // namespace tflower::kernels
