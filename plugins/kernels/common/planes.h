// A few elements side by side, as the channels of images, and in a plane for each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tflower::kernels {

inline constexpr int64_t kMaxPlanes = 8;
constexpr int64_t MostPlanes(int64_t element_bytes) { return element_bytes == 1 ? kMaxPlanes : 4; }

// Element k of place i is joined[i * count + k] and planes[k][i]; elements of 1, 2, 4, 8 or 16 bytes, addresses need no alignment.
struct Planes {
  std::byte* planes[kMaxPlanes] = {};
  std::byte* joined = nullptr;
  int count = 0;  // of planes: from 2 to MostPlanes
  int64_t size = 0;  // places
  int64_t behind = 0;  // so many places more of joined may be read when it is split
  bool stream = false;  // results are written past the caches
};
void SplitPlanes(const Planes& planes, int64_t element_bytes);  // from joined
void JoinPlanes(const Planes& planes, int64_t element_bytes);   // to joined

}  // namespace tflower::kernels
