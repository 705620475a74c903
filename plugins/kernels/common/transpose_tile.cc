// 2-D transposition in three levels, each for one limit of memory.
//
// Register tile: vectors of N source rows, where N elements are a block of 16 bytes, are interleaved log2(N) times within blocks, which is the perfect shuffle: each block is
// one of a destination row then. A high tile has long pieces of a few source rows, a wide one short pieces of many: where source rows are short, and destination rows long.
// A square tile is four high ones side by side, whose blocks are exchanged before they are stored: whole vectors are loaded and stored.
// Strip: one cache line of source elements wide, gathered in a buffer: a source line is read once and whole, and destination rows are written in
// runs of whole lines, past the caches when the result is large: memory takes runs of four lines at twice the speed of scattered ones. Short destination rows that lie
// one behind the other are gathered and written as one.
// Block: a few strips side by side. While a strip is gathered, the one before it is written and the source lines of the next block are fetched, a little at a time: memory
// reads and writes at once then, and few single lines can be waited for at a time.
#include "common/transpose_tile.h"

#include "common/copy.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "common/transpose_tile.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/blocks-inl.h"
#include "simd/stream-inl.h"

#ifndef TFLOWER_KERNELS_COMMON_TRANSPOSE_TILE_ONCE
#define TFLOWER_KERNELS_COMMON_TRANSPOSE_TILE_ONCE
namespace tflower::kernels {
constexpr int64_t kLineBytes = 64, kMeanwhile = 16;
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline int64_t Lines(int64_t bytes) { return (bytes + kLineBytes - 1) / kLineBytes; }

// Of all columns of a block, or 0.
inline int64_t ColStride(const BlockForm& form, const TransposedBlock& t) { return t.cols <= form.even_cols ? form.cols[1] : 0; }

// Asks for the lines of the block that comes next, a few at a time, those of a column one after the other.
class Ahead {
 public:
  Ahead(const BlockForm& form, const TransposedBlock& t) : src_(t.ahead), col_(form.cols), end_(form.cols + t.cols), each_(Lines(t.rows * form.element_bytes)) {
    if (src_ == nullptr) return;
    const int64_t apart = ColStride(form, t);
    if (apart > 0 && apart <= each_ * kLineBytes) each_ = Lines(t.cols * apart), end_ = col_ + 1;  // there is nothing else between them
    NextColumn();
  }
  HWY_NOINLINE void Fetch(int64_t count) {
    while (count > 0 && left_ > 0) {
      const int64_t n = std::min(count, left_);
      for (int64_t i = 0; i < n; ++i) __builtin_prefetch(line_ + i * kLineBytes, 0, 2);
      line_ += n * kLineBytes, left_ -= n, count -= n;
      if (left_ == 0 && ++col_ < end_) NextColumn();
    }
  }

 private:
  void NextColumn() { line_ = src_ + *col_, left_ = each_; }

  const std::byte *src_, *line_ = nullptr;
  const int64_t *col_, *end_;
  int64_t each_, left_ = 0;  // lines of a column, and of this one
};

// Some rows of a block, which are gathered in a buffer and written from there.
class Strip {
 public:
  // Columns of a strip: those of the block, or in large blocks as many as two buffers in the nearest cache have room for, if such runs begin with lines.
  static int64_t Cols(const BlockForm& form, const TransposedBlock& t) {
    const bool whole_lines = (reinterpret_cast<uintptr_t>(t.dst) | static_cast<uintptr_t>(form.rows[1])) % kLineBytes == 0;
    return whole_lines && !Joined(form, t) ? std::min(t.cols, kStripCols) : t.cols;
  }

  // From row `first` of the block on, of `cols` columns from `first_col` on; how many rows.
  int64_t Begin(const BlockForm& form, const TransposedBlock& t, int64_t first, int64_t first_col, int64_t cols) {
    const int64_t size = form.element_bytes, line = std::max<int64_t>(1, kLineBytes / size);
    run_ = cols * size;
    joined_ = Joined(form, t);
    pitch_ = joined_ ? run_ : (Lines(run_) | 1) * kLineBytes;  // an odd number of lines: rows use different cache sets
    const int64_t most = joined_ ? std::min(std::max<int64_t>(1, kJoinedBytes / (line * run_)) * line, form.even_rows - first % form.even_rows) : line, count = std::min(most, t.rows - first);
    from_ = buffer_, row_ = form.rows + first, end_ = row_ + count, dst_ = t.dst + first_col * size, left_ = count * run_, due_ = 0, stream_ = form.stream;
    if (joined_) dst_ += *row_;
    if (stream_ && !joined_) FetchEnds();
    return count;
  }
  std::byte* buffer() { return buffer_; }
  int64_t pitch() const { return pitch_; }

  // About so many bytes more.
  HWY_NOINLINE void Write(int64_t bytes) {
    due_ += bytes;
    if (due_ < kBurst) return;
    joined_ ? WriteJoined() : WriteRows();
  }
  void WriteRest() { Write(INT32_MAX); }

 private:
  static constexpr int64_t kJoinedBytes = 4096, kStripCols = 256;
  static constexpr int64_t kBurst = 1024;  // less at a time costs more in calls than it wins

  static bool Joined(const BlockForm& form, const TransposedBlock& t) { return form.rows[1] == t.cols * form.element_bytes; }

  // Lines of which others have parts are not written past the caches: they must be there in time.
  void FetchEnds() const {
    for (const int64_t* row = row_; row < end_; ++row) {
      std::byte* const to = dst_ + *row;
      if (reinterpret_cast<uintptr_t>(to) % kLineBytes != 0) __builtin_prefetch(to, 0, 2);
      if (reinterpret_cast<uintptr_t>(to + run_) % kLineBytes != 0) __builtin_prefetch(to + run_, 0, 2);
    }
  }
  void WriteRows() {
    const std::byte* from = from_;  // what is written may be any of the members, for all that the compiler knows
    std::byte* const dst = dst_;
    const int64_t* row = row_;
    const int64_t *const end = end_, run = run_, pitch = pitch_;
    int64_t due = due_;
    for (const bool stream = stream_; due > 0 && row < end; ++row, from += pitch, due -= run) WriteRun(from, dst + *row, run, stream);
    from_ = from, row_ = row, due_ = due;
  }
  // Rows that lie one behind the other are one run, whose pieces end with a line.
  void WriteJoined() {
    std::byte* const to = dst_ + (from_ - buffer_);
    const int64_t whole = due_ - static_cast<int64_t>((reinterpret_cast<uintptr_t>(to) + static_cast<uintptr_t>(due_)) % kLineBytes), size = std::min(left_, whole);
    WriteRun(from_, to, size, stream_);
    from_ += size, left_ -= size, due_ -= size;
  }

  bool joined_ = false, stream_ = false;
  int64_t run_ = 0, pitch_ = 0;
  int64_t left_ = 0, due_ = 0;  // bytes: of joined rows, and how many should have been written by now
  const std::byte* from_ = nullptr;
  const int64_t *row_ = nullptr, *end_ = nullptr;
  std::byte* dst_ = nullptr;
  alignas(kLineBytes) std::byte buffer_[kLineBytes * (kTransposedCols + kLineBytes) + kLineBytes];
};

// What goes on while lines of a strip are gathered, kMeanwhile at a time: as many lines of the next block are asked for, and as many of the strip before it written. Memory takes
// both at its own speed; all at once they would be waited for. (Loads from a buffer that begin elsewhere than stores just before them would wait for those.)
class Meanwhile {
 public:
  Meanwhile(Ahead& ahead, Strip& before) : ahead_(ahead), before_(before) {}
  HWY_INLINE void Do(int64_t lines) {
    ahead_.Fetch(lines);
    before_.Write(lines * kLineBytes);
  }

 private:
  Ahead& ahead_;
  Strip& before_;
};

// A part of a block to be gathered: element (r, c) at src + cols[c] + r * size goes to to + r * pitch + c * size.
struct Gathering {
  const std::byte* src;
  const int64_t* cols;
  int64_t row_count, col_count;
  std::byte* to;
  int64_t pitch;
  const std::byte* end;  // of what may be read
  int64_t col_stride;    // of all columns, or 0
};

// One element of kSize bytes, or of `size` if that is 0: pieces that overlap, as many for each element.
template <int64_t kSize>
HWY_INLINE void CopyElement(std::byte* to, const std::byte* from, int64_t size) {
  constexpr int64_t kPiece = sizeof(Bytes16);
  if constexpr (kSize > 0) {
    std::memcpy(to, from, kSize);
  } else if (size < kPiece) {
    CopyRun(to, from, size);
  } else {
    for (int64_t i = 0; i < size - kPiece; i += kPiece) std::memcpy(to + i, from + i, kPiece);
    std::memcpy(to + size - kPiece, from + size - kPiece, kPiece);
  }
}

template <int64_t kSize>
void ByElement(const Gathering g, int64_t size, Meanwhile& meanwhile) {
  const int64_t lines = Lines(g.row_count * size), at_once = std::max<int64_t>(1, kMeanwhile / lines);
  for (int64_t done = 0; done < g.col_count;) {
    const int64_t until = std::min(g.col_count, done + at_once);
    meanwhile.Do((until - done) * lines);
    for (; done < until; ++done) {
      const std::byte* const from = g.src + g.cols[done];
      for (int64_t r = 0; r < g.row_count; ++r) CopyElement<kSize>(g.to + r * g.pitch + done * size, from + r * size, size);
    }
  }
}

// Source rows of a block of 16 bytes.
template <class T>
constexpr int64_t kTile = HWY_TARGET == HWY_SCALAR ? 1 : 16 / static_cast<int64_t>(sizeof(T));

#if HWY_TARGET != HWY_SCALAR
// Of vectors of four blocks: block b of vector i becomes block i of vector b.
template <class D>
HWY_INLINE void ExchangeBlocks(D d, hn::Vec<D> (&v)[4]) {
  const auto even = hn::ConcatLowerLower(d, v[2], v[0]), even_upper = hn::ConcatUpperUpper(d, v[2], v[0]);
  const auto odd = hn::ConcatLowerLower(d, v[3], v[1]), odd_upper = hn::ConcatUpperUpper(d, v[3], v[1]);
  v[0] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(odd), even);
  v[1] = hn::OddEvenBlocks(odd, hn::SwapAdjacentBlocks(even));
  v[2] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(odd_upper), even_upper);
  v[3] = hn::OddEvenBlocks(odd_upper, hn::SwapAdjacentBlocks(even_upper));
}

enum class Tile { kHigh, kWide };  // many destination rows, or long pieces of them

// High: as many rows as D's vectors have elements, of kTile columns. Wide: kTile rows, of as many columns as D's vectors have elements. from(i) is where column i begins.
template <class T, Tile kShape, class D, class From>
HWY_INLINE void RegisterTile(D bytes, const From& from, std::byte* dst, ptrdiff_t dst_stride) {
  constexpr int kN = static_cast<int>(kTile<T>);
  const hn::Repartition<T, D> d;
  hn::Vec<decltype(d)> a[kN];
#pragma GCC unroll 16
  for (int i = 0; i < kN; ++i) {
    if constexpr (kShape == Tile::kHigh) a[i] = hn::BitCast(d, hn::LoadU(bytes, reinterpret_cast<const uint8_t*>(from(i))));
    else a[i] = hn::BitCast(d, LoadBlocks(bytes, from, i, kN));
  }
  InterleaveAll(d, a);
#pragma GCC unroll 16
  for (int i = 0; i < kN; ++i) {
    if constexpr (kShape == Tile::kHigh) StoreBlocks(bytes, hn::BitCast(bytes, a[i]), reinterpret_cast<uint8_t*>(dst + i * dst_stride), kN * dst_stride);
    else hn::StoreU(hn::BitCast(bytes, a[i]), bytes, reinterpret_cast<uint8_t*>(dst + i * dst_stride));
  }
}

// As many rows and columns as D's vectors have elements; those have four blocks. before() is called each time before kTile columns are loaded.
template <class T, class D, class From, class Before>
HWY_INLINE void SquareTile(D bytes, const From& from, std::byte* dst, ptrdiff_t dst_stride, const Before& before) {
  constexpr int kN = static_cast<int>(kTile<T>), kBlocks = 4;
  const hn::Repartition<T, D> d;
  HWY_ALIGN uint8_t interleaved[kBlocks][kN][kBlocks * 16];
  for (int part = 0; part < kBlocks; ++part) {
    before();
    hn::Vec<decltype(d)> a[kN];
#pragma GCC unroll 16
    for (int i = 0; i < kN; ++i) a[i] = hn::BitCast(d, hn::LoadU(bytes, reinterpret_cast<const uint8_t*>(from(part * kN + i))));
    InterleaveAll(d, a);
#pragma GCC unroll 16
    for (int i = 0; i < kN; ++i) hn::Store(hn::BitCast(bytes, a[i]), bytes, interleaved[part][i]);
  }
#pragma GCC unroll 16
  for (int i = 0; i < kN; ++i) {
    hn::Vec<D> v[kBlocks];
    for (int part = 0; part < kBlocks; ++part) v[part] = hn::Load(bytes, interleaved[part][i]);
    ExchangeBlocks(bytes, v);
    for (int b = 0; b < kBlocks; ++b) hn::StoreU(v[b], bytes, reinterpret_cast<uint8_t*>(dst + (i + b * kN) * dst_stride));
  }
}

// Where column c + i of cols begins, from `row` on.
template <bool kEven>
HWY_INLINE auto ColumnsFrom(const Gathering& g, const std::byte* row, const int64_t* cols, int64_t c) {
  if constexpr (kEven) return [from = row + cols[0] + c * g.col_stride, stride = g.col_stride](int i) { return from + i * stride; };
  else return [row, at = cols + c](int i) { return row + at[i]; };
}

// The last tiles overlap those in front of them. Where there are fewer rows or columns than a tile of blocks has, it writes more than is asked for, behind its rows: in the
// buffer's end, or where rows that come later are written. kEven: columns lie evenly apart, and are not fewer.
template <class T, Tile kShape, bool kEven, class D>
HWY_INLINE void ByTile(D bytes, const Gathering g, Meanwhile& meanwhile) {
  constexpr int64_t kN = kTile<T>, kSize = sizeof(T), kLanes = static_cast<int64_t>(hn::MaxLanes(D())) / kSize;
  constexpr int64_t kRows = kShape == Tile::kHigh ? kLanes : kN, kCols = kShape == Tile::kHigh ? kN : kLanes, kAtOnce = std::max(kMeanwhile, kCols);
  const int64_t last_row = std::max<int64_t>(0, g.row_count - kRows), last_col = std::max<int64_t>(0, g.col_count - kCols);
  const int64_t lines = Lines(g.row_count * kSize);
  [[maybe_unused]] int64_t few[kCols];
  const int64_t* cols = g.cols;
  if (!kEven && g.col_count < kCols) {
    for (int64_t i = 0; i < kCols; ++i) few[i] = cols[std::min(i, g.col_count - 1)];
    cols = few;
  }
  for (int64_t done = 0; done < g.col_count;) {
    const int64_t until = std::min(g.col_count, done + kAtOnce);
    meanwhile.Do((until - done) * lines);
    for (; done < until; done += kCols) {
      const int64_t c = std::min(done, last_col);
      for (int64_t row = 0; row < g.row_count; row += kRows) {
        const int64_t r = std::min(row, last_row);
        RegisterTile<T, kShape>(bytes, ColumnsFrom<kEven>(g, g.src + r * kSize, cols, c), g.to + r * g.pitch + c * kSize, g.pitch);
      }
    }
    done = until;
  }
}

// Whole square tiles, and high ones of the columns left.
template <class T, bool kEven, class D>
void BySquare(D bytes, const Gathering g, Meanwhile& meanwhile) {
  constexpr int64_t kN = kTile<T>, kSize = sizeof(T), kSide = static_cast<int64_t>(hn::MaxLanes(D())) / kSize;
  const int64_t lines = Lines(g.row_count * kSize);
  int64_t c = 0;
  for (; c + kSide <= g.col_count; c += kSide) {
    for (int64_t row = 0; row < g.row_count; row += kSide) {
      const int64_t r = std::min(row, g.row_count - kSide);
      SquareTile<T>(bytes, ColumnsFrom<kEven>(g, g.src + r * kSize, g.cols, c), g.to + r * g.pitch + c * kSize, g.pitch, [&] { if (row == 0) meanwhile.Do(kN * lines); });
    }
  }
  if (c == g.col_count) return;
  c = std::min(c, g.col_count - kN);
  ByTile<T, Tile::kHigh, kEven>(bytes, {g.src, g.cols + c, g.row_count, g.col_count - c, g.to + c * kSize, g.pitch, g.end, g.col_stride}, meanwhile);
}

// Whether a block of 16 bytes may be read where each column begins.
inline bool HasBlocks(const Gathering& g) {
  int64_t last = g.cols[0];
  for (int64_t c = 1; c < g.col_count; ++c) last = std::max(last, g.cols[c]);
  return g.end - (g.src + last) >= 16;
}
#endif

template <class T>
HWY_INLINE void GatherElements(const Gathering g, int64_t size, Meanwhile& meanwhile) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kTile<T> > 1) {
    const hn::ScalableTag<uint8_t> whole;
    const hn::CappedTag<uint8_t, 32> half;
    const hn::CappedTag<uint8_t, 16> block;
    constexpr auto kLanes = [](auto tag) { return static_cast<int64_t>(hn::MaxLanes(tag) / sizeof(T)); };
    const bool blocks = g.row_count >= kLanes(block) || HasBlocks(g);
    const bool even = g.col_stride != 0, whole_rows = g.row_count >= kLanes(whole);
    if constexpr (sizeof(T) <= 2) {  // of larger elements, such tiles take more loads and stores than they save shuffles
      if constexpr (hn::MaxLanes(whole) == 64) {  // with 16 registers of two blocks they are slower
        if (whole_rows && g.col_count >= kLanes(whole)) return even ? BySquare<T, true>(whole, g, meanwhile) : BySquare<T, false>(whole, g, meanwhile);
      }
      if (!whole_rows && blocks && g.col_count >= kLanes(whole)) return even ? ByTile<T, Tile::kWide, true>(whole, g, meanwhile) : ByTile<T, Tile::kWide, false>(whole, g, meanwhile);
    }
    if (whole_rows && g.col_count >= kTile<T>) return even ? ByTile<T, Tile::kHigh, true>(whole, g, meanwhile) : ByTile<T, Tile::kHigh, false>(whole, g, meanwhile);
    if (g.col_count >= kTile<T> && g.row_count >= kLanes(half)) return ByTile<T, Tile::kHigh, false>(half, g, meanwhile);
    if (blocks) return ByTile<T, Tile::kHigh, false>(block, g, meanwhile);
  }
#endif
  ByElement<sizeof(T)>(g, size, meanwhile);
}

template <class Gather>
void Blocks(const BlockForm& form, std::span<const TransposedBlock> blocks, const Gather& gather) {
  Strip strips[2];
  bool other = false;
  for (const TransposedBlock& t : blocks) {
    Ahead ahead(form, t);
    const int64_t most_cols = Strip::Cols(form, t);
    for (int64_t first = 0, first_col = 0; first < t.rows; other = !other) {
      Strip &strip = strips[other], &before = strips[!other];
      Meanwhile meanwhile(ahead, before);
      const int64_t cols = std::min(most_cols, t.cols - first_col), count = strip.Begin(form, t, first, first_col, cols);
      gather({t.src + first * form.element_bytes, form.cols + first_col, count, cols, strip.buffer(), strip.pitch(), form.end, ColStride(form, t)}, form.element_bytes, meanwhile);
      before.WriteRest();
      first_col += cols;
      if (first_col == t.cols) first_col = 0, first += count;
    }
  }
  strips[!other].WriteRest();
}

void TransposeBlocks(const BlockForm& form, std::span<const TransposedBlock> blocks) {
  const auto elements = [&]<class T>(T) { Blocks(form, blocks, [](const Gathering& g, int64_t size, Meanwhile& meanwhile) HWY_ATTR { GatherElements<T>(g, size, meanwhile); }); };
  const auto runs = [&]<int64_t kSize>(std::integral_constant<int64_t, kSize>) { Blocks(form, blocks, [](const Gathering& g, int64_t size, Meanwhile& meanwhile) HWY_ATTR { ByElement<kSize>(g, size, meanwhile); }); };
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
