// Sums of products of int16 rows with packed int8 weights (recurrent/bytes.h).
#if defined(TFLOWER_KERNELS_RECURRENT_BYTES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_RECURRENT_BYTES_INL_H_
#undef TFLOWER_KERNELS_RECURRENT_BYTES_INL_H_
#else
#define TFLOWER_KERNELS_RECURRENT_BYTES_INL_H_
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

#include "gemm/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using IntTag = hn::RebindToSigned<TileTag>;
using IntVec = hn::Vec<IntTag>;

// sum + a pair's two products. w: [lane][2].
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128  // emulated vectors put the second half into `unused`
HWY_INLINE IntVec AddPair(IntVec sum, int32_t pair, const int8_t* HWY_RESTRICT w) {
  const IntTag d;
  const hn::Repartition<int16_t, IntTag> d16;
  const hn::Rebind<int8_t, decltype(d16)> d8;
  IntVec unused = hn::Zero(d);
  return hn::ReorderWidenMulAccumulate(d, hn::PromoteTo(d16, hn::LoadU(d8, w)), hn::BitCast(d16, hn::Set(d, pair)), sum, unused);  // vpmaddwd
}
#else
HWY_INLINE IntVec AddPair(IntVec sum, int32_t pair, const int8_t* HWY_RESTRICT w) {
  const IntTag d;
  const hn::Rebind<int16_t, IntTag> d16;
  HWY_ALIGN int16_t products[2][HWY_MAX_BYTES / sizeof(int32_t)];
  int16_t x[2];
  std::memcpy(x, &pair, sizeof x);
  for (size_t i = 0; i < hn::Lanes(d); ++i) {
    products[0][i] = static_cast<int16_t>(x[0] * w[2 * i]);  // at most 255 * 128
    products[1][i] = static_cast<int16_t>(x[1] * w[2 * i + 1]);
  }
  return hn::Add(sum, hn::Add(hn::PromoteTo(d, hn::Load(d16, products[0])), hn::PromoteTo(d, hn::Load(d16, products[1]))));
}
#endif

// sums[row][gate] of one block.
template <int kGates, int kRows>
HWY_INLINE void SumBytes(const int16_t* const* x, size_t pairs, const int8_t* HWY_RESTRICT w, IntVec (&sums)[kRows][kGates]) {
  const IntTag d;
  const size_t lanes = hn::Lanes(d);
  TFLOWER_UNROLL
  for (int r = 0; r < kRows; ++r) {
    TFLOWER_UNROLL
    for (int g = 0; g < kGates; ++g) sums[r][g] = hn::Zero(d);
  }
  for (size_t p = 0; p < pairs; ++p, w += 2 * kGates * lanes) {
    TFLOWER_UNROLL
    for (int r = 0; r < kRows; ++r) {
      int32_t pair;
      std::memcpy(&pair, x[r] + 2 * p, sizeof pair);
      TFLOWER_UNROLL
      for (int g = 0; g < kGates; ++g) sums[r][g] = AddPair(sums[r][g], pair, w + static_cast<size_t>(2 * g) * lanes);
    }
  }
}

// start + sum * scale, rounded twice as in TFLite: no fused multiplication.
HWY_INLINE TileVec AddScaled(TileVec start, IntVec sum, float scale) {
  const TileTag d;
  return hn::Add(start, hn::Mul(hn::ConvertTo(d, sum), hn::Set(d, scale)));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();
#endif
