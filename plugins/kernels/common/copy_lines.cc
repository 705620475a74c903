// Lines of elements copied one by one, by vectors where strides are known; compiled once per SIMD target. (Lines are values here: bytes written could change what a
// reference refers to.)
#include "common/copy_lines.h"

#include <algorithm>
#include <cstring>

#include "common/copy.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "common/copy_lines.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// So many elements bring `to` to the start of a cache line; all n, if it never gets there.
template <class T>
int64_t ToLineStart(const T* to, int64_t n) { return std::min(n, static_cast<int64_t>(-reinterpret_cast<uintptr_t>(to) % 64 / sizeof(T))); }

// The elements [0, n) that vectors take, of a line whose source elements lie kStep elements apart; there are at least as many behind the last one as vectors read.
// kStream: `to` starts a cache line, and whole ones are written past the caches.
template <int kStep, bool kStream, class T>
int64_t ByVectors([[maybe_unused]] const T* from, [[maybe_unused]] int64_t n, [[maybe_unused]] T* to) {
  int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) <= 8 && (kStep != -1 || sizeof(T) >= 2)) {
    const hn::ScalableTag<T> d;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d)), together = kStream ? static_cast<int64_t>(64 / sizeof(T)) : lanes;
    const auto store = [d](hn::Vec<decltype(d)> v, T* at) HWY_ATTR { kStream ? hn::Stream(v, d, at) : hn::StoreU(v, d, at); };
    for (const int64_t whole = (n - 1) / together * together; i < whole; i += lanes) {
      if constexpr (kStep == -1) {  // from the end of `to`: memory is read fastest forwards
        const int64_t at = whole - lanes - i;
        store(hn::Reverse(d, hn::LoadU(d, from - at - lanes + 1)), to + at);
      } else {
        hn::Vec<decltype(d)> v, rest[3];
        if constexpr (kStep == 2) hn::LoadInterleaved2(d, from + 2 * i, v, rest[0]);
        if constexpr (kStep == 3) hn::LoadInterleaved3(d, from + 3 * i, v, rest[0], rest[1]);
        if constexpr (kStep == 4) hn::LoadInterleaved4(d, from + 4 * i, v, rest[0], rest[1], rest[2]);
        store(v, to + i);
      }
    }
  }
#endif
  return i;
}

// Source elements kStep elements apart, results side by side. Addresses are those of whole elements.
template <int kStep, class T>
void Gather(const ElementLines l) {
  for (int64_t line = 0; line < l.lines; ++line) {
    T* const to = reinterpret_cast<T*>(l.dst + line * l.dst_line);
    const T* const from = reinterpret_cast<const T*>(l.src + line * l.src_line);
    int64_t i = 0;
    if (l.stream) {
      for (const int64_t head = ToLineStart(to, l.size - 1); i < head; ++i) to[i] = from[i * kStep];
      i += ByVectors<kStep, true>(from + i * kStep, l.size - i, to + i);
    }
    i += ByVectors<kStep, false>(from + i * kStep, l.size - i, to + i);
    for (; i < l.size; ++i) to[i] = from[i * kStep];
  }
}

template <class T>
void FillLines(const ElementLines l) {
  constexpr int64_t kSize = sizeof(T);
  for (int64_t line = 0; line < l.lines; ++line) {
    std::byte* const to = l.dst + line * l.dst_line;
    T value;
    std::memcpy(&value, l.src + line * l.src_line, sizeof(T));
    for (int64_t i = 0; i < l.size; ++i) std::memcpy(to + i * kSize, &value, sizeof(T));
  }
}

// Lines of kN elements one behind the other, each turned around.
template <int kN, class T>
void Reverse(const ElementLines l) {
  constexpr int64_t kSize = sizeof(T), kLine = kN * kSize;
  for (int64_t line = 0; line < l.lines; ++line) {
    T v[kN];
    for (int i = 0; i < kN; ++i) std::memcpy(&v[i], l.src + line * kLine - i * kSize, sizeof(T));
    std::memcpy(l.dst + line * kLine, v, sizeof(v));
  }
}

template <class T>
void AnyStrides(const ElementLines l) {
  for (int64_t line = 0; line < l.lines; ++line) {
    std::byte* const to = l.dst + line * l.dst_line;
    const std::byte* const from = l.src + line * l.src_line;
    for (int64_t i = 0; i < l.size; ++i) std::memcpy(to + i * l.dst_stride, from + i * l.src_stride, sizeof(T));
  }
}

template <class T>
void Run(const ElementLines l) {
  constexpr int64_t kSize = sizeof(T);
  const bool whole = ((reinterpret_cast<uintptr_t>(l.src) | reinterpret_cast<uintptr_t>(l.dst) | static_cast<uintptr_t>(l.src_line) | static_cast<uintptr_t>(l.dst_line)) % kSize) == 0;
  if (l.src_stride == 0 && l.dst_stride == kSize) return FillLines<T>(l);
  if (l.dst_stride != kSize || l.src_stride % kSize != 0 || !whole) return AnyStrides<T>(l);
  const int64_t line = l.size * kSize;
  const bool joined = l.dst_line == line && l.src_line == line;
  switch (l.src_stride / kSize) {
    case -1:
      if (joined && l.size == 2) return Reverse<2, T>(l);
      if (joined && l.size == 3) return Reverse<3, T>(l);
      if (joined && l.size == 4) return Reverse<4, T>(l);
      return Gather<-1, T>(l);
    case 2: return Gather<2, T>(l);
    case 3: return Gather<3, T>(l);
    case 4: return Gather<4, T>(l);
    default: return AnyStrides<T>(l);
  }
}

void Copy(const ElementLines& l, int64_t element_bytes) {
  switch (element_bytes) {
    case 1: return Run<uint8_t>(l);
    case 2: return Run<uint16_t>(l);
    case 4: return Run<uint32_t>(l);
    case 8: return Run<uint64_t>(l);
    default: return Run<Bytes16>(l);
  }
}

void CopyAndFlush(const ElementLines& l, int64_t element_bytes) {
  Copy(l, element_bytes);
  if (l.stream) hwy::FlushStream();
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(CopyAndFlush);
}  // namespace

void CopyElementLines(const ElementLines& lines, int64_t element_bytes) { HWY_DYNAMIC_DISPATCH(CopyAndFlush)(lines, element_bytes); }

}  // namespace tflower::kernels
#endif
