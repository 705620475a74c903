// Output size and leading padding of a convolution along one axis, by TensorFlow's rules for SAME and VALID.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include <tflower/status.h>
#include <tflower/tfl_ops.h>

namespace tflower::kernels {

struct ConvAxis {
  int64_t out = 0;
  int64_t pad_before = 0;
};

// Arguments below 2^31, all but `in` at least 1. Errors: kInvalidGraph (an argument is not), kUnsupportedShape (VALID with
// an input that is shorter than the kernel).
inline Result<ConvAxis> ConvAxisOf(int64_t in, int64_t kernel, int64_t stride, int64_t dilation, tfl::Padding padding) {
  for (const int64_t value : {kernel, stride, dilation}) {
    if (value < 1 || value > INT32_MAX) {
      return Error(Code::kInvalidGraph, "kernel " + std::to_string(kernel) + ", stride " + std::to_string(stride) +
                                            " and dilation " + std::to_string(dilation) + " must be positive");
    }
  }
  const int64_t reach = (kernel - 1) * dilation + 1;
  ConvAxis axis;
  if (padding == tfl::Padding::SAME) {
    axis.out = (in + stride - 1) / stride;
    axis.pad_before = std::max<int64_t>(0, (axis.out - 1) * stride + reach - in) / 2;
    return axis;
  }
  if (padding != tfl::Padding::VALID) {
    return Error(Code::kInvalidGraph, "padding " + std::to_string(static_cast<int>(padding)) + " is not SAME or VALID");
  }
  if (in + 1 < reach) {
    return Error(Code::kUnsupportedShape, "an input of " + std::to_string(in) + " is shorter than the kernel, which reaches over " +
                                              std::to_string(reach));
  }
  axis.out = in < reach ? 0 : (in - reach) / stride + 1;
  return axis;
}

}  // namespace tflower::kernels
