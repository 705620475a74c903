// The shapes of a DEPTHWISE_CONV_2D operator, for float and quantised operands alike. Source: TFLite DepthwiseConv2DOptions.
#pragma once

#include "common/check.h"
#include "conv/padding.h"
#include "depthwise/depthwise.h"

namespace tflower::kernels {

// The multiplier is what the shapes say; the option of that name is redundant and files leave it wrong.
inline Result<DepthwiseShape> DepthwiseShapeOf(const Op& op) {
  const Tensor x = op.Input(0), filter = op.Input(1);
  const auto o = op.Options<tfl::DepthwiseConv2DOptions>();
  TFLOWER_TRY(const ConvAxis h, ConvAxisOf(x.dim(1), filter.dim(1), o.stride_h, o.dilation_h_factor, o.padding));
  TFLOWER_TRY(const ConvAxis w, ConvAxisOf(x.dim(2), filter.dim(2), o.stride_w, o.dilation_w_factor, o.padding));
  DepthwiseShape s;
  s.batch = x.dim(0), s.in_h = x.dim(1), s.in_w = x.dim(2), s.in_channels = x.dim(3);
  s.multiplier = filter.dim(3) / x.dim(3);
  s.out_h = h.out, s.out_w = w.out;
  s.filter_h = filter.dim(1), s.filter_w = filter.dim(2);
  s.stride_h = o.stride_h, s.stride_w = o.stride_w;
  s.dilation_h = o.dilation_h_factor, s.dilation_w = o.dilation_w_factor;
  s.pad_top = h.pad_before, s.pad_left = w.pad_before;
  return s;
}

// The result has the input's type.
inline Status InferDepthwise(const Op& op, OpTypes& out) {
  TFLOWER_TRY(const DepthwiseShape s, DepthwiseShapeOf(op));
  // The scratch of a multiplier, one image with repeated channels, is checked as the output is: a large stride hides it there.
  TFLOWER_TRY([[maybe_unused]] const int64_t repeated, CountElements(Shape{s.in_h, s.in_w, s.out_channels()}, DType::kFloat32));
  return SetOutput(out, 0, op.Input(0).dtype(), Shape{s.batch, s.out_h, s.out_w, s.out_channels()});
}

}  // namespace tflower::kernels
