// StridedCopy: simplify the dimensions, choose how to do the innermost ones, split the rest over threads.
#include "common/copy.h"

#include <algorithm>
#include <cstring>

#include "common/copy_lines.h"
#include "common/transpose_tile.h"

namespace tflower::kernels {
namespace {

using Dim = StridedCopy::Dim;

// Results of this size are not expected in a cache when they are read.
constexpr int64_t kStreamBytes = 1 << 20;

bool IsFastElement(int64_t bytes) { return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8 || bytes == 16; }

// Drops dimensions of size 1, joins neighbours that step evenly in both tensors, and makes contiguous runs one (larger) element.
StridedCopy Simplify(const StridedCopy& copy) {
  StridedCopy out{.element_bytes = copy.element_bytes};
  for (int i = 0; i < copy.rank; ++i) {
    const Dim d = copy.dims[i];
    if (d.size == 1) continue;
    Dim* last = out.rank > 0 ? &out.dims[out.rank - 1] : nullptr;
    if (last != nullptr && last->dst_stride == d.size * d.dst_stride && last->src_stride == d.size * d.src_stride) {
      *last = {last->size * d.size, d.dst_stride, d.src_stride};
    } else {
      out.dims[out.rank++] = d;
    }
  }
  while (out.rank > 0) {
    const Dim inner = out.dims[out.rank - 1];
    if (inner.dst_stride != out.element_bytes || inner.src_stride != out.element_bytes) break;
    out.element_bytes *= inner.size;
    --out.rank;
  }
  return out;
}

// Visits the cartesian product of `dims` x [0, cut_size) in pieces of at most `piece` of the latter, on parallel's threads:
// body(dst_offset, src_offset, cut_begin, cut_end) where the offsets are those of the dims only.
template <class Body>
void ForPieces(std::span<const Dim> dims, int64_t cut_size, int64_t piece, int64_t bytes_per_cut, const Parallel& parallel,
               const Body& body) {
  const int64_t pieces = (cut_size + piece - 1) / piece;
  int64_t outer = 1;
  for (const Dim& d : dims) outer *= d.size;
  const int64_t bytes_per_unit = std::max<int64_t>(1, bytes_per_cut * std::min(piece, cut_size));
  const int64_t grain = std::max<int64_t>(1, (kParallelBytes + bytes_per_unit - 1) / bytes_per_unit);
  const int rank = static_cast<int>(dims.size());
  parallel.For(outer * pieces, grain, [&](int64_t begin, int64_t end) {
    int64_t index[StridedCopy::kMaxDims];
    int64_t dst = 0, src = 0, rest = begin / pieces, p = begin % pieces;
    for (int i = rank - 1; i >= 0; --i) {
      const Dim& d = dims[static_cast<size_t>(i)];
      index[i] = rest % d.size;
      rest /= d.size;
      dst += index[i] * d.dst_stride;
      src += index[i] * d.src_stride;
    }
    for (int64_t unit = begin; unit < end; ++unit) {
      body(dst, src, p * piece, std::min(cut_size, (p + 1) * piece));
      if (++p < pieces) continue;
      p = 0;
      for (int i = rank - 1; i >= 0; --i) {
        const Dim& d = dims[static_cast<size_t>(i)];
        dst += d.dst_stride;
        src += d.src_stride;
        if (++index[i] < d.size) break;
        dst -= d.size * d.dst_stride;
        src -= d.size * d.src_stride;
        index[i] = 0;
      }
    }
  });
}

// Runs are copied one behind the other along the last dimension, unless they are long.
void CopyRuns(const StridedCopy& copy, const std::byte* src, std::byte* dst, const Parallel& parallel) {
  const std::span<const Dim> dims(copy.dims, static_cast<size_t>(copy.rank));
  const int64_t run = copy.element_bytes;
  if (dims.empty() || run > kParallelBytes) {
    ForPieces(dims, run, 2 * kParallelBytes, 1, parallel, [&](int64_t d, int64_t s, int64_t begin, int64_t end) { CopyRun(dst + d + begin, src + s + begin, end - begin); });
    return;
  }
  const Dim last = dims.back();
  ForPieces(dims.first(dims.size() - 1), last.size, std::max<int64_t>(1, 2 * kParallelBytes / run), run, parallel, [&](int64_t d, int64_t s, int64_t begin, int64_t end) {
    kernels::CopyRuns(dst + d + begin * last.dst_stride, last.dst_stride, src + s + begin * last.src_stride, last.src_stride, run, end - begin);
  });
}

// Outer dimensions of `copy` without the last one and those given (-1: none).
int OuterDims(const StridedCopy& copy, int skip, int other, Dim* out) {
  int n = 0;
  for (int i = 0; i + 1 < copy.rank; ++i) {
    if (i != skip && i != other) out[n++] = copy.dims[i];
  }
  return n;
}

// Which dimension runs along source elements while the last one runs along destination elements: a transposition; -1 = none.
int TransposedDim(const StridedCopy& copy) {
  if (copy.dims[copy.rank - 1].dst_stride != copy.element_bytes) return -1;
  for (int i = 0; i + 1 < copy.rank; ++i) {
    if (copy.dims[i].src_stride == copy.element_bytes) return i;
  }
  return -1;
}

// Which dimension's elements continue the last one's in the destination, when those runs alone are too short to be written well; -1 = none.
int GroupDim(const StridedCopy& copy, int rows_dim) {
  constexpr int64_t kShortRun = 512;
  const int64_t run = copy.dims[copy.rank - 1].size * copy.element_bytes;
  for (int i = 0; i + 1 < copy.rank && run < kShortRun; ++i) {
    if (i != rows_dim && copy.dims[i].dst_stride == run) return i;
  }
  return -1;
}

int64_t BytesOf(const StridedCopy& copy) {
  int64_t bytes = copy.element_bytes;
  for (int i = 0; i < copy.rank; ++i) bytes *= copy.dims[i].size;
  return bytes;
}

// Both sides of a large transposition are cut along the longer one, into pieces that leave whole cache lines and few threads idle; along the rows
// when the columns come in groups.
void CopyTransposed(const StridedCopy& copy, int rows_dim, const std::byte* src, std::byte* dst, const Parallel& parallel) {
  const int group_dim = GroupDim(copy, rows_dim);
  const Dim rows = copy.dims[rows_dim], cols = copy.dims[copy.rank - 1], groups = group_dim < 0 ? Dim{1, 0, 0} : copy.dims[group_dim];
  Dim outer[StridedCopy::kMaxDims];
  const int n = OuterDims(copy, rows_dim, group_dim, outer);
  const bool by_rows = group_dim >= 0 || rows.size >= cols.size;
  const Dim cut = by_rows ? rows : cols;
  const int64_t line = std::max<int64_t>(1, 64 / copy.element_bytes), page = 4096 / copy.element_bytes;
  const int64_t share = cut.size / (4 * parallel.threads()) / line * line;
  const int64_t piece = parallel.threads() == 1 ? cut.size : std::clamp(share, line, page);
  const bool stream = BytesOf(copy) >= kStreamBytes;
  const int64_t bytes_per_cut = (by_rows ? cols.size * groups.size : rows.size) * copy.element_bytes;
  ForPieces({outer, static_cast<size_t>(n)}, cut.size, piece, bytes_per_cut, parallel, [&](int64_t d, int64_t s, int64_t begin, int64_t end) {
    Transpose2D({.src = src + s + begin * cut.src_stride,
                 .src_stride = cols.src_stride,
                 .dst = dst + d + begin * cut.dst_stride,
                 .dst_stride = rows.dst_stride,
                 .rows = by_rows ? end - begin : rows.size,
                 .cols = by_rows ? cols.size : end - begin,
                 .stream = stream,
                 .groups = groups.size,
                 .group_stride = groups.src_stride},
                copy.element_bytes);
  });
}

// Short lines are done in one go along the dimension around them.
void CopyLines(const StridedCopy& copy, const std::byte* src, std::byte* dst, const Parallel& parallel) {
  constexpr int64_t kShortLine = 64;
  const Dim inner = copy.dims[copy.rank - 1];
  const bool is_short = copy.rank >= 2 && inner.size < kShortLine;
  const Dim cut = is_short ? copy.dims[copy.rank - 2] : inner;
  const std::span<const Dim> outer(copy.dims, static_cast<size_t>(copy.rank - (is_short ? 2 : 1)));
  const int64_t bytes_per_cut = copy.element_bytes * (is_short ? inner.size : 1);
  ForPieces(outer, cut.size, std::max<int64_t>(1, kParallelBytes / bytes_per_cut), bytes_per_cut, parallel, [&](int64_t d, int64_t s, int64_t begin, int64_t end) {
    ElementLines lines{.dst = dst + d + begin * cut.dst_stride,
                       .src = src + s + begin * cut.src_stride,
                       .lines = end - begin,
                       .dst_line = cut.dst_stride,
                       .src_line = cut.src_stride,
                       .size = inner.size,
                       .dst_stride = inner.dst_stride,
                       .src_stride = inner.src_stride};
    if (!is_short) lines.size = end - begin, lines.lines = 1;
    CopyElementLines(lines, copy.element_bytes);
  });
}

}  // namespace

void StridedCopy::Run(const void* src, void* dst, const Parallel& parallel) const {
  for (int i = 0; i < rank; ++i) {
    if (dims[i].size == 0) return;
  }
  const auto* from = static_cast<const std::byte*>(src);
  auto* to = static_cast<std::byte*>(dst);
  const StridedCopy copy = Simplify(*this);
  if (copy.rank == 0 || !IsFastElement(copy.element_bytes)) return CopyRuns(copy, from, to, parallel);
  if (const int rows = TransposedDim(copy); rows >= 0) return CopyTransposed(copy, rows, from, to, parallel);
  CopyLines(copy, from, to, parallel);
}

void CopyBytes(const void* src, void* dst, int64_t bytes, const Parallel& parallel) {
  if (src == dst || bytes <= 0) return;
  parallel.For(bytes, kParallelBytes, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<std::byte*>(dst) + begin, static_cast<const std::byte*>(src) + begin, static_cast<size_t>(end - begin));
  });
}

namespace {
template <class T>
void FillFew(const void* element, void* dst, int64_t count) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  auto* const p = static_cast<std::byte*>(dst);
  for (int64_t i = 0; i < count; ++i) std::memcpy(p + i * static_cast<int64_t>(sizeof(T)), &value, sizeof(T));
}
}  // namespace

void FillElements(const void* element, int64_t element_bytes, void* dst, int64_t count) {
  constexpr int64_t kFew = 64;  // margins of images: choosing the widest vectors takes longer than writing them
  if (count > kFew) {
    return CopyElementLines({.dst = static_cast<std::byte*>(dst), .src = static_cast<const std::byte*>(element), .lines = 1, .dst_line = 0, .src_line = 0, .size = count, .dst_stride = element_bytes, .src_stride = 0},
                            element_bytes);
  }
  switch (element_bytes) {
    case 1: return FillFew<uint8_t>(element, dst, count);
    case 2: return FillFew<uint16_t>(element, dst, count);
    case 4: return FillFew<uint32_t>(element, dst, count);
    case 8: return FillFew<uint64_t>(element, dst, count);
    default: return FillFew<Bytes16>(element, dst, count);
  }
}

void Fill(const void* element, int64_t element_bytes, void* dst, int64_t count, const Parallel& parallel) {
  parallel.For(count, kParallelBytes / element_bytes, [&](int64_t begin, int64_t end) {
    FillElements(element, element_bytes, static_cast<std::byte*>(dst) + begin * element_bytes, end - begin);
  });
}

}  // namespace tflower::kernels
