// The specification of the integer depthwise convolution: plain loops.
#include "integer_depthwise/integer_depthwise.h"

namespace tflower::kernels {
namespace {

template <class T, class W>
int64_t SumAt(const IntegerDepthwise& d, const T* image, const W* filter, int64_t oy, int64_t ox, int64_t c) {
  const DepthwiseShape& s = d.shape;
  int64_t sum = 0;
  for (int64_t ky = 0; ky < s.filter_h; ++ky) {
    const int64_t iy = oy * s.stride_h + ky * s.dilation_h - s.pad_top;
    if (iy < 0 || iy >= s.in_h) continue;
    for (int64_t kx = 0; kx < s.filter_w; ++kx) {
      const int64_t ix = ox * s.stride_w + kx * s.dilation_w - s.pad_left;
      if (ix < 0 || ix >= s.in_w) continue;
      const int64_t v = int64_t{image[(iy * s.in_w + ix) * s.in_channels + c / s.multiplier]} - d.x_zero;
      sum += v * (int64_t{filter[(ky * s.filter_w + kx) * s.out_channels() + c]} - d.w_zero);
    }
  }
  return sum;
}

template <class T, class W>
void Run(const IntegerDepthwise& d, const T* x, const W* filter, const int64_t* bias, T* y, const Parallel& parallel, const SumSink* sink) {
  const DepthwiseShape& s = d.shape;
  const int64_t channels = s.out_channels();
  parallel.For(s.batch * s.out_h, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* const image = x + row / s.out_h * s.in_h * s.in_w * s.in_channels;
      for (int64_t i = 0; i < s.out_w * channels; ++i) {
        const int64_t c = i % channels, sum = AddWrapping(SumAt(d, image, filter, row % s.out_h, i / channels, c), bias != nullptr ? bias[c] : 0);
        const auto narrow = static_cast<int32_t>(static_cast<uint64_t>(sum));
        SumTile tile;
        if (d.wide) tile.wide = &sum;
        else tile.narrow = &narrow;
        tile.stride = tile.rows = tile.columns = 1;
        if (sink != nullptr) {
          tile.row = static_cast<size_t>(row * s.out_w + i / channels), tile.column = static_cast<size_t>(c);
          sink->take(sink->self, tile);
          continue;
        }
        FinishRef({.requantizer = &d.requantizer, .channel = static_cast<size_t>(c), .y = y + row * s.out_w * channels + i}, tile);
      }
    }
  });
}

}  // namespace

void IntegerDepthwiseRef(const IntegerDepthwise& d, const void* x, const void* weights, const int64_t* bias, void* y, const Parallel& parallel, const SumSink* sink) {
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    if (d.unsigned_weights) Run(d, static_cast<const T*>(x), static_cast<const uint8_t*>(weights), bias, static_cast<T*>(y), parallel, sink);
    else Run(d, static_cast<const T*>(x), static_cast<const int8_t*>(weights), bias, static_cast<T*>(y), parallel, sink);
  };
  if (d.type == IntegerType::kInt8) run(int8_t{});
  else if (d.type == IntegerType::kUInt8) run(uint8_t{});
  else run(int16_t{});
}

}  // namespace tflower::kernels
