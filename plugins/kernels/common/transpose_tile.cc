// 2-D transposition in three levels, each for one limit of memory.
//
// Register tile: N rows of N elements (16 bytes) are interleaved log2(N) times, which is the perfect shuffle of the tile.
// Strip: one cache line of source elements wide and kStripCols long, gathered in a buffer: a source line is read once and whole, and
// destination rows are written as whole lines, past the caches when the result is large.
// Panel: kPanelBytes of source row (a page) times kStripCols, so that pages stay in the TLB while they are used.
// Page walks and waiting for lines that are only written cost most of the time of a large transposition: without panels and
// streaming it runs at a tenth of the speed.
#include "common/transpose_tile.h"

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

struct Bytes16 {
  uint64_t low, high;
};
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
Transposition Part(const Transposition& t, int64_t row, int64_t rows, int64_t col, int64_t cols) {
  constexpr int64_t kSize = sizeof(T);
  return {
      t.src + col * t.src_stride + row * kSize, t.src_stride, t.dst + row * t.dst_stride + col * kSize, t.dst_stride, rows, cols, t.stream};
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

// At most a line of rows and kStripCols columns.
template <class T>
void Strip(const Transposition& t) {
  constexpr int64_t kSize = sizeof(T), kPitch = kStripCols * kSize + kLineBytes;  // not a power of two: rows use different cache sets
  alignas(kLineBytes) std::byte buffer[kLineBytes / kSize * kPitch];
  ByTile<T>({t.src, t.src_stride, buffer, kPitch, t.rows, t.cols, false});
  for (int64_t r = 0; r < t.rows; ++r) WriteRow(buffer + r * kPitch, t.dst + r * t.dst_stride, t.cols * kSize, t.stream);
}

template <class T>
void ByPanel(const Transposition& t) {
  constexpr int64_t kSize = sizeof(T), kLine = kLineBytes / kSize, kRows = kPanelBytes / kSize;
  if (t.rows < kTile<T> || t.cols < kTile<T>) return ByElement<T>(t);
  for (int64_t panel = 0; panel < t.rows; panel += kRows) {
    const int64_t panel_end = std::min(t.rows, panel + kRows);
    for (int64_t c = 0; c < t.cols; c += kStripCols) {
      for (int64_t r = panel; r < panel_end; r += kLine) {
        Strip<T>(Part<T>(t, r, std::min(kLine, panel_end - r), c, std::min(kStripCols, t.cols - c)));
      }
    }
  }
  if (t.stream) hwy::FlushStream();
}

void Transpose(const Transposition& t, int64_t element_bytes) {
  switch (element_bytes) {
    case 1: return ByPanel<uint8_t>(t);
    case 2: return ByPanel<uint16_t>(t);
    case 4: return ByPanel<uint32_t>(t);
    case 8: return ByPanel<uint64_t>(t);
    default: return ByPanel<Bytes16>(t);
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
