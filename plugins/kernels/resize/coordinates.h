// Source coordinates of resized pixels along one dimension, in f32 as TFLite computes them.
#pragma once

#include <cstdint>

namespace tflower::kernels {

// Distance of two output pixels in input pixels.
float ResizeScale(int64_t in, int64_t out, bool align_corners);

// The two neighbours of an output pixel and the weight of the second one (outside [0, 1] only when both are the same pixel).
struct Lerp {
  int64_t lower, upper;
  float weight;
};

// Of output pixels [first, first + count). Not inline: inside vector code the compiler may fuse the multiplication and the subtraction
// of a coordinate, and then it rounds differently from TFLite.
void BilinearSources(int64_t first, int64_t count, float scale, bool half_pixel_centers, int64_t in, Lerp* sources);
void NearestSources(int64_t first, int64_t count, float scale, bool align_corners, bool half_pixel_centers, int64_t in, int64_t* sources);

}  // namespace tflower::kernels
