// 2-D transposition in three levels, each for one limit of memory.
//
// Register tile: vectors of N source rows, where N elements are a block of 16 bytes, are interleaved log2(N) times within blocks, which is the perfect shuffle: each block is
// one of a destination row then.
// Strip: one cache line of source elements wide, gathered in a buffer: a source line is read once and whole, and destination rows are written in
// runs of whole lines, past the caches when the result is large. Memory takes scattered lines at a tenth of the speed of runs of eight. Short destination rows that lie
// one behind the other are gathered and written as one.
// Block: a few strips side by side. Meanwhile the source lines of the next block are fetched, some of each of its columns: few single lines can be waited for at a time.
#include "common/transpose_tile.h"

#include "common/copy.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

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

// Asks for the lines of the block that comes next, a few at a time, those of a column one after the other.
class Ahead {
 public:
  Ahead(const BlockForm& form, const TransposedBlock& t) : src_(t.ahead), cols_(form.cols), each_((t.rows * form.element_bytes + kLineBytes - 1) / kLineBytes), left_(t.ahead == nullptr ? 0 : t.cols * each_) {}
  HWY_INLINE void Fetch(int64_t count) {
    if (left_ > 0) Some(count);
  }

 private:
  HWY_NOINLINE void Some(int64_t count) {
    for (; count > 0 && left_ > 0; --count, --left_) {
      __builtin_prefetch(src_ + *cols_ + in_col_ * kLineBytes, 0, 2);
      if (++in_col_ < each_) continue;
      in_col_ = 0;
      ++cols_;
    }
  }

  const std::byte* src_;
  const int64_t* cols_;
  int64_t each_, left_, in_col_ = 0;
};

// Rows of a block to be gathered: element (r, c) at src + cols[c] + r * size goes to to + r * pitch + c * size.
struct Gathering {
  const std::byte* src;
  const int64_t* cols;
  int64_t row_count, col_count;
  std::byte* to;
  int64_t pitch;
  const std::byte* end;  // of what may be read
  int64_t col_stride;    // of all columns, or 0
};

// Elements of kSize bytes, or of `size` if that is 0.
template <int64_t kSize>
void ByElement(const Gathering g, int64_t size, Ahead& ahead) {
  if constexpr (kSize > 0) size = kSize;
  const int64_t lines = (g.row_count * size + kLineBytes - 1) / kLineBytes;
  for (int64_t c = 0; c < g.col_count; ++c) {
    ahead.Fetch(lines);
    const std::byte* const from = g.src + g.cols[c];
    for (int64_t r = 0; r < g.row_count; ++r) {
      if constexpr (kSize > 0) std::memcpy(g.to + r * g.pitch + c * size, from + r * size, kSize);
      else CopyRun(g.to + r * g.pitch + c * size, from + r * size, size);
    }
  }
}

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

// As many rows as D's vectors have elements, of kTile columns; from(i) is where column i begins.
template <class T, class D, class From>
HWY_INLINE void RegisterTile(D bytes, const From& from, std::byte* dst, ptrdiff_t dst_stride) {
  constexpr int kN = static_cast<int>(kTile<T>);
  const hn::Repartition<T, D> d;
  hn::Vec<decltype(d)> a[kN], b[kN];
  for (int i = 0; i < kN; ++i) a[i] = hn::BitCast(d, hn::LoadU(bytes, reinterpret_cast<const uint8_t*>(from(i))));
  for (int step = 1; step < kN; step *= 2) {
    for (int i = 0; i < kN / 2; ++i) {
      b[2 * i] = hn::InterleaveLower(d, a[i], a[i + kN / 2]);
      b[2 * i + 1] = hn::InterleaveUpper(d, a[i], a[i + kN / 2]);
    }
    for (int i = 0; i < kN; ++i) a[i] = b[i];
  }
  for (int i = 0; i < kN; ++i) StoreBlocks(bytes, hn::BitCast(bytes, a[i]), reinterpret_cast<uint8_t*>(dst + i * dst_stride), kN * dst_stride);
}

// The last tiles overlap those in front of them. Where there are fewer rows or columns than a tile of blocks has, it writes more than is asked for, behind its rows: in the
// buffer's end, or where rows that come later are written. kEven: columns lie evenly apart, and are not fewer.
template <class T, bool kEven, class D>
HWY_INLINE void ByTile(D bytes, const Gathering g, Ahead& ahead) {
  constexpr int64_t kN = kTile<T>, kSize = sizeof(T), kRows = static_cast<int64_t>(hn::MaxLanes(D())) / kSize;
  const int64_t last_row = std::max<int64_t>(0, g.row_count - kRows), last_col = std::max<int64_t>(0, g.col_count - kN);
  [[maybe_unused]] int64_t few[kN];
  [[maybe_unused]] const int64_t* cols = g.cols;
  if (!kEven && g.col_count < kN) {
    for (int64_t i = 0; i < kN; ++i) few[i] = cols[std::min(i, g.col_count - 1)];
    cols = few;
  }
  for (int64_t col = 0; col < g.col_count; col += kN) {
    const int64_t c = std::min(col, last_col);
    ahead.Fetch(kN);
    for (int64_t row = 0; row < g.row_count; row += kRows) {
      const int64_t r = std::min(row, last_row);
      std::byte* const to = g.to + r * g.pitch + c * kSize;
      if constexpr (kEven) {
        const std::byte* const from = g.src + r * kSize + c * g.col_stride;
        RegisterTile<T>(bytes, [from, stride = g.col_stride](int i) { return from + i * stride; }, to, g.pitch);
      } else {
        RegisterTile<T>(bytes, [from = g.src + r * kSize, at = cols + c](int i) { return from + at[i]; }, to, g.pitch);
      }
    }
  }
}

// Whether a block of 16 bytes may be read where each column begins.
inline bool HasBlocks(const Gathering& g) {
  int64_t last = g.cols[0];
  for (int64_t c = 1; c < g.col_count; ++c) last = std::max(last, g.cols[c]);
  return g.end - (g.src + last) >= 16;
}
#endif

template <class T>
HWY_INLINE void GatherElements(const Gathering g, int64_t size, Ahead& ahead) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kTile<T> > 1) {
    const hn::ScalableTag<uint8_t> whole;
    const hn::CappedTag<uint8_t, 32> half;
    const hn::CappedTag<uint8_t, 16> block;
    constexpr auto kRows = [](auto tag) { return static_cast<int64_t>(hn::MaxLanes(tag) / sizeof(T)); };
    if (g.col_count >= kTile<T> && g.row_count >= kRows(whole)) return g.col_stride != 0 ? ByTile<T, true>(whole, g, ahead) : ByTile<T, false>(whole, g, ahead);
    if (g.col_count >= kTile<T> && g.row_count >= kRows(half)) return ByTile<T, false>(half, g, ahead);
    if (g.row_count >= kRows(block) || HasBlocks(g)) return ByTile<T, false>(block, g, ahead);
  }
#endif
  ByElement<sizeof(T)>(g, size, ahead);
}

// At most a line of rows.
class Strip {
 public:
  template <class Gather>
  void Fill(const BlockForm& form, const TransposedBlock& t, int64_t first, int64_t count, int64_t padded, const Gather& gather, Ahead& ahead) {
    bytes_ = t.cols * form.element_bytes, count_ = count, rows_ = form.rows + first, dst_ = t.dst, stream_ = form.stream;
    pitch_ = first + count <= form.even_rows && form.rows[1] == bytes_ ? bytes_ : padded;
    gather({t.src + first * form.element_bytes, form.cols, count, t.cols, buffer_, pitch_, form.end, t.cols <= form.even_cols ? form.cols[1] : 0}, form.element_bytes, ahead);
  }
  void Write() const {
    if (pitch_ == bytes_) return WriteRun(buffer_, dst_ + rows_[0], count_ * bytes_, stream_);
    for (int64_t r = 0; r < count_; ++r) WriteRun(buffer_ + r * pitch_, dst_ + rows_[r], bytes_, stream_);
  }

 private:
  int64_t bytes_, count_, pitch_;
  const int64_t* rows_;
  std::byte* dst_;
  bool stream_;
  alignas(kLineBytes) std::byte buffer_[kLineBytes * (kTransposedCols + kLineBytes) + kLineBytes];
};

// A strip is written when the next one has been gathered: loads that begin elsewhere than the stores before them would wait for those.
template <class Gather>
void Blocks(const BlockForm& form, std::span<const TransposedBlock> blocks, const Gather& gather) {
  Strip strips[2];
  const int64_t line = std::max<int64_t>(1, kLineBytes / form.element_bytes), padded = MostTransposedCols(form.element_bytes) * form.element_bytes + kLineBytes;  // not a power of two: rows use different cache sets
  bool other = false, pending = false;
  for (const TransposedBlock& t : blocks) {
    Ahead ahead(form, t);
    for (int64_t first = 0; first < t.rows; first += line) {
      strips[other].Fill(form, t, first, std::min(line, t.rows - first), padded, gather, ahead);
      other = !other;
      if (pending) strips[other].Write();
      pending = true;
    }
  }
  if (pending) strips[!other].Write();
}

void TransposeBlocks(const BlockForm& form, std::span<const TransposedBlock> blocks) {
  const auto elements = [&]<class T>(T) { Blocks(form, blocks, [](const Gathering& g, int64_t size, Ahead& ahead) HWY_ATTR { GatherElements<T>(g, size, ahead); }); };
  const auto runs = [&]<int64_t kSize>(std::integral_constant<int64_t, kSize>) { Blocks(form, blocks, [](const Gathering& g, int64_t size, Ahead& ahead) HWY_ATTR { ByElement<kSize>(g, size, ahead); }); };
  switch (form.element_bytes) {
    case 1: elements(uint8_t{}); break;
    case 2: elements(uint16_t{}); break;
    case 4: elements(uint32_t{}); break;
    case 8: elements(uint64_t{}); break;
    case 16: runs(std::integral_constant<int64_t, 16>{}); break;
    case 32: runs(std::integral_constant<int64_t, 32>{}); break;
    case 64: runs(std::integral_constant<int64_t, 64>{}); break;
    case 128: runs(std::integral_constant<int64_t, 128>{}); break;
    default: runs(std::integral_constant<int64_t, 0>{});
  }
  if (form.stream) hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
HWY_EXPORT(TransposeBlocks);
void TransposeBlocks(const BlockForm& form, std::span<const TransposedBlock> blocks) { HWY_DYNAMIC_DISPATCH(TransposeBlocks)(form, blocks); }
}  // namespace tflower::kernels
#endif
