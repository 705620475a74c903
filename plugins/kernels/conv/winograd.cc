// Winograd convolution for 3x3 filters: filter transform, block sizes and the work of threads.
#include "conv/winograd.h"

#include <algorithm>

#include "conv/winograd_transform.h"

namespace tflower::kernels {
namespace {

constexpr size_t kFloatsPerLine = 16;
constexpr size_t kWorkspaceBytes = 1024 * 1024;  // of a block: it stays in L2 beside a panel of filters
constexpr size_t kTileRows = kGemmTileRows;      // blocks are whole register tiles when there is room
constexpr size_t kTilesInBlock = 9 * kTileRows;  // at most: larger blocks bring nothing

size_t Planes(const WinogradConv& c) { return static_cast<size_t>((c.tile + 2) * (c.tile + 2)); }

size_t Tiles(const WinogradConv& c) {
  const size_t edge = static_cast<size_t>(c.tile);
  return c.batch * ((c.out_h + edge - 1) / edge) * ((c.out_w + edge - 1) / edge);
}

size_t PlaneFloats(const WinogradConv& c) { return GemmPackedBytes(c.in_c, c.out_c) / sizeof(float); }

// With many tiles each thread has its own blocks and workspace, and nothing crosses the cores. With few, all threads work
// on one block: tiles are split in the transforms, the products in the multiplication, so each core reads a part of the filters.
struct Blocking {
  size_t tiles;   // in a block
  size_t pieces;  // workspaces; 1 when threads share it
  size_t shares;  // threads on one block
};

Blocking BlockingOf(const WinogradConv& c) {
  const size_t tile_bytes = Planes(c) * (c.in_c + c.out_c) * sizeof(float);
  const size_t room = kWorkspaceBytes / tile_bytes / kTileRows * kTileRows;
  const size_t threads = static_cast<size_t>(std::max(c.threads, 1));
  Blocking b;
  b.tiles = std::clamp(room, 2 * kTileRows, kTilesInBlock);
  const bool own = Tiles(c) >= 2 * threads * 2 * kTileRows;
  b.pieces = own ? threads : 1;
  b.shares = own ? 1 : threads;
  return b;
}

size_t RoundUpLine(size_t floats) { return (floats + kFloatsPerLine - 1) / kFloatsPerLine * kFloatsPerLine; }

size_t WorkspaceFloats(const WinogradConv& c, const Blocking& b) {
  return Planes(c) * (RoundUpLine(b.tiles * c.in_c) + RoundUpLine(b.tiles * c.out_c)) + RoundUpLine(c.in_c);
}

WinogradPlanes PlanesAt(const WinogradConv& c, const Blocking& b, float* workspace) {
  WinogradPlanes p;
  p.in_plane = RoundUpLine(b.tiles * c.in_c);
  p.out_plane = RoundUpLine(b.tiles * c.out_c);
  p.in = workspace;
  p.out = workspace + Planes(c) * p.in_plane;
  float* const zeros = p.out + Planes(c) * p.out_plane;
  std::fill(zeros, zeros + c.in_c, 0.0f);
  p.zeros = zeros;
  return p;
}

// Plane `plane`'s matrix product for `tiles` tiles.
void Multiply(const WinogradConv& c, const WinogradPlanes& p, const float* packed, size_t tiles, size_t plane) {
  GemmProblem g;
  g.rows = tiles;
  g.columns = c.out_c;
  g.depth = c.in_c;
  g.a = p.in + plane * p.in_plane;
  g.a_stride = c.in_c;
  g.b = packed + plane * PlaneFloats(c);
  g.c = p.out + plane * p.out_plane;
  g.c_stride = c.out_c;
  GemmBlock(g, 0, tiles, 0, PackedLayout().Panels(c.out_c));
}

// f(begin, end) over [0, n) in `shares` parts.
template <class F>
void Shared(const Parallel& parallel, size_t shares, size_t n, const F& f) {
  parallel.For(static_cast<int64_t>(shares), 1, [&](int64_t begin, int64_t end) {
    f(n * static_cast<size_t>(begin) / shares, n * static_cast<size_t>(end) / shares);
  });
}

struct Job {
  const WinogradConv& conv;
  const Blocking& blocking;
  const float* x;
  const float* packed;
  const Epilogue& tail;
  float* y;
};

void RunTiles(const Job& job, size_t begin, size_t end, const WinogradPlanes& planes, const Parallel& parallel) {
  const size_t blocks = (end - begin + job.blocking.tiles - 1) / job.blocking.tiles;
  const size_t shares = job.blocking.shares;
  for (size_t i = 0; i < blocks; ++i) {
    const size_t first = begin + (end - begin) * i / blocks;
    const size_t tiles = begin + (end - begin) * (i + 1) / blocks - first;
    Shared(parallel, shares, tiles, [&](size_t from, size_t to) {
      WinogradInput(job.conv, job.x, first, first + from, first + to, planes);
    });
    Shared(parallel, shares, Planes(job.conv), [&](size_t from, size_t to) {
      for (size_t plane = from; plane < to; ++plane) Multiply(job.conv, planes, job.packed, tiles, plane);
    });
    Shared(parallel, shares, tiles, [&](size_t from, size_t to) {
      WinogradOutput(job.conv, first, first + from, first + to, planes, job.tail, job.y);
    });
  }
}

// Filters are transformed for a run of input channels at once: plain loops that compilers turn into vectors.
constexpr size_t kRun = 16;
using Values = double[kRun];

// G g for a column of three filter values.
void FilterColumn(int tile, const Values& g0, const Values& g1, const Values& g2, Values* out) {
  for (size_t c = 0; c < kRun; ++c) {
    const double even = g0[c] + g2[c], odd = g1[c];
    if (tile == 2) {
      out[0][c] = g0[c];
      out[1][c] = (even + odd) / 2;
      out[2][c] = (even - odd) / 2;
      out[3][c] = g2[c];
    } else {
      const double far = g0[c] / 24 + g2[c] / 6, near = odd / 12;
      out[0][c] = g0[c] / 4;
      out[1][c] = (even + odd) / -6;
      out[2][c] = (even - odd) / -6;
      out[3][c] = far + near;
      out[4][c] = far - near;
      out[5][c] = g2[c];
    }
  }
}

// G g G^T; u is [edge][edge].
void FilterPlanes(int tile, const Values (&filter)[9], Values* u) {
  const int edge = tile + 2;
  Values columns[3][6];
  for (int x = 0; x < 3; ++x) FilterColumn(tile, filter[x], filter[3 + x], filter[6 + x], columns[x]);
  for (int y = 0; y < edge; ++y) FilterColumn(tile, columns[0][y], columns[1][y], columns[2][y], u + y * edge);
}

// Transforms output channel n's filters (input channels [c, c + run)) into the packed planes; `panel` is where channel n's
// panel begins in plane 0, `column` its place in the panel.
void PackFilters(const WinogradConv& conv, const float* filter, size_t c, size_t run, float* panel, size_t width, size_t column) {
  Values g[9], u[36];
  for (size_t k = 0; k < 9; ++k) {
    for (size_t i = 0; i < kRun; ++i) g[k][i] = i < run ? filter[k * conv.in_c + c + i] : 0.0;
  }
  FilterPlanes(conv.tile, g, u);
  const size_t plane_floats = PlaneFloats(conv);
  for (size_t p = 0; p < Planes(conv); ++p) {
    float* const out = panel + p * plane_floats + c * width + column;
    for (size_t i = 0; i < run; ++i) out[i * width] = static_cast<float>(u[p][i]);
  }
}

void PackPanel(const WinogradConv& conv, const float* filter, size_t first, float* packed) {
  const GemmLayout layout = PackedLayout();
  const size_t width = layout.Width(first, conv.out_c);
  const size_t columns = std::min(width, conv.out_c - first);
  float* const panel = packed + first * conv.in_c;
  if (columns < width) {
    for (size_t p = 0; p < Planes(conv); ++p) std::fill_n(panel + p * PlaneFloats(conv), conv.in_c * width, 0.0f);
  }
  for (size_t c = 0; c < conv.in_c; c += kRun) {
    const size_t run = std::min(kRun, conv.in_c - c);
    for (size_t n = 0; n < columns; ++n) PackFilters(conv, filter + (first + n) * 9 * conv.in_c, c, run, panel, width, n);
  }
}

// Estimates of nanoseconds on one core, with filters that come from memory as in a whole network. The constants were fitted to
// measurements on a Sapphire Rapids Xeon (AVX-512, 135 GFLOP/s); only their ratios matter.
constexpr double kBytesPerNs = 12;  // filters, read once per run

// Narrow results use the registers less well.
double FlopsPerNs(double out_c) { return 135 * out_c / (out_c + 8); }

double PlainCost(double pixels, double in_c, double out_c) {
  return 2 * 9 * pixels * in_c * out_c / FlopsPerNs(out_c) + 9 * 4 * in_c * out_c / kBytesPerNs;
}

double WinogradCost(int tile, double tiles, double in_c, double out_c) {
  const double planes = (tile + 2) * (tile + 2);
  const double transform_ns = tile == 4 ? 12.8 : 5.0;  // of a tile's inputs or outputs, per channel
  return 2 * planes * tiles * in_c * out_c / FlopsPerNs(out_c) + transform_ns * tiles * (in_c + out_c) +
         planes * 4 * in_c * out_c / kBytesPerNs;
}

}  // namespace

int WinogradTile(int64_t out_h, int64_t out_w, int64_t in_c, int64_t out_c) {
  const double c = static_cast<double>(in_c), n = static_cast<double>(out_c);
  const auto tiles = [&](int64_t edge) { return static_cast<double>((out_h + edge - 1) / edge) * static_cast<double>((out_w + edge - 1) / edge); };
  const double two = WinogradCost(2, tiles(2), c, n), four = WinogradCost(4, tiles(4), c, n);
  // A tenth must be won: Winograd costs memory and accuracy.
  if (std::min(two, four) > 0.9 * PlainCost(static_cast<double>(out_h) * static_cast<double>(out_w), c, n)) return 0;
  return four < two ? 4 : 2;
}

size_t WinogradPackedBytes(const WinogradConv& c) { return Planes(c) * PlaneFloats(c) * sizeof(float); }

size_t WinogradScratchBytes(const WinogradConv& c) {
  const Blocking b = BlockingOf(c);
  return b.pieces * WorkspaceFloats(c, b) * sizeof(float);
}

void PackWinograd(const WinogradConv& conv, const float* filter, float* packed, const Parallel& parallel) {
  const GemmLayout layout = PackedLayout();
  parallel.For(static_cast<int64_t>(layout.Panels(conv.out_c)), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) PackPanel(conv, filter, static_cast<size_t>(i) * layout.panel_columns, packed);
  });
}

void RunWinograd(const WinogradConv& conv, const float* x, const float* packed, const Epilogue& tail, float* y,
                 void* scratch, const Parallel& parallel) {
  const Blocking blocking = BlockingOf(conv);
  const Job job{conv, blocking, x, packed, tail, y};
  const size_t tiles = Tiles(conv), pieces = blocking.pieces;
  float* const workspaces = static_cast<float*>(scratch);
  if (pieces == 1) return RunTiles(job, 0, tiles, PlanesAt(conv, blocking, workspaces), parallel);
  parallel.For(static_cast<int64_t>(pieces), 1, [&](int64_t begin, int64_t end) {
    for (size_t i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const WinogradPlanes planes = PlanesAt(conv, blocking, workspaces + i * WorkspaceFloats(conv, blocking));
      RunTiles(job, tiles * i / pieces, tiles * (i + 1) / pieces, planes, Parallel());
    }
  });
}

}  // namespace tflower::kernels
