// What the depthwise row kernels share: their arguments, the packed layout and the choice among them. Not for other users.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "depthwise/depthwise.h"

namespace tflower::kernels {

// Packed memory: blocks of one vector of channels each, [bias, taps in row-major order][lanes], then a row of `channels` zeros that
// stands for padding pixels. With at least one vector of channels the last block is moved back to end at the last channel, so that
// every block is whole; with fewer there is one block, filled up with zeros.
struct DepthwiseLayout {
  int64_t lanes, blocks, block_floats;
  DepthwiseLayout(const DepthwiseShape& s, int64_t lanes)
      : lanes(lanes), blocks((s.out_channels() + lanes - 1) / lanes), block_floats((1 + s.filter_h * s.filter_w) * lanes) {}
  // First channel of a block.
  int64_t Channel(int64_t block, int64_t channels) const { return std::max<int64_t>(0, std::min(block * lanes, channels - lanes)); }
  int64_t zero_row() const { return blocks * block_floats; }
};

struct DepthwiseRows {
  const DepthwiseShape* shape;
  const float* x;        // images with out_channels channels
  const float* weights;  // packed
  const float* zeros;    // out_channels zeros
  float lo, hi;
  float* y;
};

// Computes output rows [begin, end), counted over all images.
using DepthwiseRowsFn = void (*)(const DepthwiseRows& rows, int64_t begin, int64_t end);

int64_t DepthwiseLanes();  // f32 lanes of the SIMD target in use
// nullptr unless the filter, stride and width fit the unrolled tiles.
DepthwiseRowsFn FindDepthwise3x3(const DepthwiseShape& shape);
DepthwiseRowsFn FindDepthwise5x5(const DepthwiseShape& shape);
DepthwiseRowsFn FindDepthwise7x7(const DepthwiseShape& shape);
DepthwiseRowsFn FindDepthwiseGeneral(const DepthwiseShape& shape);

}  // namespace tflower::kernels
