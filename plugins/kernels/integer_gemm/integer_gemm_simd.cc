// Integer matrix product: packing of B and the loops around the register tile, compiled once per SIMD target.
#define HWY_WANT_AVX3_DL  // for products of bytes
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "integer_gemm/integer_gemm.h"
#include "integer_gemm/layout.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "integer_gemm/integer_gemm_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "integer_gemm/tile-inl.h"

#ifndef TFLOWER_KERNELS_INTEGER_GEMM_ONCE
#define TFLOWER_KERNELS_INTEGER_GEMM_ONCE
namespace tflower::kernels {
// Rows of A in a block: they stay in L2 while the panels pass. Few when B itself stays there, so that results are written in one go.
constexpr size_t kIntBlockBytes = 192 * 1024;
constexpr size_t kIntSmallB = 128 * 1024;
constexpr size_t kIntFewRows = 48;
// Words of 16 bits times 9 bits, so many of them, fit in 32 bits.
constexpr size_t kNarrowDepth = 64;
// A thread gets at least so many multiply-adds: some 5 us.
constexpr double kProductsPerPiece = 1e6;

inline size_t RowsInBlock(const IntegerProduct& p) {
  const size_t row = std::max<size_t>(1, StepsOf(p.bytes, p.depth) * 4);
  const size_t most = row * p.columns <= kIntSmallB ? kIntFewRows : std::max(kIntFewRows, kIntBlockBytes / row);
  return std::max<size_t>(1, std::min(p.rows, most));
}
// Whether the tiles read A's rows in place: whole steps of it.
inline bool InPlace(const IntegerProduct& p) {
  if (p.source.rows != nullptr) return false;
  return p.type == IntegerType::kInt16 ? p.depth % 2 == 0 : p.bytes && p.depth % 4 == 0;
}
// A block's rows as the tiles read them, and as they come where they must be widened.
inline size_t BlockBytes(const IntegerProduct& p) {
  if (InPlace(p)) return 0;
  const bool widened = !p.bytes && p.type != IntegerType::kInt16;
  return RowsInBlock(p) * StepsOf(p.bytes, p.depth) * 4 + (widened ? RoundUp(p.depth, 64) : 0) + 128;  // and what a source may write behind its rows
}
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

IntLayout Layout() { return {hn::Lanes(IntTag()), kIntVectors, kHasQuads}; }

void Widen(const void* from, bool is_unsigned, size_t n, int16_t* to) {
  if (is_unsigned) {
    for (size_t i = 0; i < n; ++i) to[i] = static_cast<const uint8_t*>(from)[i];
  } else {
    for (size_t i = 0; i < n; ++i) to[i] = static_cast<const int8_t*>(from)[i];
  }
}

// Copies and widens rows [first, first + count) of A to `to`, whole steps each.
void FetchRows(const IntegerProduct& p, size_t first, size_t count, char* to, char* narrow) {
  const size_t stride = StepsOf(p.bytes, p.depth) * 4, element = p.type == IntegerType::kInt16 ? 2 : 1;
  const bool widen = !p.bytes && element == 1;
  const size_t used = p.depth * (widen ? 2 : element);
  if (p.source.rows != nullptr && !widen) {  // what lies behind the depth meets weights of 0
    p.source.rows(p.source, first, count, to, stride);
    return;
  }
  for (size_t r = 0; r < count; ++r) {
    char* const row = to + r * stride;
    const char* from = static_cast<const char*>(p.a) + (first + r) * p.a_stride * element;
    if (widen) {
      if (p.source.rows != nullptr) p.source.rows(p.source, first + r, 1, narrow, p.depth), from = narrow;
      Widen(from, p.type == IntegerType::kUInt8, p.depth, reinterpret_cast<int16_t*>(row));
    } else {
      std::memcpy(row, from, used);
    }
    for (size_t i = used; i < stride; ++i) row[i] = 0;
  }
}

constexpr size_t kMostRows = kIntRows[1];
constexpr size_t kMostSums = 24 * (HWY_MAX_BYTES / 4) > kMostRows * (HWY_MAX_BYTES / 4) ? 24 * (HWY_MAX_BYTES / 4) : kMostRows * (HWY_MAX_BYTES / 4);

struct Panel {
  size_t column, columns, width;
  const char* b;
  const int32_t* start;
};

template <bool kBytes>
void RunTile(const IntegerProduct& p, const Panel& panel, const char* const* a, size_t row, size_t rows) {
  HWY_ALIGN int32_t sums[kMostSums + 64];
  IntTileArgs args{a, StepsOf(kBytes, p.depth), panel.b, panel.start, sums, kBytes && p.type == IntegerType::kInt8 ? 0x80808080u : 0};
  const IntTileFn tile = IntTileFor<kBytes>(panel.width / hn::Lanes(IntTag()), rows);
  SumTile out{sums, nullptr, panel.width, row, rows, panel.column, panel.columns};
  if (!p.wide) {
    tile(args);
    return p.sink.take(p.sink.self, out);
  }
  // Parts of the depth whose sums fit in 32 bits.
  HWY_ALIGN int64_t wide[kMostSums + 64];
  std::fill(wide, wide + rows * panel.width, int64_t{0});
  const char* moved[kMostRows];
  for (size_t step = 0, steps = args.steps; step < steps; step += kNarrowDepth) {
    args.steps = std::min(kNarrowDepth, steps - step);
    args.b = panel.b + step * panel.width * 4;
    for (size_t r = 0; r < rows; ++r) moved[r] = a[r] + step * 4;
    args.a = moved;
    tile(args);
    for (size_t i = 0; i < rows * panel.width; ++i) wide[i] += sums[i];
  }
  out.narrow = nullptr, out.wide = wide;
  p.sink.take(p.sink.self, out);
}

template <bool kBytes>
void RunPanel(const IntegerProduct& p, size_t column, const char* a, size_t a_bytes, size_t row, size_t rows) {
  const IntLayout layout = Layout();
  HWY_ALIGN int32_t start[kIntVectors * (HWY_MAX_BYTES / 4)] = {};
  Panel panel{column, std::min(layout.PanelColumns(), p.columns - column), layout.Width(column, p.columns), nullptr, start};
  panel.b = static_cast<const char*>(p.packed) + SumsBytes(p.columns) + column * StepsOf(kBytes, p.depth) * 4;
  if (p.start != nullptr && !p.wide) std::copy_n(p.start + column, panel.columns, start);
  const size_t most = static_cast<size_t>(kIntRows[panel.width / layout.lanes]);
  const size_t tiles = (rows + most - 1) / most;
  const char* pointers[kMostRows];
  for (size_t t = 0; t < tiles; ++t) {
    const size_t begin = rows * t / tiles, end = rows * (t + 1) / tiles;
    for (size_t r = begin; r < end; ++r) pointers[r - begin] = a + r * a_bytes;
    RunTile<kBytes>(p, panel, pointers, row + begin, end - begin);
  }
}

// Rows x panels on the calling thread.
template <bool kBytes>
void RunBlocks(const IntegerProduct& p, size_t row_begin, size_t row_end, size_t panel_begin, size_t panel_end, char* scratch) {
  const bool in_place = InPlace(p);
  const size_t element = p.type == IntegerType::kInt16 ? 2 : 1, most = RowsInBlock(p), stride = StepsOf(kBytes, p.depth) * 4;
  const size_t blocks = (row_end - row_begin + most - 1) / most, step = Layout().PanelColumns();
  for (size_t i = 0; i < blocks; ++i) {
    const size_t begin = row_begin + (row_end - row_begin) * i / blocks, end = row_begin + (row_end - row_begin) * (i + 1) / blocks;
    const char* a = static_cast<const char*>(p.a) + begin * p.a_stride * element;
    if (!in_place) {
      FetchRows(p, begin, end - begin, scratch, scratch + RoundUp(most * stride, 64));
      a = scratch;
    }
    for (size_t panel = panel_begin; panel < panel_end; ++panel) RunPanel<kBytes>(p, panel * step, a, in_place ? p.a_stride * element : stride, begin, end - begin);
  }
}

void Run(const IntegerProduct& p, size_t row_begin, size_t row_end, size_t panel_begin, size_t panel_end, char* scratch) {
  if constexpr (kHasQuads) {
    if (p.bytes) return RunBlocks<true>(p, row_begin, row_end, panel_begin, panel_end, scratch);
  }
  RunBlocks<false>(p, row_begin, row_end, panel_begin, panel_end, scratch);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Layout);
HWY_EXPORT(Run);
}  // namespace

IntLayout LayoutOf() { return HWY_DYNAMIC_DISPATCH(Layout)(); }

bool MultipliesBytes(IntegerType a, bool unsigned_weights, int32_t w_zero) {
  return a != IntegerType::kInt16 && w_zero == (unsigned_weights ? 128 : 0) && LayoutOf().quads;
}

size_t IntegerPackedBytes(bool bytes, size_t depth, size_t columns) {
  return SumsBytes(columns) + RoundUp(columns, LayoutOf().lanes) * StepsOf(bytes, depth) * 4;
}

size_t IntegerScratchBytes(const IntegerProduct& p, int threads) {
  return static_cast<size_t>(std::max(1, threads)) * RoundUp(BlockBytes(p), 64);
}

void RunIntegerProduct(const IntegerProduct& p, void* scratch, int threads, const Parallel& parallel) {
  if (p.rows == 0 || p.columns == 0) return;
  const size_t panels = LayoutOf().Panels(p.columns), block = RoundUp(BlockBytes(p), 64);
  const double products = static_cast<double>(p.rows) * static_cast<double>(p.columns) * static_cast<double>(p.depth + 16);
  const size_t pieces = static_cast<size_t>(std::clamp(products / kProductsPerPiece, 1.0, static_cast<double>(std::max(1, threads))));
  // By rows, every thread reads all of B; by panels, all of A.
  const bool by_panels = p.columns > p.rows && panels >= pieces;
  const auto run = HWY_DYNAMIC_DISPATCH(Run);
  parallel.For(static_cast<int64_t>(pieces), 1, [&](int64_t begin, int64_t end) {
    for (size_t i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      char* const own = static_cast<char*>(scratch) + i * block;
      if (by_panels) run(p, 0, p.rows, panels * i / pieces, panels * (i + 1) / pieces, own);
      else run(p, p.rows * i / pieces, p.rows * (i + 1) / pieces, 0, panels, own);
    }
  });
}

}  // namespace tflower::kernels
#endif
