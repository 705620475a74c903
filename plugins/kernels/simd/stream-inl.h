// Bytes written past the caches, by the widest vectors.
#if defined(TFLOWER_KERNELS_SIMD_STREAM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_STREAM_INL_H_
#undef TFLOWER_KERNELS_SIMD_STREAM_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_STREAM_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "common/copy.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Only whole lines of `to` go past the caches. hwy::FlushStream after the last call makes them visible to other threads.
inline void StreamRun(const std::byte* from, std::byte* to, int64_t size) {
#if HWY_TARGET == HWY_SCALAR
  CopyRun(to, from, size);
#else
  constexpr int64_t kLine = 64;
  const hn::ScalableTag<uint8_t> bytes;
  const auto lanes = static_cast<int64_t>(hn::Lanes(bytes));
  int64_t i = std::min(size, static_cast<int64_t>(-reinterpret_cast<uintptr_t>(to) % kLine));
  if (i > 0) CopyRun(to, from, i);
  for (; i + kLine <= size; i += kLine) {
    for (int64_t k = i; k < i + kLine; k += lanes) hn::Stream(hn::LoadU(bytes, reinterpret_cast<const uint8_t*>(from + k)), bytes, reinterpret_cast<uint8_t*>(to + k));
  }
  if (i < size) CopyRun(to + i, from + i, size - i);
#endif
}

// stream: past the caches.
inline void WriteRun(const std::byte* from, std::byte* to, int64_t size, bool stream) { stream ? StreamRun(from, to, size) : CopyRun(to, from, size); }

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
