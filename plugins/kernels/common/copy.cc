// StridedCopy: simplify the dimensions, choose how to do the innermost ones, split the rest over threads.
#include "common/copy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "common/copy_lines.h"
#include "common/copy_transposed.h"
#include "common/copy_walk.h"
#include "common/transpose_tile.h"

namespace tflower::kernels {
namespace {

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
  const bool is_run = copy.element_bytes < kTransposedRun && BytesOf(copy) >= copy.stream_bytes;  // in a cache, runs are copied one by one
  if (copy.rank >= 2 && (is_element || is_run) && CopyTransposed(copy, from, to, parallel)) return;
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
