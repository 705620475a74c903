// Transpositions: which rows and columns make a block, and the way through the blocks.
#include "common/copy_transposed.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "common/copy_walk.h"
#include "common/planes.h"
#include "common/transpose_tile.h"

namespace tflower::kernels {
namespace {

// Which dimension runs along source elements while the last one runs along destination elements: a transposition; -1 = none.
int TransposedDim(const StridedCopy& copy) {
  if (copy.dims[copy.rank - 1].dst_stride != copy.element_bytes) return -1;
  for (int i = 0; i + 1 < copy.rank; ++i) {
    if (copy.dims[i].src_stride == copy.element_bytes) return i;
  }
  return -1;
}

// Channels of images: a few elements side by side in one tensor, and each in a plane of its own in the other.
bool CopyPlanes(const StridedCopy& copy, int rows_dim, const std::byte* src, std::byte* dst, const Parallel& parallel) {
  const Dim rows = copy.dims[rows_dim], cols = copy.dims[copy.rank - 1];
  const int64_t most = MostPlanes(copy.element_bytes);
  const bool split = rows.size <= most && cols.src_stride == rows.size * copy.element_bytes;
  if (!split && (cols.size > most || rows.dst_stride != cols.size * copy.element_bytes)) return false;
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

constexpr int64_t kBlockBytes = 64 * 1024;     // of the source lines of a block, which is a part of a cache, where columns are few
constexpr int64_t kFetchedBytes = 512 * 1024;  // smaller copies are in a cache, where asking costs more than waiting

// The dimensions whose elements lie side by side in one of the tensors, innermost first: as many as make `enough` elements. Of the last one, parts of about equal size.
struct Side {
  int dims[StridedCopy::kMaxDims];
  int count = 0;
  int64_t inner = 1;  // elements of all dimensions but the last one
  int64_t each = 0;   // size of the last one's parts

  Side(const StridedCopy& copy, int first, int64_t Dim::*stride, bool* taken, int64_t enough, int64_t most) {
    enough = std::min(enough, most);
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
  // About `enough`, in whole lines; rather a size that divides the dimension, if it is hardly smaller: the last part would be small, and dear for its size.
  static int64_t PartSize(int64_t size, int64_t inner, int64_t element_bytes, int64_t enough, int64_t most) {
    const int64_t parts = std::max<int64_t>(1, (size * inner + enough / 2) / enough), about = (size + parts - 1) / parts, room = std::max<int64_t>(1, most / inner);
    const int64_t line = 64 / std::gcd<int64_t>(64, inner * element_bytes), step = line <= room ? line : 1;
    const int64_t largest = std::min((about + step - 1) / step, room / step) * step;
    if (largest >= size) return size;
    for (int64_t part = largest; part * 4 >= largest * 3; part -= step) {
      if (size % part == 0) return part;
    }
    return largest;
  }
};

// Columns of a block: destination runs of several whole lines. More would be written no faster, and read no longer from a cache that sees their sources in few of its sets;
// but of runs that begin anywhere in a line, as few as may be: each has two lines that others have parts of.
int64_t EnoughCols(int64_t element_bytes, int64_t row_stride) {
  if (row_stride % 64 != 0) return MostTransposedCols(element_bytes);
  return std::clamp<int64_t>(1024 / element_bytes, 1, 512);
}

// Of the source line of each column of a block: all of them are a part of a cache, and short ones do not make the hardware fetch what lies behind them. Of columns pages
// apart, which share few of its sets, it has room for few in either case, and longer lines are read faster.
int64_t RowBytes(int64_t cols, int64_t col_stride) { return std::clamp<int64_t>(kBlockBytes / cols, col_stride % 4096 == 0 ? 512 : 256, 2048); }

// A large transposition goes block by block, to the block that lies next in the source.
void CopyBlocks(const StridedCopy& copy, int rows_dim, const std::byte* src, std::byte* dst, const Parallel& parallel) {
  const int64_t size = copy.element_bytes;
  const int cols_dim = copy.rank - 1;
  bool taken[StridedCopy::kMaxDims] = {};
  taken[rows_dim] = true;
  const bool joined = copy.dims[cols_dim].size <= MostTransposedCols(size) && copy.dims[rows_dim].dst_stride == copy.dims[cols_dim].size * size;
  const int64_t enough_cols = joined ? copy.dims[cols_dim].size : EnoughCols(size, copy.dims[rows_dim].dst_stride);
  const Side cols(copy, cols_dim, &Dim::dst_stride, taken, enough_cols, MostTransposedCols(size));
  const int64_t block_cols = cols.inner * cols.each, run = block_cols * size;
  const Side rows(copy, rows_dim, &Dim::src_stride, taken, std::max<int64_t>(1, RowBytes(block_cols, copy.dims[cols_dim].src_stride) / size), kTransposedRows);
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

}  // namespace

bool CopyTransposed(const StridedCopy& copy, const std::byte* src, std::byte* dst, const Parallel& parallel) {
  const int rows = TransposedDim(copy);
  if (rows < 0) return false;
  if (!IsFastElement(copy.element_bytes) || !CopyPlanes(copy, rows, src, dst, parallel)) CopyBlocks(copy, rows, src, dst, parallel);
  return true;
}

}  // namespace tflower::kernels
