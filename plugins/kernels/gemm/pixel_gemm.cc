// Implicit GEMM over images: builds tables of tap pointers for blocks of result pixels and hands them to GemmBlock.
#include "gemm/pixel_gemm.h"

#include <algorithm>
#include <cstring>

#include "gemm/split.h"

namespace tflower::kernels {
namespace {

constexpr size_t kTableBytes = 64 * 1024;    // a block's pointers, and as much again for border patches at most
constexpr size_t kBlockBytes = 384 * 1024;   // input that a block reads: it stays in L2 while the panels pass
constexpr size_t kSmallestBlock = 28;        // rows: four of the widest tiles
constexpr size_t kMergeBelow = 32;           // channels: short taps are joined
constexpr size_t kPadBelow = 256 * 1024;     // bytes: a small input may be copied with its borders

size_t RoundUp64(size_t bytes) { return (bytes + 63) / 64 * 64; }

// The x taps of neighbouring pixels lie side by side in memory, so a kernel row can be one long tap: fewer pointers and
// longer inner loops, which matters when a pixel has few channels. At the left and right border the row is copied.
bool MergesRowTaps(const PixelGemm& g) {
  return g.x.taps > 1 && g.x.step == 1 && g.depth < kMergeBelow && g.in.column == g.depth;
}

// Where joined taps often cross the border, as in narrow spectrograms, every crossing would be copied again for each kernel row that
// meets it: the input is copied once instead, with zeros at its sides.
bool PadsInput(const PixelGemm& g) {
  if (!MergesRowTaps(g) || g.x.grid == 0) return false;
  const ptrdiff_t grid = static_cast<ptrdiff_t>(g.x.grid), stride = static_cast<ptrdiff_t>(g.x.stride);
  const ptrdiff_t last = static_cast<ptrdiff_t>(g.x.input) - static_cast<ptrdiff_t>(g.x.taps) - g.x.origin;  // where taps may begin
  const ptrdiff_t begin = std::max<ptrdiff_t>(0, (stride - 1 - g.x.origin) / stride), end = last < 0 ? 0 : std::min(grid, last / stride + 1);
  const size_t crossing = g.x.grid - static_cast<size_t>(std::max<ptrdiff_t>(0, end - begin));
  const size_t padded_width = (g.x.grid - 1) * static_cast<size_t>(g.x.stride) + g.x.taps;
  return crossing * 8 > g.x.grid && g.batch * g.y.input * padded_width * g.depth * sizeof(float) <= kPadBelow;
}

// The same product over the padded input.
PixelGemm Padded(const PixelGemm& g) {
  PixelGemm p = g;
  p.x.input = (g.x.grid - 1) * static_cast<size_t>(g.x.stride) + g.x.taps;
  p.x.origin = 0;
  p.in = {g.y.input * p.x.input * g.depth, p.x.input * g.depth, g.depth};
  return p;
}

void PadInput(const PixelGemm& g, const PixelGemm& padded, const float* in, float* out) {
  // Padded column c is input column c + origin; those between the borders are taken over.
  const ptrdiff_t width = static_cast<ptrdiff_t>(padded.x.input);
  const ptrdiff_t begin = std::clamp<ptrdiff_t>(-g.x.origin, 0, width);
  const ptrdiff_t end = std::clamp<ptrdiff_t>(static_cast<ptrdiff_t>(g.x.input) - g.x.origin, begin, width);
  const ptrdiff_t depth = static_cast<ptrdiff_t>(g.depth);
  for (size_t n = 0; n < g.batch; ++n)
    for (size_t y = 0; y < g.y.input; ++y, out += padded.in.row) {
      const float* const row = in + n * g.in.batch + y * g.in.row;
      std::fill(out, out + begin * depth, 0.0f);
      if (begin < end) std::copy(row + (begin + g.x.origin) * depth, row + (end + g.x.origin) * depth, out + begin * depth);
      std::fill(out + end * depth, out + width * depth, 0.0f);
    }
}

// How one row of A is cut into taps, and how many rows are done at a time.
struct Blocking {
  bool merged;
  size_t taps;    // pointers in a row
  size_t depth;   // floats behind a pointer
  size_t rows;    // rows in a block
};

Blocking BlockingOf(const PixelGemm& g) {
  Blocking b;
  b.merged = MergesRowTaps(g);
  b.taps = b.merged ? g.y.taps : g.y.taps * g.x.taps;
  b.depth = b.merged ? g.x.taps * g.depth : g.depth;
  const size_t row_table = std::max<size_t>(1, b.taps) * (sizeof(float*) + (b.merged ? b.depth * sizeof(float) : 0));
  const size_t row_input = std::max<size_t>(1, g.depth) * sizeof(float) * static_cast<size_t>(std::min<ptrdiff_t>(g.y.stride * g.x.stride, 4));
  b.rows = std::max(kSmallestBlock, std::min((b.merged ? 4 : 1) * kTableBytes / row_table, kBlockBytes / row_input));
  b.rows = std::max<size_t>(1, std::min(b.rows, g.batch * g.y.grid * g.x.grid));
  return b;
}

// One piece's scratch memory.
struct Tables {
  const float** taps;  // [rows][taps]
  float** out;         // [rows]
  float* zeros;        // [depth]
  float* patches;      // [rows][taps][depth], merged only
};

size_t TableBytes(const Blocking& b) {
  const size_t patches = b.merged ? b.rows * b.taps * b.depth : 0;
  return RoundUp64(b.rows * b.taps * sizeof(float*)) + RoundUp64(b.rows * sizeof(float*)) +
         RoundUp64(b.depth * sizeof(float)) + RoundUp64(patches * sizeof(float));
}

Tables TablesAt(const Blocking& b, char* scratch) {
  Tables t;
  t.taps = reinterpret_cast<const float**>(scratch);
  scratch += RoundUp64(b.rows * b.taps * sizeof(float*));
  t.out = reinterpret_cast<float**>(scratch);
  scratch += RoundUp64(b.rows * sizeof(float*));
  t.zeros = reinterpret_cast<float*>(scratch);
  t.patches = t.zeros + RoundUp64(b.depth * sizeof(float)) / sizeof(float);
  return t;
}

// The x taps of one kernel row as one pointer; `row` is the input row. Copies into `patch` where the row crosses the border.
const float* MergedTap(const PixelGemm& g, const float* row, ptrdiff_t first_x, float* patch) {
  const ptrdiff_t taps = static_cast<ptrdiff_t>(g.x.taps), width = static_cast<ptrdiff_t>(g.x.input);
  if (first_x >= 0 && first_x + taps <= width) return row + static_cast<size_t>(first_x) * g.in.column;
  const ptrdiff_t begin = std::clamp<ptrdiff_t>(-first_x, 0, taps);
  const ptrdiff_t end = std::clamp<ptrdiff_t>(width - first_x, begin, taps);
  const size_t depth = g.depth;
  std::fill(patch, patch + taps * depth, 0.0f);
  if (begin < end) {
    std::memcpy(patch + begin * depth, row + static_cast<size_t>(first_x + begin) * depth,
                static_cast<size_t>(end - begin) * depth * sizeof(float));
  }
  return patch;
}

// Result pixels [begin, end) of one result row whose tap at `offset` (input = x * stride + offset) lies in [0, limit).
struct Run {
  size_t begin, end;
};

Run InsideRun(const PixelAxis& axis, ptrdiff_t offset, ptrdiff_t limit, size_t begin, size_t end) {
  const ptrdiff_t lo = static_cast<ptrdiff_t>(begin), hi = static_cast<ptrdiff_t>(end);
  // Smallest x with x * stride + offset >= bound.
  const auto first = [&](ptrdiff_t bound) { return bound <= offset ? 0 : (bound - offset + axis.stride - 1) / axis.stride; };
  const ptrdiff_t from = std::clamp(first(0), lo, hi);
  const ptrdiff_t to = std::clamp(first(std::max<ptrdiff_t>(limit, 0)), from, hi);
  return {static_cast<size_t>(from), static_cast<size_t>(to)};
}

// Pixels [begin, end) of one result row, and where their taps go in the table.
struct RowPart {
  size_t begin, end;
  const float** taps;  // of pixel `begin`
  float* patch;        // of pixel `begin`, merged only
};

// One tap of all pixels of the part: pointers into the input row at `offset`, zeros outside of `run`.
void FillTap(const PixelGemm& g, const Blocking& b, const RowPart& part, Run run, const float* row, ptrdiff_t offset, const float* zeros,
             size_t tap) {
  const float** out = part.taps + tap;
  for (size_t x = part.begin; x < run.begin; ++x, out += b.taps) *out = zeros;
  if (run.begin < run.end) {
    const float* pixel = row + static_cast<size_t>(static_cast<ptrdiff_t>(run.begin) * g.x.stride + offset) * g.in.column;
    const size_t step = static_cast<size_t>(g.x.stride) * g.in.column;
    for (size_t i = run.begin; i < run.end; ++i, out += b.taps) *out = pixel + (i - run.begin) * step;
  }
  for (size_t x = run.end; x < part.end; ++x, out += b.taps) *out = zeros;
}

// The same for a joined tap, which is copied outside of `run`.
void FillMergedTap(const PixelGemm& g, const Blocking& b, const RowPart& part, Run run, const float* row, size_t tap) {
  const size_t step = static_cast<size_t>(g.x.stride) * g.in.column;
  const float** out = part.taps + tap;
  for (size_t x = part.begin; x < part.end; ++x, out += b.taps) {
    const ptrdiff_t first_x = static_cast<ptrdiff_t>(x) * g.x.stride + g.x.origin;
    if (x == run.begin && run.begin < run.end) {
      const float* const first = row + static_cast<size_t>(first_x) * g.in.column;
      for (size_t i = 0; i < run.end - run.begin; ++i) out[i * b.taps] = first + i * step;
      x = run.end - 1;
      out += (run.end - run.begin - 1) * b.taps;
    } else {
      *out = MergedTap(g, row, first_x, part.patch + ((x - part.begin) * b.taps + tap) * b.depth);
    }
  }
}

void FillRow(const PixelGemm& g, const Blocking& b, const float* image, size_t y, const RowPart& part, const float* zeros) {
  const size_t row_taps = b.merged ? 1 : g.x.taps;
  const ptrdiff_t width = static_cast<ptrdiff_t>(g.x.input);
  for (size_t tx = 0; tx < row_taps; ++tx) {
    const ptrdiff_t offset = g.x.origin + static_cast<ptrdiff_t>(tx) * g.x.step;
    const Run run = InsideRun(g.x, offset, b.merged ? width - static_cast<ptrdiff_t>(g.x.taps) + 1 : width, part.begin, part.end);
    ptrdiff_t in_y = static_cast<ptrdiff_t>(y) * g.y.stride + g.y.origin;
    for (size_t ty = 0; ty < g.y.taps; ++ty, in_y += g.y.step) {
      const size_t tap = ty * row_taps + tx;
      const bool inside = in_y >= 0 && static_cast<size_t>(in_y) < g.y.input;
      const float* const row = inside ? image + static_cast<size_t>(in_y) * g.in.row : nullptr;
      if (!inside) {
        for (size_t i = 0; i < part.end - part.begin; ++i) part.taps[i * b.taps + tap] = zeros;
      } else if (b.merged) {
        FillMergedTap(g, b, part, run, row, tap);
      } else {
        FillTap(g, b, part, run, row, offset, zeros, tap);
      }
    }
  }
}

// Fills the tables for result pixels [begin, end), numbered over batch, y and x.
void FillTables(const PixelGemm& g, const Blocking& b, const float* in, float* out, size_t begin, size_t end,
                const Tables& tables) {
  size_t x = begin % g.x.grid, y = begin / g.x.grid % g.y.grid, n = begin / g.x.grid / g.y.grid;
  for (size_t i = 0; i < end - begin; x = 0) {
    const RowPart part{x, std::min(g.x.grid, x + (end - begin - i)), tables.taps + i * b.taps,
                       b.merged ? tables.patches + i * b.taps * b.depth : nullptr};
    FillRow(g, b, in + n * g.in.batch, y, part, tables.zeros);
    float* const row = out + n * g.out.batch + y * g.out.row;
    for (; x < part.end; ++x, ++i) tables.out[i] = row + x * g.out.column;
    if (++y == g.y.grid) y = 0, ++n;
  }
}

GemmSplit SplitOf(const PixelGemm& g, int threads) {
  const size_t inputs = g.batch * g.y.input * g.x.input * g.depth * sizeof(float);
  return SplitGemm(g.batch * g.y.grid * g.x.grid, g.columns, g.y.taps * g.x.taps * g.depth, inputs, threads);
}

}  // namespace

size_t PixelGemmScratchBytes(const PixelGemm& g) {
  if (!PadsInput(g)) return SplitOf(g, g.threads).pieces * TableBytes(BlockingOf(g));
  const PixelGemm padded = Padded(g);
  return RoundUp64(padded.batch * padded.in.batch * sizeof(float)) + PixelGemmScratchBytes(padded);
}

void RunPixelGemm(const PixelGemm& g, const float* in, const float* b, const Epilogue& tail, float* out,
                  void* scratch, const Parallel& parallel) {
  const size_t pixels = g.batch * g.y.grid * g.x.grid;
  if (pixels == 0 || g.columns == 0) return;
  if (PadsInput(g)) {
    const PixelGemm padded = Padded(g);
    float* const image = static_cast<float*>(scratch);
    PadInput(g, padded, in, image);
    scratch = static_cast<char*>(scratch) + RoundUp64(padded.batch * padded.in.batch * sizeof(float));
    return RunPixelGemm(padded, image, b, tail, out, scratch, parallel);
  }
  const Blocking blocking = BlockingOf(g);
  const size_t table_bytes = TableBytes(blocking);
  GemmProblem problem;
  problem.columns = g.columns;
  problem.depth = blocking.depth;
  problem.taps = blocking.taps;
  problem.b = b;
  problem.bias = tail.bias;
  problem.residual = tail.residual;
  problem.c = out;
  problem.clamp = tail.clamp;
  const GemmSplit split = SplitOf(g, g.threads);
  ForGemmPieces(split, pixels, g.columns, parallel,
                [&](size_t piece, size_t row_begin, size_t row_end, size_t panel_begin, size_t panel_end) {
                  const Tables tables = TablesAt(blocking, static_cast<char*>(scratch) + piece * table_bytes);
                  std::fill(tables.zeros, tables.zeros + blocking.depth, 0.0f);
                  const size_t rows = row_end - row_begin;
                  const size_t blocks = (rows + blocking.rows - 1) / blocking.rows;
                  GemmProblem block = problem;
                  block.a_taps = tables.taps;
                  block.c_rows = tables.out;
                  for (size_t i = 0; i < blocks; ++i) {
                    const size_t begin = row_begin + rows * i / blocks, end = row_begin + rows * (i + 1) / blocks;
                    FillTables(g, blocking, in, out, begin, end, tables);
                    block.rows = end - begin;
                    GemmBlock(block, 0, block.rows, panel_begin, panel_end);
                  }
                });
}

}  // namespace tflower::kernels
