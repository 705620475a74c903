// The shapes of a TRANSPOSE_CONV operator, for float and quantised operands alike. Source: TFLite TransposeConvOptions.
#pragma once

#include "common/check.h"
#include "conv/padding.h"
#include "transpose_conv/transpose_conv.h"

namespace tflower::kernels {

// The forward convolution from an output of `out` must give the input's size; it also says the padding.
inline Result<ConvAxis> TransposeConvAxisOf(int64_t out, int64_t kernel, int64_t stride, int64_t in, tfl::Padding padding) {
  TFLOWER_TRY(const ConvAxis forward, ConvAxisOf(out, kernel, stride, 1, padding));
  if (forward.out != in) {
    return Error(Code::kInvalidOperand, "an output of " + std::to_string(out) + " needs an input of " + std::to_string(forward.out) + " with this stride and padding, not " + std::to_string(in));
  }
  return ConvAxis{out, forward.pad_before};
}

// The largest output that TransposeConvAxisOf accepts for an input.
inline int64_t LargestOut(int64_t in, int64_t kernel, int64_t stride, tfl::Padding padding) {
  if (padding == tfl::Padding::SAME) return in * stride;
  return (in - 1) * stride + kernel + stride - 1;
}

// `out` is the contents of operand 0: [batch, height, width, channels].
inline Result<TransposeConvShape> TransposeConvShapeOf(const Op& op, const Shape& out) {
  const Tensor filter = op.Input(1), x = op.Input(2);
  const auto options = op.Options<tfl::TransposeConvOptions>();
  TFLOWER_TRY(const ConvAxis y_axis, ForInput(0, "output_shape", TransposeConvAxisOf(out[1], filter.dim(1), options.stride_h, x.dim(1), options.padding)));
  TFLOWER_TRY(const ConvAxis x_axis, ForInput(0, "output_shape", TransposeConvAxisOf(out[2], filter.dim(2), options.stride_w, x.dim(2), options.padding)));
  if (out[0] != x.dim(0) || out[3] != filter.dim(0)) {
    return OperandError(Code::kInvalidOperand, 0, "output_shape", TextOf(out) + " must have batch " + std::to_string(x.dim(0)) + " and " + std::to_string(filter.dim(0)) + " channels");
  }
  TransposeConvShape s;
  s.batch = x.dim(0), s.in_h = x.dim(1), s.in_w = x.dim(2), s.in_c = x.dim(3);
  s.out_h = out[1], s.out_w = out[2], s.out_c = out[3];
  s.kernel_h = filter.dim(1), s.kernel_w = filter.dim(2);
  s.stride_h = options.stride_h, s.stride_w = options.stride_w;
  s.pad_top = y_axis.pad_before, s.pad_left = x_axis.pad_before;
  return s;
}

// The result has the input's type.
inline Status InferTransposeConv(const Op& op, OpTypes& out) {
  if (!Known(op.Input(0))) return out.Unknown(0, op.Input(2).dtype(), 4);
  const Shape dims = IntsOf(op.Input(0));
  TFLOWER_TRY([[maybe_unused]] const TransposeConvShape s, TransposeConvShapeOf(op, dims));
  return SetOutput(out, 0, op.Input(2).dtype(), dims);
}

}  // namespace tflower::kernels
