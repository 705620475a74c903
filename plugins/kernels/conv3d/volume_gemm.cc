// Implicit GEMM over volumes: gathers the patches of blocks of result voxels and hands them to GemmBlock.
#include "conv3d/volume_gemm.h"

#include <algorithm>
#include <cstring>

#include "gemm/split.h"

namespace tflower::kernels {
namespace {

constexpr size_t kBlockBytes = 256 * 1024;  // patches of a block: they stay in L2 while the panels pass
constexpr size_t kSmallestBlock = 14;       // rows: two of the widest tiles

size_t RoundUp64(size_t bytes) { return (bytes + 63) / 64 * 64; }
size_t PatchFloats(const VolumeGemm& g) { return g.z.taps * g.y.taps * g.x.taps * g.depth; }
size_t Voxels(const VolumeGemm& g) { return g.batch * g.z.grid * g.y.grid * g.x.grid; }

size_t BlockRows(const VolumeGemm& g) {
  const size_t fitting = kBlockBytes / std::max<size_t>(1, PatchFloats(g) * sizeof(float));
  return std::max<size_t>(1, std::min(std::max(kSmallestBlock, fitting), Voxels(g)));
}

// One piece's scratch memory: where each row of a block goes, and its patch.
struct Block {
  float** out;     // [rows]
  float* patches;  // [rows][PatchFloats]
};
size_t BlockBytes(const VolumeGemm& g) {
  return RoundUp64(BlockRows(g) * sizeof(float*)) + RoundUp64(BlockRows(g) * PatchFloats(g) * sizeof(float));
}
Block BlockAt(const VolumeGemm& g, char* scratch) {
  return {reinterpret_cast<float**>(scratch), reinterpret_cast<float*>(scratch + RoundUp64(BlockRows(g) * sizeof(float*)))};
}

bool Inside(ptrdiff_t i, const PixelAxis& axis) { return i >= 0 && static_cast<size_t>(i) < axis.input; }
ptrdiff_t First(const PixelAxis& axis, size_t grid) { return static_cast<ptrdiff_t>(grid) * axis.stride + axis.origin; }

// The x taps of one input row, which lie side by side in memory.
void GatherRun(const VolumeGemm& g, const float* row, ptrdiff_t first, float* to) {
  const ptrdiff_t taps = static_cast<ptrdiff_t>(g.x.taps), width = static_cast<ptrdiff_t>(g.x.input);
  const ptrdiff_t begin = std::clamp<ptrdiff_t>(-first, 0, taps), end = std::clamp<ptrdiff_t>(width - first, begin, taps);
  const size_t depth = g.depth;
  std::fill(to, to + static_cast<size_t>(begin) * depth, 0.0f);
  if (begin < end) {
    std::memcpy(to + static_cast<size_t>(begin) * depth, row + static_cast<size_t>(first + begin) * depth,
                static_cast<size_t>(end - begin) * depth * sizeof(float));
  }
  std::fill(to + static_cast<size_t>(end) * depth, to + static_cast<size_t>(taps) * depth, 0.0f);
}

void GatherRow(const VolumeGemm& g, const float* row, ptrdiff_t first, float* to) {
  if (g.x.step == 1 && g.in.x == g.depth) return GatherRun(g, row, first, to);
  for (size_t t = 0; t < g.x.taps; ++t, first += g.x.step, to += g.depth) {
    if (Inside(first, g.x)) std::memcpy(to, row + static_cast<size_t>(first) * g.in.x, g.depth * sizeof(float));
    else std::fill(to, to + g.depth, 0.0f);
  }
}

void GatherPatch(const VolumeGemm& g, const float* volume, size_t z, size_t y, size_t x, float* patch) {
  const size_t row_floats = g.x.taps * g.depth;
  ptrdiff_t in_z = First(g.z, z);
  for (size_t tz = 0; tz < g.z.taps; ++tz, in_z += g.z.step) {
    ptrdiff_t in_y = First(g.y, y);
    for (size_t ty = 0; ty < g.y.taps; ++ty, in_y += g.y.step, patch += row_floats) {
      if (Inside(in_z, g.z) && Inside(in_y, g.y)) {
        GatherRow(g, volume + static_cast<size_t>(in_z) * g.in.z + static_cast<size_t>(in_y) * g.in.y, First(g.x, x), patch);
      } else {
        std::fill(patch, patch + row_floats, 0.0f);
      }
    }
  }
}

// Result voxels [begin, end), numbered over batch, z, y and x.
void GatherBlock(const VolumeGemm& g, const float* in, float* out, size_t begin, size_t end, const Block& block) {
  const size_t floats = PatchFloats(g);
  for (size_t i = begin; i < end; ++i) {
    const size_t x = i % g.x.grid, y = i / g.x.grid % g.y.grid, z = i / g.x.grid / g.y.grid % g.z.grid;
    const size_t n = i / g.x.grid / g.y.grid / g.z.grid;
    GatherPatch(g, in + n * g.in.batch, z, y, x, block.patches + (i - begin) * floats);
    block.out[i - begin] = out + n * g.out.batch + z * g.out.z + y * g.out.y + x * g.out.x;
  }
}

GemmSplit SplitOf(const VolumeGemm& g, int threads) {
  const size_t inputs = g.batch * g.z.input * g.y.input * g.x.input * g.depth * sizeof(float);
  return SplitGemm(Voxels(g), g.columns, PatchFloats(g), inputs, threads);
}

}  // namespace

size_t VolumeGemmScratchBytes(const VolumeGemm& g) { return SplitOf(g, g.threads).pieces * BlockBytes(g); }

void RunVolumeGemm(const VolumeGemm& g, const float* in, const float* b, const float* bias, Clamp clamp, float* out, void* scratch,
                   const Parallel& parallel) {
  if (Voxels(g) == 0 || g.columns == 0) return;
  const size_t block_rows = BlockRows(g), block_bytes = BlockBytes(g);
  GemmProblem problem;
  problem.columns = g.columns;
  problem.depth = PatchFloats(g);
  problem.a_stride = problem.depth;
  problem.b = b;
  problem.bias = bias;
  problem.clamp = clamp;
  ForGemmPieces(SplitOf(g, g.threads), Voxels(g), g.columns, parallel,
                [&](size_t piece, size_t row_begin, size_t row_end, size_t panel_begin, size_t panel_end) {
                  const Block block = BlockAt(g, static_cast<char*>(scratch) + piece * block_bytes);
                  GemmProblem part = problem;
                  part.a = block.patches;
                  part.c_rows = block.out;
                  for (size_t begin = row_begin; begin < row_end; begin += part.rows) {
                    part.rows = std::min(block_rows, row_end - begin);
                    GatherBlock(g, in, out, begin, begin + part.rows, block);
                    GemmBlock(part, 0, part.rows, panel_begin, panel_end);
                  }
                });
}

}  // namespace tflower::kernels
