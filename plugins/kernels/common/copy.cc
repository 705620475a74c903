// StridedCopy: simplify the dimensions, choose how to do the innermost ones, split the rest over threads.
#include "common/copy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <utility>

#include "common/copy_lines.h"
#include "common/planes.h"
#include "common/transpose_tile.h"

namespace tflower::kernels {
namespace {

using Dim = StridedCopy::Dim;

bool IsFastElement(int64_t bytes) { return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8 || bytes == 16; }

// Drops dimensions of size 1, joins neighbours that step evenly in both tensors, and makes contiguous runs one (larger) element.
StridedCopy Simplify(const StridedCopy& copy) {
  StridedCopy out{.element_bytes = copy.element_bytes, .stream_bytes = copy.stream_bytes};
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

constexpr int kMaxWalk = StridedCopy::kMaxDims + 2;

// A place in the cartesian product of some dims, outermost first, and its offsets.
class Walk {
 public:
  Walk(std::span<const Dim> dims, int64_t at) : dims_(dims) {
    for (size_t i = dims.size(); i-- > 0;) {
      index_[i] = at % dims[i].size;
      at /= dims[i].size;
      dst += index_[i] * dims[i].dst_stride;
      src += index_[i] * dims[i].src_stride;
    }
  }
  void Next() {
    for (size_t i = dims_.size(); i-- > 0;) {
      const Dim& d = dims_[i];
      dst += d.dst_stride;
      src += d.src_stride;
      if (++index_[i] < d.size) return;
      dst -= d.size * d.dst_stride;
      src -= d.size * d.src_stride;
      index_[i] = 0;
    }
  }
  // At the end of dimension i.
  bool IsLast(int i) const { return index_[i] == dims_[static_cast<size_t>(i)].size - 1; }

  int64_t dst = 0, src = 0;

 private:
  std::span<const Dim> dims_;
  int64_t index_[kMaxWalk];
};

int64_t Count(std::span<const Dim> dims) {
  int64_t count = 1;
  for (const Dim& d : dims) count *= d.size;
  return count;
}

int64_t BytesOf(const StridedCopy& copy) { return copy.element_bytes * Count({copy.dims, static_cast<size_t>(copy.rank)}); }

int64_t Grain(int64_t bytes_per_unit) { return std::max<int64_t>(1, kParallelBytes / std::max<int64_t>(1, bytes_per_unit)); }

// Visits the cartesian product of `dims` x [0, cut_size) in pieces of at most `piece` of the latter, on parallel's threads:
// body(dst_offset, src_offset, cut_begin, cut_end) where the offsets are those of the dims only.
template <class Body>
void ForPieces(std::span<const Dim> dims, int64_t cut_size, int64_t piece, int64_t bytes_per_cut, const Parallel& parallel,
               const Body& body) {
  const int64_t pieces = (cut_size + piece - 1) / piece;
  parallel.For(Count(dims) * pieces, Grain(bytes_per_cut * std::min(piece, cut_size)), [&](int64_t begin, int64_t end) {
    Walk at(dims, begin / pieces);
    int64_t p = begin % pieces;
    for (int64_t unit = begin; unit < end; ++unit) {
      body(at.dst, at.src, p * piece, std::min(cut_size, (p + 1) * piece));
      if (++p < pieces) continue;
      p = 0;
      at.Next();
    }
  });
}

// A stable sort of few values, without the buffer that the library's has.
template <class T, class Before>
void InOrder(T* values, int count, const Before& before) {
  for (int i = 1; i < count; ++i) {
    for (int k = i; k > 0 && before(values[k], values[k - 1]); --k) std::swap(values[k], values[k - 1]);
  }
}

// Dimensions that go backwards through the source are walked from their other end: memory is read fastest forwards.
void ReadForwards(StridedCopy& copy, const std::byte*& src, std::byte*& dst) {
  for (int i = 0; i < copy.rank; ++i) {
    Dim& d = copy.dims[i];
    if (d.src_stride >= 0) continue;
    src += (d.size - 1) * d.src_stride;
    dst += (d.size - 1) * d.dst_stride;
    d = {d.size, -d.dst_stride, -d.src_stride};
  }
}

// Runs are copied one behind the other along the last two dimensions, unless they are long. Those that are written past the caches come in the order of the source.
void CopyRuns(StridedCopy copy, const std::byte* src, std::byte* dst, const Parallel& parallel) {
  const int64_t run = copy.element_bytes;
  ReadForwards(copy, src, dst);
  const bool stream = run >= kStreamedRun && BytesOf(copy) >= copy.stream_bytes;
  if (stream) InOrder(copy.dims, copy.rank, [](const Dim& a, const Dim& b) { return a.src_stride > b.src_stride; });
  const auto copy_piece = [](const RunBlock& block) {
    kernels::CopyRuns(block);
    if (block.stream) FinishStreams();
  };
  std::span<const Dim> dims(copy.dims, static_cast<size_t>(copy.rank));
  if (dims.empty() || run > kParallelBytes) {
    ForPieces(dims, run, 2 * kParallelBytes, 1, parallel, [&](int64_t d, int64_t s, int64_t begin, int64_t end) {
      copy_piece({dst + d + begin, src + s + begin, end - begin, {1, 0, 0}, {1, 0, 0}, stream});
    });
    return;
  }
  const Dim runs = dims.back();
  dims = dims.first(dims.size() - 1);
  const int64_t line = runs.size * run;
  if (dims.empty() || line > kParallelBytes) {
    ForPieces(dims, runs.size, std::max<int64_t>(1, 2 * kParallelBytes / run), run, parallel, [&](int64_t d, int64_t s, int64_t begin, int64_t end) {
      copy_piece({dst + d + begin * runs.dst_stride, src + s + begin * runs.src_stride, run, {1, 0, 0}, {end - begin, runs.dst_stride, runs.src_stride}, stream});
    });
    return;
  }
  const Dim lines = dims.back();
  dims = dims.first(dims.size() - 1);
  ForPieces(dims, lines.size, std::max<int64_t>(1, 2 * kParallelBytes / line), line, parallel, [&](int64_t d, int64_t s, int64_t begin, int64_t end) {
    copy_piece({dst + d + begin * lines.dst_stride, src + s + begin * lines.src_stride, run, {end - begin, lines.dst_stride, lines.src_stride}, runs, stream});
  });
}

// Which dimension runs along source elements while the last one runs along destination elements: a transposition; -1 = none.
int TransposedDim(const StridedCopy& copy) {
  if (copy.dims[copy.rank - 1].dst_stride != copy.element_bytes) return -1;
  for (int i = 0; i + 1 < copy.rank; ++i) {
    if (copy.dims[i].src_stride == copy.element_bytes) return i;
  }
  return -1;
}

// Channels of images: two, three or four elements side by side in one tensor, and each in a plane of its own in the other.
bool CopyPlanes(const StridedCopy& copy, int rows_dim, const std::byte* src, std::byte* dst, const Parallel& parallel) {
  const Dim rows = copy.dims[rows_dim], cols = copy.dims[copy.rank - 1];
  const bool split = rows.size <= kMaxPlanes && cols.src_stride == rows.size * copy.element_bytes;
  if (!split && (cols.size > kMaxPlanes || rows.dst_stride != cols.size * copy.element_bytes)) return false;
  const Dim planes = split ? rows : cols, places = split ? cols : rows;
  Dim outer[StridedCopy::kMaxDims];
  size_t n = 0;
  for (int i = 0; i + 1 < copy.rank; ++i) {
    if (i != rows_dim) outer[n++] = copy.dims[i];
  }
  const bool stream = BytesOf(copy) >= copy.stream_bytes;
  const int64_t bytes_per_place = planes.size * copy.element_bytes;
  ForPieces({outer, n}, places.size, kParallelBytes / bytes_per_place, bytes_per_place, parallel, [&](int64_t d, int64_t s, int64_t begin, int64_t end) {
    Planes p{.count = static_cast<int>(planes.size), .size = end - begin, .stream = stream};
    std::byte *const from = const_cast<std::byte*>(src) + s + begin * places.src_stride, *const to = dst + d + begin * places.dst_stride;
    p.joined = split ? from : to;
    for (int k = 0; k < p.count; ++k) p.planes[k] = split ? to + k * planes.dst_stride : from + k * planes.src_stride;
    split ? SplitPlanes(p, copy.element_bytes) : JoinPlanes(p, copy.element_bytes);
  });
  return true;
}

// `dim` becomes parts of at most `size`, which a dimension of parts goes through.
struct Parts {
  Dim parts;
  int64_t each, last;
  int64_t Size(bool is_last) const { return is_last ? last : each; }
  Parts(const Dim& dim, int64_t size)
      : parts{(dim.size + size - 1) / size, size * dim.dst_stride, size * dim.src_stride}, each(std::min(size, dim.size)), last(dim.size - (parts.size - 1) * size) {}
};

constexpr int64_t kBlockBytes = 128 * 1024;    // of the source lines of a block, which is a part of a cache
constexpr int64_t kFetchedBytes = 512 * 1024;  // smaller copies are in a cache, where asking costs more than waiting

// The dimensions whose elements lie side by side in one of the tensors, innermost first: as many as make `enough` elements. Of the last one, parts of about equal size.
struct Side {
  int dims[StridedCopy::kMaxDims];
  int count = 0;
  int64_t inner = 1;  // elements of all dimensions but the last one
  int64_t each = 0;   // size of the last one's parts

  Side(const StridedCopy& copy, int first, int64_t Dim::*stride, bool* taken, int64_t enough, int64_t most) {
    for (int dim = first; dim >= 0;) {
      taken[dim] = true;
      dims[count++] = dim;
      const int64_t size = copy.dims[dim].size;
      if (inner * size >= enough) {
        each = PartSize(size, inner, copy.element_bytes, enough, most);
        return;
      }
      const int64_t run = inner * size * copy.element_bytes;
      dim = -1;
      for (int i = 0; i < copy.rank && dim < 0; ++i) {
        if (!taken[i] && copy.dims[i].*stride == run) dim = i;
      }
      if (dim >= 0) inner *= size;
      else each = size;
    }
  }
  int last() const { return dims[count - 1]; }
  void Offsets(const StridedCopy& copy, int64_t Dim::*stride, int64_t* offsets) const {
    const auto size = [&](int d) { return d + 1 < count ? copy.dims[dims[d]].size : each; };
    int64_t n = size(0);
    for (int64_t i = 0, at = 0; i < n; ++i, at += copy.dims[dims[0]].*stride) offsets[i] = at;
    for (int d = 1; d < count; n *= size(d++)) {
      for (int64_t i = 1; i < size(d); ++i) {
        for (int64_t k = 0; k < n; ++k) offsets[i * n + k] = offsets[k] + i * copy.dims[dims[d]].*stride;
      }
    }
  }
  // How many of the first elements lie evenly apart there.
  int64_t Even(const StridedCopy& copy, int64_t Dim::*stride) const {
    int64_t n = 1;
    for (int d = 0; d < count; ++d) {
      if (copy.dims[dims[d]].*stride != n * copy.dims[dims[0]].*stride) break;
      n *= d + 1 < count ? copy.dims[dims[d]].size : each;
    }
    return n;
  }

 private:
  static int64_t PartSize(int64_t size, int64_t inner, int64_t element_bytes, int64_t enough, int64_t most) {
    const int64_t whole_lines = 64 / std::gcd<int64_t>(64, inner * element_bytes);
    const int64_t parts = std::max<int64_t>(1, (size * inner + enough / 2) / enough);
    const int64_t part = ((size + parts - 1) / parts + whole_lines - 1) / whole_lines * whole_lines;
    return std::max<int64_t>(1, std::min({size, part, most / inner}));
  }
};

// Columns of a block: destination runs of several whole lines. More would be written no faster, and read no longer from a cache that sees their sources in few of its sets;
// but of runs that begin anywhere in a line, as few as may be: each has two lines that others have parts of.
int64_t EnoughCols(int64_t element_bytes, int64_t row_stride) {
  if (row_stride % 64 != 0) return MostTransposedCols(element_bytes);
  return element_bytes <= 16 ? std::max<int64_t>(64, 256 / element_bytes) : std::max<int64_t>(1, 1024 / element_bytes);
}

// A large transposition goes block by block, to the block that lies next in the source.
void CopyTransposed(const StridedCopy& copy, int rows_dim, const std::byte* src, std::byte* dst, const Parallel& parallel) {
  const int64_t size = copy.element_bytes;
  const int cols_dim = copy.rank - 1;
  bool taken[StridedCopy::kMaxDims] = {};
  taken[rows_dim] = true;
  const bool joined = copy.dims[cols_dim].size <= MostTransposedCols(size) && copy.dims[rows_dim].dst_stride == copy.dims[cols_dim].size * size;
  const int64_t enough_cols = joined ? copy.dims[cols_dim].size : EnoughCols(size, copy.dims[rows_dim].dst_stride);
  const Side cols(copy, cols_dim, &Dim::dst_stride, taken, enough_cols, MostTransposedCols(size));
  const int64_t run = cols.inner * cols.each * size, row_bytes = std::clamp<int64_t>(kBlockBytes / (cols.inner * cols.each), 64, 1024);
  const Side rows(copy, rows_dim, &Dim::src_stride, taken, std::max<int64_t>(1, row_bytes / size), kTransposedRows);
  int64_t col_offsets[kTransposedCols], row_offsets[kTransposedRows];
  col_offsets[1] = row_offsets[1] = 0;  // also where there is but one
  cols.Offsets(copy, &Dim::src_stride, col_offsets);
  rows.Offsets(copy, &Dim::dst_stride, row_offsets);
  const Parts row_parts(copy.dims[rows.last()], rows.each), col_parts(copy.dims[cols.last()], cols.each);
  Dim all[kMaxWalk] = {row_parts.parts, col_parts.parts}, walk[kMaxWalk];
  int n = 2, order[kMaxWalk], place[kMaxWalk];
  const std::byte* end = src + size;
  for (int i = 0; i < copy.rank; ++i) {
    if (!taken[i]) all[n++] = copy.dims[i];
    end += std::max<int64_t>(0, (copy.dims[i].size - 1) * copy.dims[i].src_stride);
  }
  std::iota(order, order + n, 0);
  InOrder(order, n, [&](int a, int b) { return std::abs(all[a].src_stride) > std::abs(all[b].src_stride); });
  for (int i = 0; i < n; ++i) walk[i] = all[order[i]], place[order[i]] = i;
  const std::span<const Dim> dims(walk, static_cast<size_t>(n));
  const BlockForm form{.element_bytes = size, .cols = col_offsets, .rows = row_offsets, .even_cols = cols.Even(copy, &Dim::src_stride), .even_rows = rows.Even(copy, &Dim::dst_stride), .end = end,
                       .stream = BytesOf(copy) >= copy.stream_bytes};
  const bool fetch = BytesOf(copy) > kFetchedBytes;
  parallel.For(Count(dims), Grain(rows.inner * row_parts.each * run), [&](int64_t begin, int64_t end) {
    Walk at(dims, begin);
    TransposedBlock blocks[16];
    size_t waiting = 0;
    for (int64_t unit = begin; unit < end; ++unit) {
      TransposedBlock& block = blocks[waiting++];
      block = {.src = src + at.src,
               .dst = dst + at.dst,
               .rows = rows.inner * row_parts.Size(at.IsLast(place[0])),
               .cols = cols.inner * col_parts.Size(at.IsLast(place[1]))};
      at.Next();
      if (unit + 1 < end && fetch) block.ahead = src + at.src;
      if (waiting < std::size(blocks) && unit + 1 < end) continue;
      TransposeBlocks(form, {blocks, waiting});
      waiting = 0;
    }
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
  const bool stream = BytesOf(copy) >= copy.stream_bytes;
  ForPieces(outer, cut.size, std::max<int64_t>(1, kParallelBytes / bytes_per_cut), bytes_per_cut, parallel, [&](int64_t d, int64_t s, int64_t begin, int64_t end) {
    ElementLines lines{.dst = dst + d + begin * cut.dst_stride,
                       .src = src + s + begin * cut.src_stride,
                       .lines = end - begin,
                       .dst_line = cut.dst_stride,
                       .src_line = cut.src_stride,
                       .size = inner.size,
                       .dst_stride = inner.dst_stride,
                       .src_stride = inner.src_stride,
                       .stream = stream};
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
  const bool is_element = IsFastElement(copy.element_bytes);
  if (copy.rank >= 2 && (is_element || (copy.element_bytes < kTransposedRun && BytesOf(copy) >= copy.stream_bytes))) {
    if (const int rows = TransposedDim(copy); rows >= 0) {
      if (is_element && CopyPlanes(copy, rows, from, to, parallel)) return;
      return CopyTransposed(copy, rows, from, to, parallel);
    }
  }
  if (copy.rank == 0 || !is_element) return CopyRuns(copy, from, to, parallel);
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
