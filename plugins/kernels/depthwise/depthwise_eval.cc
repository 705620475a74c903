// Packs depthwise weights and runs the row kernel that fits, image by image when channels are multiplied.
#include <algorithm>
#include <cstring>

#include "depthwise/depthwise.h"
#include "depthwise/rows.h"

namespace tflower::kernels {
namespace {

DepthwiseRowsFn Find(const DepthwiseShape& s) {
  for (const auto find : {FindDepthwise3x3, FindDepthwise5x5, FindDepthwise7x7}) {
    if (const DepthwiseRowsFn fn = find(s)) return fn;
  }
  return FindDepthwiseGeneral(s);
}

// Even numbers of rows: as few as four shares per thread need, but not below 200,000 operations a share, about 2 us. In double,
// because hostile sizes overflow their product.
int64_t RowGrain(const DepthwiseShape& s, int threads) {
  const double rows = static_cast<double>(s.batch) * static_cast<double>(s.out_h);
  const double row = 2.0 * static_cast<double>(s.filter_h * s.filter_w) * static_cast<double>(s.out_w * s.out_channels());
  const double shares = std::clamp(rows * row / 200000.0, 1.0, 4.0 * threads);
  return std::max<int64_t>(2, static_cast<int64_t>(rows / shares) / 2 * 2);
}

// Repeats every channel `multiplier` times, so that input and output channels match.
void RepeatChannels(const DepthwiseShape& s, const float* image, float* out, const Parallel& parallel) {
  const int64_t values = s.in_h * s.in_w * s.in_channels;
  parallel.For(values, 16384 / s.multiplier + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) std::fill_n(out + i * s.multiplier, s.multiplier, image[i]);
  });
}

void RunRows(const DepthwiseShape& s, const DepthwiseRows& rows, const Parallel& parallel) {
  const DepthwiseRowsFn fn = Find(s);
  parallel.For(s.batch * s.out_h, RowGrain(s, parallel.threads()), [&](int64_t begin, int64_t end) { fn(rows, begin, end); });
}

}  // namespace

size_t DepthwisePackedBytes(const DepthwiseShape& shape) {
  return static_cast<size_t>(DepthwiseLayout(shape, DepthwiseLanes()).zero_row() + shape.out_channels()) * sizeof(float);
}

void PackDepthwiseF32(const DepthwiseShape& s, const float* weights, const float* bias, void* packed) {
  const DepthwiseLayout layout(s, DepthwiseLanes());
  const int64_t channels = s.out_channels(), taps = s.filter_h * s.filter_w;
  float* out = static_cast<float*>(packed);
  std::memset(packed, 0, DepthwisePackedBytes(s));
  for (int64_t block = 0; block < layout.blocks; ++block, out += layout.block_floats) {
    const int64_t first = layout.Channel(block, channels), count = std::min(layout.lanes, channels);
    if (bias != nullptr) std::copy_n(bias + first, count, out);
    for (int64_t tap = 0; tap < taps; ++tap) std::copy_n(weights + tap * channels + first, count, out + (1 + tap) * layout.lanes);
  }
}

size_t DepthwiseScratchBytes(const DepthwiseShape& s) {
  return s.multiplier == 1 ? 0 : static_cast<size_t>(s.in_h * s.in_w * s.out_channels()) * sizeof(float);
}

void DepthwiseF32(const DepthwiseShape& s, const float* x, const void* packed, float lo, float hi, void* scratch, float* y,
                  const Parallel& parallel) {
  const float* weights = static_cast<const float*>(packed);
  const float* zeros = weights + DepthwiseLayout(s, DepthwiseLanes()).zero_row();
  if (s.multiplier == 1) return RunRows(s, {&s, x, weights, zeros, lo, hi, y}, parallel);
  DepthwiseShape image = s;
  image.batch = 1;
  float* repeated = static_cast<float*>(scratch);
  for (int64_t n = 0; n < s.batch; ++n) {
    RepeatChannels(s, x + n * s.in_h * s.in_w * s.in_channels, repeated, parallel);
    RunRows(image, {&image, repeated, weights, zeros, lo, hi, y + n * s.out_h * s.out_w * s.out_channels()}, parallel);
  }
}

}  // namespace tflower::kernels
