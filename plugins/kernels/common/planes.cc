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

#include "simd/blocks-inl.h"
#include "simd/stream-inl.h"

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

#if HWY_TARGET != HWY_SCALAR
// vectors[i]'s block b goes to to + b * block_step + i * step, in the order of addresses: each may write over what is behind the one before.
template <class D, size_t kCount>
HWY_INLINE void StoreInOrder(D d, const hn::Vec<D> (&vectors)[kCount], uint8_t* to, int64_t step, int64_t block_step) {
  if constexpr (hn::MaxLanes(D()) <= 16) {
    for (size_t i = 0; i < kCount; ++i) hn::StoreU(vectors[i], d, to + static_cast<int64_t>(i) * step);
  } else {
    const hn::Half<D> half;
    hn::Vec<decltype(half)> halves[kCount];
    for (size_t i = 0; i < kCount; ++i) halves[i] = hn::LowerHalf(half, vectors[i]);
    StoreInOrder(half, halves, to, step, block_step);
    for (size_t i = 0; i < kCount; ++i) halves[i] = hn::UpperHalf(half, vectors[i]);
    StoreInOrder(half, halves, to + static_cast<int64_t>(hn::MaxLanes(half) / 16) * block_step, step, block_step);
  }
}

// Five to eight bytes a place: two places have room in a block, where their bytes k side by side are element k of eight; vector i has pairs i, i + 8, ... of places.
template <int kN, bool kSplit, bool kStream>
int64_t InterleaveBytes(const Planes p, int64_t begin, int64_t end) {
  constexpr int kPairs = 8;
  constexpr int64_t kPair = 2 * kN, kBlock = kPairs * kPair;
  const hn::ScalableTag<uint8_t> d;
  const hn::Repartition<uint16_t, decltype(d)> pairs;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d)), together = kStream ? kPlaneLine : lanes;
  alignas(16) uint8_t order[16];
  for (int k = 0; k < kPairs; ++k) {
    if (kSplit) order[2 * k] = static_cast<uint8_t>(k), order[2 * k + 1] = static_cast<uint8_t>(k + kN);
    else if (k < kN) order[k] = static_cast<uint8_t>(2 * k), order[k + kN] = static_cast<uint8_t>(2 * k + 1);
  }
  if (!kSplit) std::fill(order + kPair, order + 16, uint8_t{0});
  const auto shuffle = hn::LoadDup128(d, order);
  const auto plane = [&p](int k, int64_t i) { return reinterpret_cast<uint8_t*>(p.planes[k]) + i; };
  HWY_ALIGN uint8_t line[kBlock * hn::MaxLanes(d) / 16 + 16];
  int64_t i = begin;
  const int64_t room = end + (kSplit ? std::min<int64_t>(p.behind, 2) : 0) - 2;  // blocks of two places reach into the one behind them, or two
  for (const int64_t stop = begin + std::min(end - begin, std::max<int64_t>(0, room - begin)) / together * together; i < stop; i += lanes) {
    uint8_t* const joined = reinterpret_cast<uint8_t*>(p.joined) + i * kN;
    hn::Vec<decltype(pairs)> v[kPairs];
    if constexpr (kSplit) {
      for (int k = 0; k < kPairs; ++k) {
        // Where the blocks of vector k are: k + 8 b, as LoadBlocks counts.
        v[k] = hn::BitCast(pairs, hn::TableLookupBytes(LoadBlocks(d, [joined](int pair) { return joined + pair * kPair; }, k, kPairs), shuffle));
      }
      InterleaveAll(pairs, v);
      for (int k = 0; k < kN; ++k) kStream ? hn::Stream(hn::BitCast(d, v[k]), d, plane(k, i)) : hn::StoreU(hn::BitCast(d, v[k]), d, plane(k, i));
    } else {
      for (int k = 0; k < kPairs; ++k) v[k] = hn::BitCast(pairs, hn::LoadU(d, plane(std::min(k, kN - 1), i)));
      InterleaveAll(pairs, v);
      hn::Vec<decltype(d)> out[kPairs];
      for (int k = 0; k < kPairs; ++k) out[k] = hn::TableLookupBytes(hn::BitCast(d, v[k]), shuffle);
      StoreInOrder(d, out, kStream ? line : joined, kPair, kBlock);
      for (int64_t k = 0; kStream && k < kN; ++k) hn::Stream(hn::Load(d, line + k * lanes), d, joined + k * lanes);
    }
  }
  return i;
}
#endif

template <int kN, bool kSplit, bool kStream, class T>
int64_t InterleaveFew(const Planes p, int64_t begin, int64_t end) {
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

// Places [begin, end), as far as vectors of them go; returns where they stopped. kStream: results start cache lines.
template <int kN, bool kSplit, bool kStream, class T>
int64_t Interleave(const Planes& p, int64_t begin, int64_t end) {
  if constexpr (kN <= 4) return InterleaveFew<kN, kSplit, kStream, T>(p, begin, end);
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kN > 4) return InterleaveBytes<kN, kSplit, kStream>(p, begin, end);
#endif
  return begin;
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
void AllPlaces(const Planes p);

// Past the caches to planes that begin anywhere in a line: parts are gathered as they lie in lines, and each is written while the next one is gathered. What a part has of
// the line behind it goes into the next part's buffer. (Few planes are written faster through the caches.)
template <int kN, class T>
void SplitByParts(const Planes& p) {
  constexpr int64_t kSize = sizeof(T), kBytes = 512, kPlaces = kBytes / kSize, kPitch = kBytes + kPlaneLine;
  alignas(kPlaneLine) std::byte gathered[2][kN * kPitch];
  int64_t in_line[kN];
  for (int k = 0; k < kN; ++k) in_line[k] = static_cast<int64_t>(reinterpret_cast<uintptr_t>(p.planes[k]) % kPlaneLine);
  const int64_t parts = (p.size + kPlaces - 1) / kPlaces;
  const auto write = [&](int64_t i) {
    for (int k = 0; k < kN; ++k) {
      const int64_t begin = i == 0 ? in_line[k] : 0, end = i + 1 < parts ? kBytes : in_line[k] + (p.size - i * kPlaces) * kSize;
      StreamRun(gathered[i % 2] + k * kPitch + begin, p.planes[k] - in_line[k] + i * kBytes + begin, end - begin);
    }
  };
  for (int64_t i = 0; i < parts; ++i) {
    Planes part{.joined = p.joined + i * kPlaces * kN * kSize, .count = kN, .size = std::min(kPlaces, p.size - i * kPlaces)};
    part.behind = p.size - i * kPlaces - part.size;
    for (int k = 0; k < kN; ++k) {
      std::byte* const to = gathered[i % 2] + k * kPitch;
      if (i > 0) std::memcpy(to, gathered[(i + 1) % 2] + k * kPitch + kBytes, kPlaneLine);
      part.planes[k] = to + in_line[k];
    }
    AllPlaces<kN, true, T>(part);
    if (i > 0) write(i - 1);
  }
  if (parts > 0) write(parts - 1);
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
      const bool lines = !kSplit || apart % kPlaneLine == 0;
      if constexpr (kSplit && kN > 4) {
        if (p.stream && !lines) return SplitByParts<kN, T>(p);
      }
      if (p.stream && lines) {
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
    case 4: return AllPlaces<4, kSplit, T>(p);
  }
  if constexpr (sizeof(T) == 1) {
    switch (p.count) {
      case 5: return AllPlaces<5, kSplit, T>(p);
      case 6: return AllPlaces<6, kSplit, T>(p);
      case 7: return AllPlaces<7, kSplit, T>(p);
      default: return AllPlaces<8, kSplit, T>(p);
    }
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
