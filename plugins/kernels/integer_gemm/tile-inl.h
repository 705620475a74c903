// The register tile of the integer matrix product: MR rows of A times one packed panel of NV vectors. A step takes four bytes of each row, either
// four numbers or two words of 16 bits, and as many for each column.
#if defined(TFLOWER_KERNELS_INTEGER_GEMM_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_INTEGER_GEMM_TILE_INL_H_
#undef TFLOWER_KERNELS_INTEGER_GEMM_TILE_INL_H_
#else
#define TFLOWER_KERNELS_INTEGER_GEMM_TILE_INL_H_
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <hwy/highway.h>

#include "gemm/vector-inl.h"
#include "simd/compat-inl.h"
#include "simd/dot-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {  // one copy per file

using IntTag = hn::ScalableTag<int32_t>;

struct IntTileArgs {
  const char* const* a;  // rows
  size_t steps;
  const char* b;         // the panel, [steps][NV * Lanes][4 bytes]
  const int32_t* start;  // [NV * Lanes]
  int32_t* sums;         // row r at sums + r * NV * Lanes, aligned
  uint32_t flip;         // what the bytes of A are xor-ed with
};

// Registers: accumulators, the panel's vectors, and one of A.
#if HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2
constexpr int kIntVectors = 2;  // 16 registers
constexpr int kIntRows[] = {0, 12, 6};
#else
constexpr int kIntVectors = 4;  // 32 registers
constexpr int kIntRows[] = {0, 14, 12, 8, 6};
#endif

template <bool kBytes, int MR, int NV>
HWY_NOINLINE void IntTile(const IntTileArgs& args) {
  const IntTag d;
  const size_t lanes = hn::Lanes(d);
  Sums acc[MR][NV];
  TFLOWER_UNROLL
  for (int v = 0; v < NV; ++v) {
    const Sums first = ToSums(hn::Load(d, args.start + static_cast<size_t>(v) * lanes));
    TFLOWER_UNROLL
    for (int r = 0; r < MR; ++r) acc[r][v] = first;
  }
  const char* p[MR];
  TFLOWER_UNROLL
  for (int r = 0; r < MR; ++r) p[r] = args.a[r];
  const auto flip = hn::Set(d, static_cast<int32_t>(args.flip));
  const char* b = args.b;
  for (size_t step = 0; step < args.steps; ++step, b += static_cast<size_t>(NV) * lanes * 4) {
    hn::Vec<IntTag> bv[NV];
    TFLOWER_UNROLL
    for (int v = 0; v < NV; ++v) bv[v] = hn::Load(d, reinterpret_cast<const int32_t*>(b) + static_cast<size_t>(v) * lanes);
    TFLOWER_UNROLL
    for (int r = 0; r < MR; ++r) {
      int32_t four;
      std::memcpy(&four, p[r] + step * 4, 4);
      auto av = hn::Set(d, four);
      if constexpr (kBytes) av = hn::Xor(av, flip);
      TFLOWER_UNROLL
      for (int v = 0; v < NV; ++v) {
        if constexpr (kBytes) AddQuads(acc[r][v], av, bv[v]);
        else AddPairs(acc[r][v], av, bv[v]);
      }
    }
  }
  TFLOWER_UNROLL
  for (int r = 0; r < MR; ++r) {
    TFLOWER_UNROLL
    for (int v = 0; v < NV; ++v) hn::Store(FromSums(acc[r][v]), d, args.sums + static_cast<size_t>(r * NV + v) * lanes);
  }
}

using IntTileFn = void (*)(const IntTileArgs&);

template <bool kBytes, int NV, int... kRow>
IntTileFn IntTileOf(size_t rows, std::integer_sequence<int, kRow...>) {
  static constexpr IntTileFn kTable[] = {&IntTile<kBytes, kRow + 1, NV>...};
  return kTable[rows - 1];
}

// The tile for `vectors` in [1, kIntVectors] and `rows` in [1, kIntRows[vectors]].
template <bool kBytes>
IntTileFn IntTileFor(size_t vectors, size_t rows) {
#if !(HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2)
  if (vectors == 3) return IntTileOf<kBytes, 3>(rows, std::make_integer_sequence<int, kIntRows[3]>());
  if (vectors == 4) return IntTileOf<kBytes, 4>(rows, std::make_integer_sequence<int, kIntRows[4]>());
#endif
  if (vectors == 1) return IntTileOf<kBytes, 1>(rows, std::make_integer_sequence<int, kIntRows[1]>());
  return IntTileOf<kBytes, 2>(rows, std::make_integer_sequence<int, kIntRows[2]>());
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();
#endif
