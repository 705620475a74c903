// 2-D transposition in three levels, each for one limit of memory.
//
// Register tile: N rows of N elements (16 bytes) are interleaved log2(N) times, which is the perfect shuffle of the tile.
// Strip: one cache line of source elements wide and kStripCols long, gathered in a buffer: a source line is read once and whole, and
// destination rows are written as whole lines, past the caches when the result is large. Short destination rows that lie one behind the other
// are gathered and written as one.
// Panel: kPanelBytes of source row (a page) times kStripCols, so that pages stay in the TLB while they are used.
// Page walks and waiting for lines that are only written cost most of the time of a large transposition: without panels and
// streaming it runs at a tenth of the speed.
// Two, three or four rows or columns (the channels of images) have instructions of their own.
#include "common/transpose_tile.h"

#include "common/copy.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "common/transpose_tile.cc"
#include <hwy/foreach_target.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#ifndef TFLOWER_KERNELS_COMMON_TRANSPOSE_TILE_ONCE
#define TFLOWER_KERNELS_COMMON_TRANSPOSE_TILE_ONCE
namespace tflower::kernels {
constexpr int64_t kLineBytes = 64;
constexpr int64_t kPanelBytes = 4096;
constexpr int64_t kStripCols = 256;
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Rows and columns of the one group of t.
template <class T>
Transposition Part(const Transposition& t, int64_t row, int64_t rows, int64_t col, int64_t cols) {
  constexpr int64_t kSize = sizeof(T);
  return {
      t.src + col * t.src_stride + row * kSize, t.src_stride, t.dst + row * t.dst_stride + col * kSize, t.dst_stride, rows, cols, t.stream};
}

template <class T>
Transposition Group(const Transposition& t, int64_t group) {
  return {t.src + group * t.group_stride, t.src_stride, t.dst + group * t.cols * static_cast<int64_t>(sizeof(T)), t.dst_stride, t.rows, t.cols, t.stream};
}

template <class T>
void ByElement(const Transposition& t) {
  constexpr int64_t kSize = sizeof(T);
  if (t.rows < t.cols) {  // walk the source forwards and write few streams
    for (int64_t c = 0; c < t.cols; ++c) {
      for (int64_t r = 0; r < t.rows; ++r)
        std::memcpy(t.dst + r * t.dst_stride + c * kSize, t.src + c * t.src_stride + r * kSize, sizeof(T));
    }
    return;
  }
  for (int64_t r = 0; r < t.rows; ++r) {
    for (int64_t c = 0; c < t.cols; ++c) std::memcpy(t.dst + r * t.dst_stride + c * kSize, t.src + c * t.src_stride + r * kSize, sizeof(T));
  }
}

template <class T>
constexpr int64_t kTile = HWY_TARGET == HWY_SCALAR ? 1 : 16 / static_cast<int64_t>(sizeof(T));

using ByteTag = hn::CappedTag<uint8_t, 16>;

// kTile x kTile elements.
template <class T>
HWY_INLINE void RegisterTile(const std::byte* src, [[maybe_unused]] ptrdiff_t src_stride, std::byte* dst,
                             [[maybe_unused]] ptrdiff_t dst_stride) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kTile<T> > 1) {
    constexpr int kN = static_cast<int>(kTile<T>);
    const ByteTag bytes;
    const hn::FixedTag<T, kN> d;
    hn::Vec<decltype(d)> a[kN], b[kN];
    for (int i = 0; i < kN; ++i) a[i] = hn::BitCast(d, hn::LoadU(bytes, reinterpret_cast<const uint8_t*>(src + i * src_stride)));
    for (int step = 1; step < kN; step *= 2) {
      for (int i = 0; i < kN / 2; ++i) {
        b[2 * i] = hn::InterleaveLower(d, a[i], a[i + kN / 2]);
        b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + kN / 2]);
      }
      for (int i = 0; i < kN; ++i) a[i] = b[i];
    }
    for (int i = 0; i < kN; ++i) hn::StoreU(hn::BitCast(bytes, a[i]), bytes, reinterpret_cast<uint8_t*>(dst + i * dst_stride));
    return;
  }
#endif
  std::memcpy(dst, src, sizeof(T));
}

template <class T>
void ByTile(const Transposition& t) {
  constexpr int64_t kN = kTile<T>, kSize = sizeof(T);
  const int64_t rows = t.rows / kN * kN, cols = t.cols / kN * kN;
  for (int64_t c = 0; c < cols; c += kN) {
    for (int64_t r = 0; r < rows; r += kN) {
      RegisterTile<T>(t.src + c * t.src_stride + r * kSize, t.src_stride, t.dst + r * t.dst_stride + c * kSize, t.dst_stride);
    }
  }
  if (cols < t.cols) ByElement<T>(Part<T>(t, 0, t.rows, cols, t.cols - cols));
  if (rows < t.rows) ByElement<T>(Part<T>(t, rows, t.rows - rows, 0, cols));
}

// from, size and lines as they come; only whole lines of `to` go past the caches.
inline void WriteRow(const std::byte* from, std::byte* to, int64_t size, [[maybe_unused]] bool stream) {
#if HWY_TARGET != HWY_SCALAR
  if (stream) {
    const ByteTag bytes;
    const int64_t head = std::min(size, static_cast<int64_t>(-reinterpret_cast<uintptr_t>(to) % kLineBytes));
    std::memcpy(to, from, static_cast<size_t>(head));
    int64_t i = head;
    for (; i + kLineBytes <= size; i += kLineBytes) {
      for (int64_t k = i; k < i + kLineBytes; k += 16) {
        hn::Stream(hn::LoadU(bytes, reinterpret_cast<const uint8_t*>(from + k)), bytes, reinterpret_cast<uint8_t*>(to + k));
      }
    }
    std::memcpy(to + i, from + i, static_cast<size_t>(size - i));
    return;
  }
#endif
  std::memcpy(to, from, static_cast<size_t>(size));
}

// At most a line of rows, and kStripCols columns in all groups together.
template <class T>
void Strip(const Transposition& t) {
  constexpr int64_t kSize = sizeof(T), kPitch = kStripCols * kSize + kLineBytes;  // not a power of two: rows use different cache sets
  alignas(kLineBytes) std::byte buffer[kLineBytes / kSize * kPitch];
  const int64_t bytes = t.groups * t.cols * kSize;
  const bool joined = t.dst_stride == bytes;
  const int64_t pitch = joined ? bytes : kPitch;
  for (int64_t g = 0; g < t.groups; ++g) {
    ByTile<T>({t.src + g * t.group_stride, t.src_stride, buffer + g * t.cols * kSize, pitch, t.rows, t.cols, false});
  }
  if (joined) return WriteRow(buffer, t.dst, t.rows * bytes, t.stream);
  for (int64_t r = 0; r < t.rows; ++r) WriteRow(buffer + r * kPitch, t.dst + r * t.dst_stride, bytes, t.stream);
}

// Asks for the source lines beside those of a strip, which the next strip reads: lines that lie a stride apart are not what processors expect.
template <class T>
void PrefetchBeside(const Transposition& t) {
  for (int64_t g = 0; g < t.groups; ++g) {
    const std::byte* line = t.src + g * t.group_stride + kLineBytes;
    for (int64_t c = 0; c < t.cols; ++c, line += t.src_stride) hwy::Prefetch(line);
  }
}

// Rows [begin, end) of one panel: strips of whole groups, or of parts of long ones.
template <class T>
void Panel(const Transposition& t, int64_t begin, int64_t end) {
  constexpr int64_t kSize = sizeof(T), kLine = kLineBytes / kSize;
  const int64_t together = std::max<int64_t>(1, kStripCols / t.cols);
  for (int64_t g = 0; g < t.groups; g += together) {
    const Transposition group = Group<T>(t, g);
    for (int64_t c = 0; c < t.cols; c += kStripCols) {
      for (int64_t r = begin; r < end; r += kLine) {
        Transposition strip = Part<T>(group, r, std::min(kLine, end - r), c, std::min(kStripCols, t.cols - c));
        strip.groups = std::min(together, t.groups - g);
        strip.group_stride = t.group_stride;
        if (r + kLine < end) PrefetchBeside<T>(strip);
        Strip<T>(strip);
      }
    }
  }
}

template <class T>
void ByPanel(const Transposition& t) {
  constexpr int64_t kRows = kPanelBytes / static_cast<int64_t>(sizeof(T));
  for (int64_t panel = 0; panel < t.rows; panel += kRows) Panel<T>(t, panel, std::min(t.rows, panel + kRows));
  if (t.stream) hwy::FlushStream();
}

// kN source streams become kN elements side by side (cols == kN), or the other way round (rows == kN): planes and channels of images.
template <int kN, bool kToPlanes, class T>
void Interleave(const Transposition& t) {
  constexpr int64_t kSize = sizeof(T);
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), n = kToPlanes ? t.cols : t.rows;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto* const from = reinterpret_cast<const T*>(t.src + i * kSize * (kToPlanes ? kN : 1));
    auto* const to = reinterpret_cast<T*>(t.dst + i * kSize * (kToPlanes ? 1 : kN));
    const auto source = [&](int k) { return reinterpret_cast<const T*>(t.src + k * t.src_stride + i * kSize); };
    const auto target = [&](int k) { return reinterpret_cast<T*>(t.dst + k * t.dst_stride + i * kSize); };
    hn::Vec<decltype(d)> a, b, c, e;
    if constexpr (kToPlanes) {
      if constexpr (kN == 2) hn::LoadInterleaved2(d, from, a, b);
      else if constexpr (kN == 3) hn::LoadInterleaved3(d, from, a, b, c);
      else hn::LoadInterleaved4(d, from, a, b, c, e);
      hn::StoreU(a, d, target(0)), hn::StoreU(b, d, target(1));
      if constexpr (kN >= 3) hn::StoreU(c, d, target(2));
      if constexpr (kN >= 4) hn::StoreU(e, d, target(3));
    } else {
      a = hn::LoadU(d, source(0)), b = hn::LoadU(d, source(1));
      if constexpr (kN >= 3) c = hn::LoadU(d, source(2));
      if constexpr (kN >= 4) e = hn::LoadU(d, source(3));
      if constexpr (kN == 2) hn::StoreInterleaved2(a, b, d, to);
      else if constexpr (kN == 3) hn::StoreInterleaved3(a, b, c, d, to);
      else hn::StoreInterleaved4(a, b, c, e, d, to);
    }
  }
  ByElement<T>(kToPlanes ? Part<T>(t, 0, kN, i, n - i) : Part<T>(t, i, n - i, 0, kN));
}

// True when it was one of those few rows or columns.
template <class T>
bool ByInterleaving(const Transposition& t) {
  constexpr int64_t kSize = sizeof(T);
  if (reinterpret_cast<uintptr_t>(t.src) % kSize != 0 || reinterpret_cast<uintptr_t>(t.dst) % kSize != 0) return false;
  if (t.src_stride == t.rows * kSize) {
    switch (t.rows) {
      case 2: return Interleave<2, true, T>(t), true;
      case 3: return Interleave<3, true, T>(t), true;
      case 4: return Interleave<4, true, T>(t), true;
      default: break;
    }
  }
  if (t.dst_stride == t.cols * kSize) {
    switch (t.cols) {
      case 2: return Interleave<2, false, T>(t), true;
      case 3: return Interleave<3, false, T>(t), true;
      case 4: return Interleave<4, false, T>(t), true;
      default: break;
    }
  }
  return false;
}

template <class T>
void Choose(const Transposition& t) {
  if (t.rows >= kTile<T> && t.cols >= kTile<T> && std::min(t.rows, t.cols) > 4) return ByPanel<T>(t);
  for (int64_t g = 0; g < t.groups; ++g) {
    const Transposition group = Group<T>(t, g);
    if constexpr (sizeof(T) <= 8) {
      if (ByInterleaving<T>(group)) continue;
    }
    if (t.rows < kTile<T> || t.cols < kTile<T>) ByElement<T>(group);
    else ByPanel<T>(group);
  }
}

void Transpose(const Transposition& t, int64_t element_bytes) {
  switch (element_bytes) {
    case 1: return Choose<uint8_t>(t);
    case 2: return Choose<uint16_t>(t);
    case 4: return Choose<uint32_t>(t);
    case 8: return Choose<uint64_t>(t);
    default: return Choose<Bytes16>(t);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
HWY_EXPORT(Transpose);
void Transpose2D(const Transposition& t, int64_t element_bytes) { HWY_DYNAMIC_DISPATCH(Transpose)(t, element_bytes); }
}  // namespace tflower::kernels
#endif
