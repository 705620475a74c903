// Rows of A for convolutions as integer matrix products: the input values behind a result pixel, taps in the filter's order. Pixels outside of the
// image hold the zero point.
#pragma once

#include "conv/conv2d.h"
#include "integer_gemm/integer_gemm.h"
#include "transpose_conv/transpose_conv.h"

namespace tflower::kernels {

struct ConvRows {
  const Conv2DShape* shape = nullptr;
  const void* x = nullptr;
  size_t element = 1;                   // bytes
  int32_t zero = 0;
  const int32_t* zero_of_image = nullptr;  // instead of zero, when the images differ

  RowSource Source() const;
};

// Whether the rows lie in the input as they are.
inline bool RowsArePixels(const Conv2DShape& s) {
  return s.kernel_h == 1 && s.kernel_w == 1 && s.stride_h == 1 && s.stride_w == 1 && s.pad_top == 0 && s.pad_left == 0 && s.out_h == s.in_h && s.out_w == s.in_w;
}

struct TransposeConvRows {
  const TransposeConvShape* shape = nullptr;
  const void* x = nullptr;
  size_t element = 1;
  int32_t zero = 0;
  const int32_t* zero_of_image = nullptr;

  RowSource Source() const;
};

}  // namespace tflower::kernels
