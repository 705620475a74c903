// 2-D transposition in three levels, each for one limit of memory.
//
// Register tile: vectors of N source rows, where N elements are a block of 16 bytes, are interleaved log2(N) times within blocks, which is the perfect shuffle: each block is
// one of a destination row then.
// Strip: one cache line of source elements wide, gathered in a buffer: a source line is read once and whole, and destination rows are written in
// runs of whole lines, past the caches when the result is large. Memory takes scattered lines at a tenth of the speed of runs of eight. Short destination rows that lie
// one behind the other are gathered and written as one.
// Block: a few strips side by side. Meanwhile the source lines of the next block are fetched, some of each of its rows: few single lines can be waited for at a time.
#include "common/transpose_tile.h"

#include "common/copy.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "common/transpose_tile.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/stream-inl.h"

#ifndef TFLOWER_KERNELS_COMMON_TRANSPOSE_TILE_ONCE
#define TFLOWER_KERNELS_COMMON_TRANSPOSE_TILE_ONCE
namespace tflower::kernels {
constexpr int64_t kLineBytes = 64;
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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

// Asks for the lines of the block that comes next, a few at a time, those of a source row one after the other.
class Ahead {
 public:
  Ahead(const Transposition& t, int64_t lines) : block_(t), lines_(t.ahead == nullptr ? 0 : t.groups * t.cols * lines), each_(lines), line_(t.ahead) {}
  void Fetch(int64_t count) {
    for (; count > 0 && lines_ > 0; --count, --lines_) {
      __builtin_prefetch(line_ + in_row_ * kLineBytes, 0, 2);
      if (++in_row_ < each_) continue;
      in_row_ = 0;
      line_ += block_.src_stride;
      if (++col_ < block_.cols) continue;
      col_ = 0;
      line_ += block_.group_stride - block_.cols * block_.src_stride;
    }
  }

 private:
  const Transposition& block_;
  int64_t lines_, each_, in_row_ = 0, col_ = 0;
  const std::byte* line_;
};

// Source rows of a block of 16 bytes.
template <class T>
constexpr int64_t kTile = HWY_TARGET == HWY_SCALAR ? 1 : 16 / static_cast<int64_t>(sizeof(T));

#if HWY_TARGET != HWY_SCALAR
// Block b of v goes to to + b * step.
template <class D>
HWY_INLINE void StoreBlocks(D d, hn::Vec<D> v, uint8_t* to, ptrdiff_t step) {
  if constexpr (hn::MaxLanes(D()) <= 16) {
    hn::StoreU(v, d, to);
  } else {
    const hn::Half<D> half;
    StoreBlocks(half, hn::LowerHalf(half, v), to, step);
    StoreBlocks(half, hn::UpperHalf(half, v), to + static_cast<ptrdiff_t>(hn::MaxLanes(half) / 16) * step, step);
  }
}

// As many rows as D's vectors have elements, of kTile columns.
template <class T, class D>
HWY_INLINE void RegisterTile(D bytes, const std::byte* src, ptrdiff_t src_stride, std::byte* dst, ptrdiff_t dst_stride) {
  constexpr int kN = static_cast<int>(kTile<T>);
  const hn::Repartition<T, D> d;
  hn::Vec<decltype(d)> a[kN], b[kN];
  for (int i = 0; i < kN; ++i) a[i] = hn::BitCast(d, hn::LoadU(bytes, reinterpret_cast<const uint8_t*>(src + i * src_stride)));
  for (int step = 1; step < kN; step *= 2) {
    for (int i = 0; i < kN / 2; ++i) {
      b[2 * i] = hn::InterleaveLower(d, a[i], a[i + kN / 2]);
      b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + kN / 2]);
    }
    for (int i = 0; i < kN; ++i) a[i] = b[i];
  }
  for (int i = 0; i < kN; ++i) StoreBlocks(bytes, hn::BitCast(bytes, a[i]), reinterpret_cast<uint8_t*>(dst + i * dst_stride), kN * dst_stride);
}

// At least as many rows as D's vectors have elements, and kTile columns: the last tiles overlap those in front of them.
template <class T, class D>
void ByTile(D bytes, const Transposition& t, Ahead& ahead) {
  constexpr int64_t kN = kTile<T>, kSize = sizeof(T), kRows = static_cast<int64_t>(hn::MaxLanes(D())) / kSize;
  for (int64_t col = 0; col < t.cols; col += kN) {
    const int64_t c = std::min(col, t.cols - kN);
    ahead.Fetch(kN);
    for (int64_t row = 0; row < t.rows; row += kRows) {
      const int64_t r = std::min(row, t.rows - kRows);
      RegisterTile<T>(bytes, t.src + c * t.src_stride + r * kSize, t.src_stride, t.dst + r * t.dst_stride + c * kSize, t.dst_stride);
    }
  }
}
#endif

template <class T>
void ByTile(const Transposition& t, Ahead& ahead) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kTile<T> > 1) {
    const hn::ScalableTag<uint8_t> whole;
    const hn::CappedTag<uint8_t, 32> half;
    const hn::CappedTag<uint8_t, 16> block;
    constexpr auto kRows = [](auto tag) { return static_cast<int64_t>(hn::MaxLanes(tag) / sizeof(T)); };
    if (t.cols >= kTile<T>) {
      if (t.rows >= kRows(whole)) return ByTile<T>(whole, t, ahead);
      if (t.rows >= kRows(half)) return ByTile<T>(half, t, ahead);
      if (t.rows >= kRows(block)) return ByTile<T>(block, t, ahead);
    }
  }
#endif
  ahead.Fetch(t.cols);
  ByElement<T>(t);
}

inline void WriteRow(const std::byte* from, std::byte* to, int64_t size, bool stream) { stream ? StreamRun(from, to, size) : CopyRun(to, from, size); }

// At most a line of rows, and kTransposedCols columns in all groups together.
template <class T>
class Strip {
 public:
  void Gather(const Transposition& t, Ahead& ahead) {
    at_ = t;
    bytes_ = t.groups * t.cols * kSize;
    pitch_ = t.dst_stride == bytes_ ? bytes_ : kPitch;
    for (int64_t g = 0; g < t.groups; ++g) ByTile<T>({t.src + g * t.group_stride, t.src_stride, buffer_ + g * t.cols * kSize, pitch_, t.rows, t.cols, false}, ahead);
  }
  void Write() const {
    const Transposition t = at_;
    if (pitch_ == t.dst_stride) return WriteRow(buffer_, t.dst, t.rows * bytes_, t.stream);
    for (int64_t r = 0; r < t.rows; ++r) WriteRow(buffer_ + r * pitch_, t.dst + r * t.dst_stride, bytes_, t.stream);
  }

 private:
  static constexpr int64_t kSize = sizeof(T), kPitch = kTransposedCols<sizeof(T)> * kSize + kLineBytes;  // not a power of two: rows use different cache sets
  Transposition at_;
  int64_t bytes_, pitch_;
  alignas(kLineBytes) std::byte buffer_[kLineBytes / kSize * kPitch];
};

// A strip is written when the next one has been gathered: loads that begin elsewhere than the stores before them would wait for those.
template <class T>
void Blocks(std::span<const Transposition> blocks) {
  constexpr int64_t kSize = sizeof(T), kLine = kLineBytes / kSize;
  Strip<T> strips[2];
  bool other = false, pending = false;
  for (const Transposition& t : blocks) {
    const int64_t count = (t.rows + kLine - 1) / kLine;
    Ahead ahead(t, count);
    for (int64_t i = 0; i < count; ++i) {
      Transposition strip = t;
      strip.src += i * kLineBytes;
      strip.dst += i * kLine * t.dst_stride;
      strip.rows = std::min(kLine, t.rows - i * kLine);
      strips[other].Gather(strip, ahead);
      other = !other;
      if (pending) strips[other].Write();
      pending = true;
    }
  }
  if (pending) strips[!other].Write();
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

void TransposeBlocks(std::span<const Transposition> blocks, int64_t element_bytes) {
  ForElement(element_bytes, [&]<class T>(T) { Blocks<T>(blocks); });
  if (!blocks.empty() && blocks[0].stream) hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
HWY_EXPORT(TransposeBlocks);
void TransposeBlocks(std::span<const Transposition> blocks, int64_t element_bytes) { HWY_DYNAMIC_DISPATCH(TransposeBlocks)(blocks, element_bytes); }
}  // namespace tflower::kernels
#endif
