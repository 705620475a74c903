// Planes by the instructions that interleave vectors.
#include "common/planes.h"

#include "common/copy.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "common/planes.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// (Stream is hwy's store past the caches.)
#include <hwy/cache_control.h>

#ifndef TFLOWER_KERNELS_COMMON_PLANES_ONCE
#define TFLOWER_KERNELS_COMMON_PLANES_ONCE
namespace tflower::kernels {
constexpr int64_t kPlaneLine = 64;  // bytes of a cache line
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The smallest number of places, or n, after which kBytes each lead `to` to the start of a cache line.
template <int64_t kBytes>
int64_t ToLineStart(const void* to, int64_t n) {
  const auto address = reinterpret_cast<uintptr_t>(to);
  for (int64_t i = 0; i < std::min(n, kPlaneLine); ++i) {
    if ((address + static_cast<uintptr_t>(i * kBytes)) % kPlaneLine == 0) return i;
  }
  return n;
}

// Places [begin, end), as far as vectors of them go; returns where they stopped. kStream: results start cache lines.
template <int kN, bool kSplit, bool kStream, class T>
int64_t Interleave(const Planes p, int64_t begin, int64_t end) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d)), together = kStream ? kPlaneLine / static_cast<int64_t>(sizeof(T)) : lanes;
  const auto store = [d](hn::Vec<decltype(d)> v, T* at) HWY_ATTR { kStream ? hn::Stream(v, d, at) : hn::StoreU(v, d, at); };
  const auto plane = [&p](int k, int64_t i) { return reinterpret_cast<T*>(p.planes[k]) + i; };
  HWY_ALIGN T line[kN * hn::MaxLanes(d)];
  int64_t i = begin;
  for (const int64_t stop = begin + (end - begin) / together * together; i < stop; i += lanes) {
    T* const joined = reinterpret_cast<T*>(p.joined) + i * kN;
    hn::Vec<decltype(d)> a, b, c, e;
    if constexpr (kSplit) {
      if constexpr (kN == 2) hn::LoadInterleaved2(d, joined, a, b);
      else if constexpr (kN == 3) hn::LoadInterleaved3(d, joined, a, b, c);
      else hn::LoadInterleaved4(d, joined, a, b, c, e);
      store(a, plane(0, i)), store(b, plane(1, i));
      if constexpr (kN >= 3) store(c, plane(2, i));
      if constexpr (kN >= 4) store(e, plane(3, i));
    } else {
      T* const to = kStream ? line : joined;
      a = hn::LoadU(d, plane(0, i)), b = hn::LoadU(d, plane(1, i));
      if constexpr (kN >= 3) c = hn::LoadU(d, plane(2, i));
      if constexpr (kN >= 4) e = hn::LoadU(d, plane(3, i));
      if constexpr (kN == 2) hn::StoreInterleaved2(a, b, d, to);
      else if constexpr (kN == 3) hn::StoreInterleaved3(a, b, c, d, to);
      else hn::StoreInterleaved4(a, b, c, e, d, to);
      for (int64_t k = 0; kStream && k < kN; ++k) hn::Stream(hn::Load(d, line + k * lanes), d, joined + k * lanes);
    }
  }
  return i;
}

template <int kN, bool kSplit, class T>
void ElementPlaces(const Planes p, int64_t begin, int64_t end) {
  constexpr int64_t kSize = sizeof(T);
  for (int64_t i = begin; i < end; ++i) {
    for (int k = 0; k < kN; ++k) {
      std::byte* const joined = p.joined + (i * kN + k) * kSize;
      std::byte* const plane = p.planes[k] + i * kSize;
      std::memcpy(kSplit ? plane : joined, kSplit ? joined : plane, sizeof(T));
    }
  }
}

template <int kN, bool kSplit, class T>
void AllPlaces(const Planes p) {
  constexpr int64_t kSize = sizeof(T);
  int64_t i = 0;
  if constexpr (sizeof(T) <= 8) {
    uintptr_t addresses = reinterpret_cast<uintptr_t>(p.joined), apart = 0;
    for (int k = 0; k < kN; ++k) {
      addresses |= reinterpret_cast<uintptr_t>(p.planes[k]);
      apart |= reinterpret_cast<uintptr_t>(p.planes[k]) ^ reinterpret_cast<uintptr_t>(p.planes[0]);
    }
    if (addresses % kSize == 0) {
      if (p.stream && (!kSplit || apart % kPlaneLine == 0)) {
        const int64_t head = kSplit ? ToLineStart<kSize>(p.planes[0], p.size) : ToLineStart<kN * kSize>(p.joined, p.size);
        ElementPlaces<kN, kSplit, T>(p, 0, head < p.size ? head : 0);
        if (head < p.size) i = Interleave<kN, kSplit, true, T>(p, head, p.size);
      }
      i = Interleave<kN, kSplit, false, T>(p, i, p.size);
    }
  }
  ElementPlaces<kN, kSplit, T>(p, i, p.size);
}

template <bool kSplit, class T>
void ByPlanes(const Planes& p) {
  switch (p.count) {
    case 2: return AllPlaces<2, kSplit, T>(p);
    case 3: return AllPlaces<3, kSplit, T>(p);
    default: return AllPlaces<4, kSplit, T>(p);
  }
}

template <class F>
void ForElement(int64_t element_bytes, F&& f) {
  switch (element_bytes) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    case 8: return f(uint64_t{});
    default: return f(Bytes16{});
  }
}

void MovePlanes(const Planes& planes, bool split, int64_t element_bytes) {
  ForElement(element_bytes, [&]<class T>(T) { split ? ByPlanes<true, T>(planes) : ByPlanes<false, T>(planes); });
  if (planes.stream) hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
HWY_EXPORT(MovePlanes);
void SplitPlanes(const Planes& planes, int64_t element_bytes) { HWY_DYNAMIC_DISPATCH(MovePlanes)(planes, true, element_bytes); }
void JoinPlanes(const Planes& planes, int64_t element_bytes) { HWY_DYNAMIC_DISPATCH(MovePlanes)(planes, false, element_bytes); }
}  // namespace tflower::kernels
#endif
