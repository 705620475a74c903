// Implicit GEMM over images: each result pixel is a row of A made of taps that point into the input, so a convolution (or a
// phase of a transposed one) is a matrix product without an im2col image.
#pragma once

#include <cstddef>

#include <tflower/parallel.h>

#include "gemm/gemm.h"

namespace tflower::kernels {

// One axis of the relation between result pixels and input pixels: tap t of result pixel g reads input pixel
// g * stride + origin + t * step; outside [0, input) it reads zeros.
struct PixelAxis {
  size_t input = 0;      // input pixels
  size_t grid = 0;       // result pixels
  size_t taps = 0;       // may be 0: the result is bias alone
  ptrdiff_t origin = 0;  // minus the padding, for a convolution
  ptrdiff_t stride = 1;
  ptrdiff_t step = 1;    // the dilation; -1 for a transposed convolution
};

// Floats between neighbours.
struct PixelStrides {
  size_t batch = 0;
  size_t row = 0;
  size_t column = 0;
};

struct PixelGemm {
  size_t batch = 0;
  PixelAxis y, x;
  size_t depth = 0;      // floats of an input pixel that a tap reads
  size_t columns = 0;    // floats of a result pixel
  PixelStrides in, out;
  int threads = 1;       // how many pieces to prepare for
};

// Scratch memory for RunPixelGemm, in bytes; it grows with threads, not with the image.
size_t PixelGemmScratchBytes(const PixelGemm& g);

// For all result pixels p: out[p] = clamp(sum over taps (ty, tx) and channels of in * b + bias, clamp).
// b: GemmPackB of K = y.taps * x.taps * depth (in that order) by `columns`. bias: [columns] or null.
// scratch: PixelGemmScratchBytes, 64-byte aligned, contents ignored and destroyed.
void RunPixelGemm(const PixelGemm& g, const float* in, const float* b, const Epilogue& tail, float* out,
                  void* scratch, const Parallel& parallel);

}  // namespace tflower::kernels
