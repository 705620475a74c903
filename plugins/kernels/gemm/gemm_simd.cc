// Float matrix product: packing of B and the loops around the register tile, compiled once per SIMD target.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "common/copy.h"
#include "gemm/gemm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gemm/gemm_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/tile-inl.h"

#ifndef TFLOWER_KERNELS_GEMM_SIMD_ONCE
#define TFLOWER_KERNELS_GEMM_SIMD_ONCE
namespace tflower::kernels {
// A is read once per panel, in blocks of rows that must stay in L2 beside the panel (L2: 1 to 2 MiB where this was measured).
constexpr size_t kRowBlockBytes = 512 * 1024;
// A B this small stays in L1 or L2 whatever the order, so rows are finished a few tiles at a time: C is written in one go.
constexpr size_t kSmallB = 256 * 1024;
constexpr size_t kFewRows = 10 * kGemmTileRows;
// A longer k is added in several passes through C: a panel is read once per tile and must stay in L2, too.
constexpr size_t kMaxDepth = 2304;
constexpr size_t kPassDepth = 1152;
// Floats that a thread packs at least.
constexpr size_t kPackGrain = 16384;
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

GemmLayout Layout() { return {kMaxVectors * hn::Lanes(TileTag()), hn::Lanes(TileTag())}; }

void PackPanel(const float* b, size_t k_stride, size_t n_stride, size_t k, size_t columns, float* packed) {
  const size_t width = Layout().Width(0, columns);
  if (k_stride == 1) {  // [N, K]: a transposition
    StridedCopy copy{.element_bytes = sizeof(float)};
    copy.Add(static_cast<int64_t>(k), static_cast<int64_t>(width * sizeof(float)), sizeof(float));
    copy.Add(static_cast<int64_t>(columns), sizeof(float), static_cast<int64_t>(n_stride * sizeof(float)));
    copy.Run(b, packed, Parallel());
  }
  for (size_t i = 0; i < k; ++i) {
    float* const row = packed + i * width;
    if (n_stride == 1 && k_stride != 1) {
      std::memcpy(row, b + i * k_stride, columns * sizeof(float));
    } else if (k_stride != 1) {
      for (size_t n = 0; n < columns; ++n) row[n] = b[i * k_stride + n * n_stride];
    }
    std::fill(row + columns, row + width, 0.0f);
  }
}

struct Span {
  size_t begin, end;
};

// Part i of `parts` nearly equal parts of [begin, end).
Span Part(size_t begin, size_t end, size_t i, size_t parts) {
  const size_t n = end - begin;
  return {begin + n * i / parts, begin + n * (i + 1) / parts};
}

// What one pass over k adds to one panel: taps [taps.begin, taps.end), and floats [depth.begin, depth.end) of each tap.
struct Pass {
  Span taps;
  Span depth;
  size_t k;  // where it begins in the packed panel
  bool first;
  bool last;
};

struct PanelRun {
  Pass pass;
  size_t vectors;
  size_t column;
  size_t columns;
  const float* b;
  const float* ahead;
  const float* bias;
};

void RunTile(const GemmProblem& g, const PanelRun& run, Span rows, size_t tile) {
  const float* a[kTileRows[1]];
  const float* start[kTileRows[1]];
  float* c[kTileRows[1]];
  const Pass& pass = run.pass;
  const size_t count = rows.end - rows.begin;
  const bool residual = pass.first && g.residual != nullptr;
  if (g.a_taps == nullptr) {
    for (size_t r = 0; r < count; ++r) a[r] = g.a + (rows.begin + r) * g.a_stride + pass.depth.begin;
  }
  if (g.c_rows == nullptr) {
    for (size_t r = 0; r < count; ++r) c[r] = g.c + (rows.begin + r) * g.c_stride;
  }
  float* const* const c_rows = g.c_rows != nullptr ? g.c_rows + rows.begin : c;
  if (residual || !pass.first) {
    for (size_t r = 0; r < count; ++r) start[r] = residual ? g.residual + (c_rows[r] - g.c) : c_rows[r];
  }
  TileArgs args;
  args.a = g.a_taps != nullptr ? g.a_taps + rows.begin * g.taps + pass.taps.begin : a;
  args.a_step = g.a_taps != nullptr ? g.taps : 1;
  args.taps = pass.taps.end - pass.taps.begin;
  args.depth = pass.depth.end - pass.depth.begin;
  args.b = run.b;
  // A panel has run.vectors cache lines per k (with 64-byte vectors), a tile asks for one.
  args.ahead = run.ahead + tile % run.vectors * args.taps * args.depth * (64 / sizeof(float));
  args.bias = run.bias;
  args.start = residual || !pass.first ? start : nullptr;
  args.c = c_rows;
  args.column = run.column;
  args.columns = run.columns;
  args.clamp = pass.last ? g.clamp : Clamp();
  TileFor(run.vectors, count)(args);
}

void RunPanel(const GemmProblem& g, const Pass& pass, size_t panel, Span rows) {
  const GemmLayout layout = Layout();
  PanelRun run;
  run.pass = pass;
  run.column = panel * layout.panel_columns;
  run.columns = std::min(g.columns - run.column, layout.panel_columns);
  const size_t width = layout.Width(run.column, g.columns);
  run.vectors = width / layout.vector_columns;
  run.b = g.b + run.column * g.taps * g.depth + pass.k * width;
  run.ahead = run.b + g.taps * g.depth * width;  // the same pass of the next panel
  HWY_ALIGN float bias[kMaxVectors * HWY_MAX_BYTES / sizeof(float)] = {};
  run.bias = bias;
  if (pass.first && g.bias != nullptr) {
    if (run.columns == width) run.bias = g.bias + run.column;
    else std::copy_n(g.bias + run.column, run.columns, bias);
  }
  // Rows 4 KiB apart share the sets of L1 (8 to 12 ways), so fewer of them go together.
  const size_t most = std::min<size_t>(kTileRows[run.vectors], g.a_taps == nullptr && g.a_stride % 1024 == 0 ? 7 : 14);
  // Nearly equal tiles: 49 rows are 12 + 12 + 12 + 13, never 14 + 14 + 14 + 7.
  const size_t tiles = (rows.end - rows.begin + most - 1) / most;
  const size_t base = (rows.end - rows.begin) / tiles, longer = (rows.end - rows.begin) % tiles;
  size_t m = rows.begin;
  for (size_t t = 0; t < tiles; ++t) {
    const size_t count = base + (t < longer ? 1 : 0);
    RunTile(g, run, {m, m + count}, t);
    m += count;
  }
}

// Passes cut the taps when there are several, else the depth.
void RunPasses(const GemmProblem& g, Span rows, Span panels) {
  const size_t k = g.taps * g.depth;
  const bool by_taps = g.taps > 1;
  const size_t units = by_taps ? g.taps : g.depth;
  const bool whole = k <= kMaxDepth || rows.end - rows.begin <= 2 * size_t(kTileRows[kMaxVectors]);
  const size_t passes = whole ? 1 : std::min(units, (k + kPassDepth - 1) / kPassDepth);
  for (size_t i = 0; i < passes; ++i) {
    const Span part = Part(0, units, i, passes);
    Pass pass;
    pass.taps = by_taps ? part : Span{0, g.taps};
    pass.depth = by_taps ? Span{0, g.depth} : part;
    pass.k = by_taps ? part.begin * g.depth : part.begin;
    pass.first = i == 0;
    pass.last = i + 1 == passes;
    for (size_t panel = panels.begin; panel < panels.end; ++panel) RunPanel(g, pass, panel, rows);
  }
}

size_t RowsInBlock(const GemmProblem& g, size_t rows, size_t panels) {
  const size_t columns = std::min(g.columns, panels * Layout().panel_columns);
  if (panels > 1 && g.taps * g.depth * columns * sizeof(float) <= kSmallB) return kFewRows;
  if (g.a_taps != nullptr) return rows;  // the caller of the pointer form chose the block
  const size_t depth = std::max<size_t>(1, std::min(g.depth, kMaxDepth));
  return std::max<size_t>(kFewRows, kRowBlockBytes / sizeof(float) / depth);
}

void Block(const GemmProblem& g, size_t row_begin, size_t row_end, size_t panel_begin, size_t panel_end) {
  const size_t rows = row_end - row_begin;
  if (rows == 0) return;
  const size_t most = RowsInBlock(g, rows, panel_end - panel_begin);
  const size_t blocks = (rows + most - 1) / most;
  for (size_t i = 0; i < blocks; ++i) RunPasses(g, Part(row_begin, row_end, i, blocks), {panel_begin, panel_end});
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Layout);
HWY_EXPORT(PackPanel);
HWY_EXPORT(Block);
}  // namespace

GemmLayout PackedLayout() { return HWY_DYNAMIC_DISPATCH(Layout)(); }

size_t GemmPackedBytes(size_t k, size_t n) {
  const size_t lanes = PackedLayout().vector_columns;
  return (k * ((n + lanes - 1) / lanes * lanes) * sizeof(float) + 63) / 64 * 64;
}

void GemmPackRows(const float* b, size_t k_stride, size_t n_stride, size_t first_k, size_t count, size_t k, size_t n,
                  float* packed, const Parallel& parallel) {
  const GemmLayout layout = PackedLayout();
  const size_t columns = layout.panel_columns;
  const auto pack = HWY_DYNAMIC_DISPATCH(PackPanel);
  const int64_t grain = static_cast<int64_t>(1 + kPackGrain / (1 + count * columns));
  parallel.For(static_cast<int64_t>(layout.Panels(n)), grain, [&](int64_t begin, int64_t end) {
    for (size_t i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const size_t first = i * columns;
      pack(b + first * n_stride, k_stride, n_stride, count, std::min(columns, n - first),
           packed + first * k + first_k * layout.Width(first, n));
    }
  });
}

void GemmPackB(const float* b, size_t k_stride, size_t n_stride, size_t k, size_t n, float* packed,
               const Parallel& parallel) {
  GemmPackRows(b, k_stride, n_stride, 0, k, k, n, packed, parallel);
}

void GemmBlock(const GemmProblem& problem, size_t row_begin, size_t row_end, size_t panel_begin, size_t panel_end) {
  HWY_DYNAMIC_DISPATCH(Block)(problem, row_begin, row_end, panel_begin, panel_end);
}

}  // namespace tflower::kernels
#endif
