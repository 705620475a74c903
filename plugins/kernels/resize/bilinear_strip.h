// A strip of a bilinear resizing: some values of each output row, and what they are made of.
#pragma once

#include <array>
#include <cstdint>

#include "resize/pixel_groups.h"

namespace tflower::kernels {

constexpr int64_t kStripValues = 2048;  // at most: two mixed rows stay in L1
constexpr int64_t kStripPixels = 1024;

// Many channels: a pixel, or a part of one, of which vectors are made without permutations.
struct PixelRun {
  int64_t left, right, size;  // places in the input row
  float weight;               // of the right one
};

// Output values [first, first + values). Either groups or runs make them.
struct BilinearStrip {
  int64_t first = 0, values = 0;
  PixelGroups<2> groups;  // few channels; sources: the neighbours on the left and on the right
  alignas(64) std::array<float, kMostGroups * kMostGroupLanes> weight;  // of the right one, for each lane
  int64_t run_count = 0;
  std::array<PixelRun, kStripValues / kMostGroupLanes> runs;
};

}  // namespace tflower::kernels
