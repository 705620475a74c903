// Implicit GEMM over volumes: the patches of a block of result voxels are gathered into a small matrix, so a 3-D convolution (or a phase of
// a transposed one) is a matrix product without an im2col volume.
#pragma once

#include <cstddef>

#include <tflower/parallel.h>

#include "gemm/gemm.h"
#include "gemm/pixel_gemm.h"

namespace tflower::kernels {

// Floats between neighbours.
struct VolumeStrides {
  size_t batch = 0;
  size_t z = 0;
  size_t y = 0;
  size_t x = 0;
};

struct VolumeGemm {
  size_t batch = 0;
  PixelAxis z, y, x;
  size_t depth = 0;    // floats of an input voxel, all of which a tap reads
  size_t columns = 0;  // floats of a result voxel
  VolumeStrides in, out;
  int threads = 1;     // how many pieces to prepare for
};

// Scratch memory for RunVolumeGemm, in bytes; it grows with the patch and with threads, not with the volume.
size_t VolumeGemmScratchBytes(const VolumeGemm& g);

// For all result voxels v: out[v] = clamp(sum over taps (tz, ty, tx) and channels of in * b + bias, clamp).
// b: GemmPackB of K = z.taps * y.taps * x.taps * depth (in that order) by `columns`. bias: [columns] or null.
// scratch: VolumeGemmScratchBytes, 64-byte aligned, contents ignored and destroyed.
void RunVolumeGemm(const VolumeGemm& g, const float* in, const float* b, const float* bias, Clamp clamp, float* out, void* scratch,
                   const Parallel& parallel);

}  // namespace tflower::kernels
