// Columns of a bilinear resizing of pixels with few channels.
#pragma once

#include <array>
#include <cstdint>

#include "resize/pixel_groups.h"

namespace tflower::kernels {

constexpr int64_t kNarrowValues = 2048;  // of a row of a strip, at most: two mixed rows stay in L1
constexpr int64_t kNarrowColumns = 1024;

struct NarrowStrip {
  int64_t first = 0;
  PixelGroups<2> groups;  // sources: the neighbours on the left and on the right
  alignas(64) std::array<float, kMostGroups * kMostGroupLanes> weight;  // of the right one, for each lane
};

}  // namespace tflower::kernels
