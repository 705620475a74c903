// Integer convolutions as plain loops: the specification, and what runs.
//
// T: activations, W: weights, Sum: int32_t or int64_t, which wraps. bias: per output channel, or null. Pixels outside of the image count as
// the zero point. Cannot fail, does not allocate. [thread] any; rows of the result are split over `parallel`.
#pragma once

#include "common/quantized_layer.h"
#include "conv/conv2d.h"
#include "depthwise/depthwise.h"
#include "transpose_conv/transpose_conv.h"

namespace tflower::kernels {

// Multiply-adds behind one parallel task: some 20 us.
inline int64_t GrainOf(int64_t work_per_row) { return 1 + 65536 / std::max<int64_t>(1, work_per_row); }

// y[b, oy, ox, c] = value(b, oy, ox, c): rows of the result are split over the threads. work: multiply-adds behind a value.
template <class T, class F>
void ForEachResult(int64_t batch, int64_t out_h, int64_t out_w, int64_t channels, int64_t work, T* y, const Parallel& parallel, const F& value) {
  parallel.For(batch * out_h, GrainOf(out_w * channels * work), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T* to = y + row * out_w * channels;
      for (int64_t ox = 0; ox < out_w; ++ox)
        for (int64_t c = 0; c < channels; ++c) *to++ = value(row / out_h, row % out_h, ox, c);
    }
  });
}

// sum + the taps of one output value.
template <class Sum, class T, class W>
Sum ConvAt(const Conv2DShape& s, const T* image, int32_t x_zero, const W* filter, int32_t w_zero, Sum sum, int64_t oy, int64_t ox, int64_t group) {
  const int64_t depth = s.in_c / s.groups;
  for (int64_t ky = 0; ky < s.kernel_h; ++ky) {
    const int64_t iy = oy * s.stride_h + ky * s.dilation_h - s.pad_top;
    if (iy < 0 || iy >= s.in_h) continue;
    for (int64_t kx = 0; kx < s.kernel_w; ++kx) {
      const int64_t ix = ox * s.stride_w + kx * s.dilation_w - s.pad_left;
      if (ix < 0 || ix >= s.in_w) continue;
      const T* const pixel = image + (iy * s.in_w + ix) * s.in_c + group * depth;
      sum = AddWrapping(sum, DotProduct<Sum>(pixel, x_zero, filter + (ky * s.kernel_w + kx) * depth, w_zero, depth));
    }
  }
  return sum;
}

template <class T, class W, class Sum>
void QuantizedConv2D(const Conv2DShape& s, const QuantizedLayer& q, const T* x, const W* filter, const Sum* bias, T* y, const Parallel& parallel) {
  const int64_t taps = s.kernel_h * s.kernel_w * (s.in_c / s.groups), channels_of_group = std::max<int64_t>(1, s.out_c / s.groups);
  ForEachResult(s.batch, s.out_h, s.out_w, s.out_c, taps, y, parallel, [&](int64_t b, int64_t oy, int64_t ox, int64_t o) {
    const Sum first = bias != nullptr ? bias[o] : 0;
    return q.Finish<T>(ConvAt<Sum>(s, x + b * s.in_h * s.in_w * s.in_c, q.x.zero, filter + o * taps, q.w_zero, first, oy, ox, o / channels_of_group), o);
  });
}

template <class Sum, class T, class W>
Sum DepthwiseAt(const DepthwiseShape& s, const T* image, int32_t x_zero, const W* filter, int32_t w_zero, Sum sum, int64_t oy, int64_t ox, int64_t c) {
  for (int64_t ky = 0; ky < s.filter_h; ++ky) {
    const int64_t iy = oy * s.stride_h + ky * s.dilation_h - s.pad_top;
    if (iy < 0 || iy >= s.in_h) continue;
    for (int64_t kx = 0; kx < s.filter_w; ++kx) {
      const int64_t ix = ox * s.stride_w + kx * s.dilation_w - s.pad_left;
      if (ix < 0 || ix >= s.in_w) continue;
      const int32_t v = image[(iy * s.in_w + ix) * s.in_channels + c / s.multiplier] - x_zero;
      sum = AddWrapping<Sum>(sum, v * (filter[(ky * s.filter_w + kx) * s.out_channels() + c] - w_zero));
    }
  }
  return sum;
}

template <class T, class W, class Sum>
void QuantizedDepthwise(const DepthwiseShape& s, const QuantizedLayer& q, const T* x, const W* filter, const Sum* bias, T* y, const Parallel& parallel) {
  ForEachResult(s.batch, s.out_h, s.out_w, s.out_channels(), s.filter_h * s.filter_w, y, parallel, [&](int64_t b, int64_t oy, int64_t ox, int64_t c) {
    const Sum first = bias != nullptr ? bias[c] : 0;
    return q.Finish<T>(DepthwiseAt<Sum>(s, x + b * s.in_h * s.in_w * s.in_channels, q.x.zero, filter, q.w_zero, first, oy, ox, c), c);
  });
}

// sum + the input pixels that reach a result pixel.
template <class Sum, class T, class W>
Sum TransposeConvAt(const TransposeConvShape& s, const T* image, int32_t x_zero, const W* filter, int32_t w_zero, Sum sum, int64_t oy, int64_t ox) {
  for (int64_t ky = 0; ky < s.kernel_h; ++ky) {
    const int64_t iy = oy + s.pad_top - ky;
    if (iy < 0 || iy % s.stride_h != 0 || iy / s.stride_h >= s.in_h) continue;
    for (int64_t kx = 0; kx < s.kernel_w; ++kx) {
      const int64_t ix = ox + s.pad_left - kx;
      if (ix < 0 || ix % s.stride_w != 0 || ix / s.stride_w >= s.in_w) continue;
      const T* const pixel = image + (iy / s.stride_h * s.in_w + ix / s.stride_w) * s.in_c;
      sum = AddWrapping(sum, DotProduct<Sum>(pixel, x_zero, filter + (ky * s.kernel_w + kx) * s.in_c, w_zero, s.in_c));
    }
  }
  return sum;
}

template <class T, class W, class Sum>
void QuantizedTransposeConv(const TransposeConvShape& s, const QuantizedLayer& q, const T* x, const W* filter, const Sum* bias, T* y, const Parallel& parallel) {
  const int64_t taps = s.kernel_h * s.kernel_w * s.in_c;
  ForEachResult(s.batch, s.out_h, s.out_w, s.out_c, taps, y, parallel, [&](int64_t b, int64_t oy, int64_t ox, int64_t o) {
    const Sum first = bias != nullptr ? bias[o] : 0;
    return q.Finish<T>(TransposeConvAt<Sum>(s, x + b * s.in_h * s.in_w * s.in_c, q.x.zero, filter + o * taps, q.w_zero, first, oy, ox), o);
  });
}

}  // namespace tflower::kernels
