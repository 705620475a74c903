// The data transforms of the Winograd convolution for one block of output tiles (see winograd.h).
#pragma once

#include <cstddef>

#include "conv/winograd.h"

namespace tflower::kernels {

// (tile + 2)^2 planes of [tiles in block][channels]: transformed inputs and products.
struct WinogradPlanes {
  float* in;
  size_t in_plane;   // floats from one plane to the next
  float* out;
  size_t out_plane;
  const float* zeros;  // [in_c], stands for pixels outside the image
};

// Transforms the inputs of tiles [begin, end) into rows [begin - first, end - first) of the planes.
void WinogradInput(const WinogradConv& conv, const float* x, size_t first, size_t begin, size_t end,
                   const WinogradPlanes& planes);

// Transforms rows [begin - first, end - first) of the products back, finishes and writes tiles [begin, end) of y.
void WinogradOutput(const WinogradConv& conv, size_t first, size_t begin, size_t end, const WinogradPlanes& planes,
                    const Epilogue& tail, float* y);

}  // namespace tflower::kernels
