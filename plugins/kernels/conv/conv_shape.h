// The shapes of a CONV_2D operator, for float and quantised operands alike. Source: TFLite Conv2DOptions.
#pragma once

#include "common/check.h"
#include "conv/conv2d.h"
#include "conv/padding.h"

namespace tflower::kernels {

// The filter's depth is in_c / groups.
inline Result<Conv2DShape> Conv2DShapeOf(const Op& op) {
  const Tensor x = op.Input(0), filter = op.Input(1);
  const auto options = op.Options<tfl::Conv2DOptions>();
  TFLOWER_TRY(const ConvAxis y_axis, ConvAxisOf(x.dim(1), filter.dim(1), options.stride_h, options.dilation_h_factor, options.padding));
  TFLOWER_TRY(const ConvAxis x_axis, ConvAxisOf(x.dim(2), filter.dim(2), options.stride_w, options.dilation_w_factor, options.padding));
  Conv2DShape s;
  s.batch = x.dim(0), s.in_h = x.dim(1), s.in_w = x.dim(2), s.in_c = x.dim(3);
  s.out_h = y_axis.out, s.out_w = x_axis.out, s.out_c = filter.dim(0);
  s.kernel_h = filter.dim(1), s.kernel_w = filter.dim(2);
  s.stride_h = options.stride_h, s.stride_w = options.stride_w;
  s.dilation_h = options.dilation_h_factor, s.dilation_w = options.dilation_w_factor;
  s.pad_top = y_axis.pad_before, s.pad_left = x_axis.pad_before;
  s.groups = std::max<int64_t>(1, x.dim(3) / filter.dim(3));
  return s;
}

// The result has the input's type.
inline Status InferConv2D(const Op& op, OpTypes& out) {
  TFLOWER_TRY(const Conv2DShape s, Conv2DShapeOf(op));
  return SetOutput(out, 0, op.Input(0).dtype(), Shape{s.batch, s.out_h, s.out_w, s.out_c});
}

}  // namespace tflower::kernels
