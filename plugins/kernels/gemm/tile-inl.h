// The register tile of the float matrix product: MR rows of A times one packed panel of NV vectors.
#if defined(TFLOWER_KERNELS_GEMM_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_GEMM_TILE_INL_H_
#undef TFLOWER_KERNELS_GEMM_TILE_INL_H_
#else
#define TFLOWER_KERNELS_GEMM_TILE_INL_H_
#endif

#include <cstddef>
#include <utility>

#include <hwy/highway.h>

#include "gemm/gemm.h"
#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {  // one copy per file: other files of the plugin may use the same names
namespace hn = hwy::HWY_NAMESPACE;

struct TileArgs {
  const float* const* a;      // tap t of row r is a[r * a_step + t]
  size_t a_step, taps, depth;
  const float* b;             // the panel, [taps * depth][NV * Lanes]
  const float* ahead;         // cache lines from here are asked for while the tile runs, one per k
  const float* bias;          // [NV * Lanes]
  const float* const* start;  // row r is added before the clamp, or null
  float* const* c;            // column 0 of C's (and start's) row r is c[r] + column
  size_t column;
  size_t columns;             // how many the panel has, 1 .. NV * Lanes
  Clamp clamp;
};

// Rows of a tile by the panel's width in vectors: as many accumulators as registers allow beside the panel's vectors and the
// broadcast of A. (As a memory operand it would be loaded once per accumulator, and one accumulator too many is written to
// the stack and read back for each k.) Two FMA ports with 4 cycles latency need 8.
#if HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2
constexpr int kMaxVectors = 2;  // 16 registers
constexpr int kTileRows[] = {0, 12, kGemmTileRows};
#else
constexpr int kMaxVectors = 4;  // 32 registers
constexpr int kTileRows[] = {0, 14, 14, 9, kGemmTileRows};
#endif

// Into L2 only: the lines are used one panel later. Each tile asks for a part of the next panel, so that it is there when
// the current one is done; only tiles that compute longer than they read are worth it.
template <int MR, int NV>
HWY_INLINE void PrefetchAhead(const float* p) {
#if defined(__GNUC__) || defined(__clang__)
  if constexpr (NV == kMaxVectors && MR > 1) __builtin_prefetch(p, 0, 2);
#else
  (void)p;
#endif
}

// The values before the clamp are in sums[rows][width]: adds `start`, clamps and stores the columns that exist.
HWY_NOINLINE void FinishRows(const TileArgs& args, const float* sums, size_t rows, size_t width) {
  const TileTag d;
  const size_t lanes = hn::Lanes(d);
  const TileVec lo = hn::Set(d, args.clamp.lo), hi = hn::Set(d, args.clamp.hi);
  for (size_t r = 0; r < rows; ++r, sums += width) {
    float* const c = args.c[r] + args.column;
    const float* const start = args.start != nullptr ? args.start[r] + args.column : nullptr;
    size_t n = 0;
    for (; n + lanes <= args.columns; n += lanes) {
      TileVec x = hn::Load(d, sums + n);
      if (start != nullptr) x = hn::Add(x, hn::LoadU(d, start + n));
      hn::StoreU(ClampKeepNaN(d, x, lo, hi), d, c + n);
    }
    if (n < args.columns) {
      const size_t rest = args.columns - n;
      TileVec x = hn::Load(d, sums + n);
      if (start != nullptr) x = hn::Add(x, LoadN(d, start + n, rest));
      StoreN(ClampKeepNaN(d, x, lo, hi), d, c + n, rest);
    }
  }
}

// Few rows have few accumulators, so their sums are cut into several partial ones to hide the FMA latency.
constexpr int PartialSums(int accumulators) { return accumulators >= 8 ? 1 : accumulators >= 4 ? 2 : accumulators >= 2 ? 4 : 8; }

template <int MR, int NV>
HWY_INLINE void TileStep(const float* const* p, size_t k, const float* b, TileVec (&acc)[MR][NV]) {
  const TileTag d;
  TileVec bv[NV];
  TFLOWER_UNROLL
  for (int v = 0; v < NV; ++v) bv[v] = hn::Load(d, b + v * hn::Lanes(d));
  TFLOWER_UNROLL
  for (int r = 0; r < MR; ++r) {
    const TileVec av = hn::Set(d, p[r][k]);
    TFLOWER_UNROLL
    for (int v = 0; v < NV; ++v) acc[r][v] = hn::MulAdd(av, bv[v], acc[r][v]);
  }
}

template <int MR, int NV>
HWY_INLINE void TileStore(const TileArgs& args, const TileVec (&acc)[MR][NV]) {
  const TileTag d;
  const size_t lanes = hn::Lanes(d);
  if (args.start != nullptr || args.columns < NV * lanes) {
    HWY_ALIGN float sums[MR * NV * HWY_MAX_BYTES / sizeof(float)];
    TFLOWER_UNROLL
    for (int r = 0; r < MR; ++r) {
      TFLOWER_UNROLL
      for (int v = 0; v < NV; ++v) hn::Store(acc[r][v], d, sums + (r * NV + v) * lanes);
    }
    return FinishRows(args, sums, MR, NV * lanes);
  }
  const auto store = [&](const auto& finished) HWY_ATTR {
    TFLOWER_UNROLL
    for (int r = 0; r < MR; ++r) {
      float* const c = args.c[r] + args.column;
      TFLOWER_UNROLL
      for (int v = 0; v < NV; ++v) hn::StoreU(finished(acc[r][v]), d, c + v * lanes);
    }
  };
  if (args.clamp.changes_nothing()) return store([](TileVec x) HWY_ATTR { return x; });
  const TileVec lo = hn::Set(d, args.clamp.lo), hi = hn::Set(d, args.clamp.hi);
  store([&](TileVec x) HWY_ATTR { return ClampKeepNaN(d, x, lo, hi); });
}

template <int MR, int NV>
HWY_NOINLINE void Tile(const TileArgs& args) {
  const TileTag d;
  const size_t lanes = hn::Lanes(d);
  constexpr int kSums = PartialSums(MR * NV);
  TileVec acc[kSums][MR][NV];
  TFLOWER_UNROLL
  for (int v = 0; v < NV; ++v) {
    const TileVec bias = hn::LoadU(d, args.bias + v * lanes);
    TFLOWER_UNROLL
    for (int r = 0; r < MR; ++r) {
      acc[0][r][v] = bias;
      TFLOWER_UNROLL
      for (int s = 1; s < kSums; ++s) acc[s][r][v] = hn::Zero(d);
    }
  }
  const float* b = args.b;
  const float* ahead = args.ahead;
  const size_t depth = args.depth;
  const float* const* a = args.a;
  for (size_t t = 0; t < args.taps; ++t, ++a) {
    const float* p[MR];
    TFLOWER_UNROLL
    for (int r = 0; r < MR; ++r) p[r] = a[r * args.a_step];
    size_t k = 0;
    for (; k + kSums <= depth; k += kSums) {
      TFLOWER_UNROLL
      for (int s = 0; s < kSums; ++s) {
        PrefetchAhead<MR, NV>(ahead + s * (64 / sizeof(float)));
        TileStep<MR, NV>(p, k + s, b + s * NV * lanes, acc[s]);
      }
      b += kSums * NV * lanes;
      ahead += kSums * (64 / sizeof(float));
    }
    for (; kSums > 1 && k < depth; ++k, b += NV * lanes) TileStep<MR, NV>(p, k, b, acc[0]);
  }
  TFLOWER_UNROLL
  for (int s = 1; s < kSums; ++s) {
    TFLOWER_UNROLL
    for (int r = 0; r < MR; ++r) {
      TFLOWER_UNROLL
      for (int v = 0; v < NV; ++v) acc[0][r][v] = hn::Add(acc[0][r][v], acc[s][r][v]);
    }
  }
  TileStore<MR, NV>(args, acc[0]);
}

using TileFn = void (*)(const TileArgs&);

template <int NV, int... kRow>
TileFn TileOf(size_t rows, std::integer_sequence<int, kRow...>) {
  static constexpr TileFn kTable[] = {&Tile<kRow + 1, NV>...};
  return kTable[rows - 1];
}

// The tile for `vectors` in [1, kMaxVectors] and `rows` in [1, kTileRows[vectors]]. There is one for every count of rows, so
// that a remainder costs nothing extra.
TileFn TileFor(size_t vectors, size_t rows) {
#if HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2
  if (vectors == 1) return TileOf<1>(rows, std::make_integer_sequence<int, kTileRows[1]>());
  return TileOf<2>(rows, std::make_integer_sequence<int, kTileRows[2]>());
#else
  if (vectors == 1) return TileOf<1>(rows, std::make_integer_sequence<int, kTileRows[1]>());
  if (vectors == 2) return TileOf<2>(rows, std::make_integer_sequence<int, kTileRows[2]>());
  if (vectors == 3) return TileOf<3>(rows, std::make_integer_sequence<int, kTileRows[3]>());
  return TileOf<4>(rows, std::make_integer_sequence<int, kTileRows[4]>());
#endif
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();
#endif
