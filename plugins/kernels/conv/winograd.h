// Winograd convolution for 3x3 filters with stride 1: F(2x2) does 2.25 times and F(4x4) 4 times fewer multiplications.
//
// In a block of output tiles: transform the inputs (B^T d B), multiply (tile + 2)^2 small matrices, transform back (A^T m A),
// add bias and residual and clamp. The block's intermediate results stay in L2. Used by conv2d.h, which documents accuracy.
// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tflower/parallel.h>

#include "gemm/gemm.h"

namespace tflower::kernels {

// The transforms work on whole vectors of channels; 16 is the widest.
inline constexpr int64_t kWinogradMinChannels = 16;

struct WinogradConv {
  int tile = 4;  // output tile edge: 2 or 4
  size_t batch = 0;
  size_t in_h = 0, in_w = 0, in_c = 0;
  size_t out_h = 0, out_w = 0, out_c = 0;
  ptrdiff_t pad_top = 0, pad_left = 0;
  int threads = 1;
};

// The best tile edge for an output size and channel counts, or 0 when a plain convolution is faster (measured).
int WinogradTile(int64_t out_h, int64_t out_w, int64_t in_c, int64_t out_c);

size_t WinogradPackedBytes(const WinogradConv& conv);
size_t WinogradScratchBytes(const WinogradConv& conv);

// filter: OHWI, 3x3. packed: WinogradPackedBytes, 64-byte aligned.
void PackWinograd(const WinogradConv& conv, const float* filter, float* packed, const Parallel& parallel);

// x, y: NHWC. scratch: WinogradScratchBytes, 64-byte aligned.
void RunWinograd(const WinogradConv& conv, const float* x, const float* packed, const Epilogue& tail, float* y,
                 void* scratch, const Parallel& parallel);

}  // namespace tflower::kernels
