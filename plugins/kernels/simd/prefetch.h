// Fetching ahead in loops that read long streams.
#pragma once

#include <cstdint>

#include <hwy/cache_control.h>

namespace tflower::kernels {

// Asks for the line 8 KB behind the values at p, which are being read: processors are late, and memory would wait for the arithmetic. That line need not exist.
HWY_INLINE void PrefetchFar(const float* p) { hwy::Prefetch(reinterpret_cast<const float*>(reinterpret_cast<uintptr_t>(p) + 8192)); }

}  // namespace tflower::kernels
