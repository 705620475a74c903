// Nearest-neighbour resizing of small pixels.
#pragma once

#include "resize/pixel_groups.h"
#include "resize/resize.h"

namespace tflower::kernels {

constexpr int64_t kNearestColumns = 2048;  // of a strip, at most
using NearestStrip = PixelGroups<1>;       // in words of 32 bits

// ResizeNearest of pixels of whole words, two of which fit a vector; false for others, which nothing is done to.
bool ResizeNearestGroups(const ResizeShape& shape, const void* x, size_t pixel_bytes, void* y, const Parallel& parallel);

}  // namespace tflower::kernels
