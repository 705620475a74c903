// Packed weights of an integer depthwise convolution. Not for other users.
//
// Packed memory: int64 sums of each channel's weights, then blocks of channels: their multipliers and shifts, then for each kernel column and group
// of kernel rows the weights as lanes of 32 bits. Where groups have room for more rows than the kernel's, the same interleaved rows serve several rows of the
// result: the weights come once more for each, some rows lower. As far as there are as many channels the last block is moved back to end at the last one; with
// fewer there is one block, filled up with zeros.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "integer_depthwise/integer_depthwise.h"

namespace tflower::kernels {

struct IntegerDepthwiseLayout {
  int64_t rows = 2;       // kernel rows in a lane, and vectors of sums of a block: 4 of bytes, 2 of words
  int64_t block = 1;      // channels in a block
  int64_t channels = 0, groups = 0, blocks = 0, taps = 0;  // groups: of kernel rows; taps: lanes of one channel
  int64_t together = 1;   // rows of the result that share interleaved rows

  IntegerDepthwiseLayout(const DepthwiseShape& s, bool bytes, int64_t block_channels)
      : rows(bytes ? 4 : 2), block(block_channels), channels(s.out_channels()), groups((s.filter_h + rows - 1) / rows), blocks((channels + block - 1) / block), taps(groups * s.filter_w),
        together(s.stride_h == 1 && s.dilation_h == 1 ? groups * rows - s.filter_h + 1 : 1) {}

  int64_t First(int64_t b) const { return std::max<int64_t>(0, std::min(b * block, channels - block)); }
  int64_t Count() const { return std::min(block, channels); }
  // Where the channel of lane i (of all sums) lies in the block.
  int64_t ChannelOf(int64_t i) const {
    const int64_t lanes = block / rows, sum = i / lanes, lane = i % lanes;
    return lane / 4 * 4 * rows + sum * 4 + lane % 4;
  }
  int64_t SumsBytes() const { return (channels * 8 + 63) / 64 * 64; }
  int64_t BlockBytes() const { return block * 4 * (2 + taps * together); }
};

IntegerDepthwiseLayout LayoutOfDepthwise(const IntegerDepthwise& d);

// Pixels of a row that are computed together, and the input columns behind them: each once, or once for each kernel column that meets it.
struct DepthwiseRun {
  bool shared;
  int64_t pixels;
  DepthwiseRun(const DepthwiseShape& s, const IntegerDepthwiseLayout& layout) : shared(s.dilation_w == 1 && s.stride_w <= s.filter_w) {
    const int64_t fit = 24576 / (layout.groups * layout.block * 4), per_pixel = shared ? s.stride_w : s.filter_w;
    pixels = std::max<int64_t>(1, std::min(s.out_w, std::max<int64_t>(4, (fit - s.filter_w) / per_pixel)));
  }
  int64_t Columns(const DepthwiseShape& s, int64_t count) const { return shared ? (count - 1) * s.stride_w + s.filter_w : count * s.filter_w; }
};

// Channels in a block, 0 where there are no vectors.
int64_t DepthwiseBlock(bool bytes, int64_t channels);

struct DepthwiseJob {
  const IntegerDepthwise* d;
  const void* x;          // out_channels channels
  const char* packed;
  const int32_t* start;   // [blocks][block], in the order of lanes
  const int64_t* wide;    // [channels], added to wide sums
  bool small;             // narrow sums are below 2^30
  bool biased;            // `start` has 2^31 added: the sums are for BiasedFactors
  void* y;
  const SumSink* sink = nullptr;
};

// Result rows [begin, end), counted over all images. buffer: a thread's interleaved columns.
void DepthwiseRowsOf(const DepthwiseJob& job, int64_t begin, int64_t end, char* buffer);

}  // namespace tflower::kernels
