// The recurrent product of one block of units (recurrent/blocks.h), and the activations of recurrent layers.
#if defined(TFLOWER_KERNELS_RECURRENT_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_RECURRENT_PRODUCT_INL_H_
#undef TFLOWER_KERNELS_RECURRENT_PRODUCT_INL_H_
#else
#define TFLOWER_KERNELS_RECURRENT_PRODUCT_INL_H_
#endif

#include <cstddef>

#include <hwy/highway.h>

#include <tflower/tfl_ops.h>

#include "gemm/vector-inl.h"
#include "recurrent/sequence.h"
#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// Rows of the batch that go through a block together: their sums and a row of the block must fit into the registers.
#if HWY_ARCH_X86 && HWY_TARGET >= HWY_AVX2
constexpr size_t kMaxRows = 2;
#else
constexpr size_t kMaxRows = 4;
#endif

// sums[row][gate] += sum over k of h[row][k] * w[k][gate]. One row alone has several sums of each gate at once, to hide the latency of the
// multiplications: the order of additions depends on the number of rows.
template <int kGates, int kRows>
HWY_INLINE void AddProducts(const float* const* h, size_t depth, const float* HWY_RESTRICT w, TileVec (&sums)[kRows][kGates]) {
  constexpr int kChains = kRows > 1 ? 1 : kGates == 1 ? 8 : kGates == 3 ? 3 : 2;
  const TileTag d;
  const size_t lanes = hn::Lanes(d);
  TileVec more[kChains][kGates];
  TFLOWER_UNROLL
  for (int chain = 1; chain < kChains; ++chain) {
    TFLOWER_UNROLL
    for (int g = 0; g < kGates; ++g) more[chain][g] = hn::Zero(d);
  }
  size_t k = 0;
  for (; k + kChains <= depth; k += kChains) {
    TFLOWER_UNROLL
    for (int chain = 0; chain < kChains; ++chain, w += kGates * lanes) {
      TileVec row_of_w[kGates];
      TFLOWER_UNROLL
      for (int g = 0; g < kGates; ++g) row_of_w[g] = hn::Load(d, w + static_cast<size_t>(g) * lanes);
      TFLOWER_UNROLL
      for (int r = 0; r < kRows; ++r) {
        const TileVec x = hn::Set(d, h[r][k + static_cast<size_t>(chain)]);
        TFLOWER_UNROLL
        for (int g = 0; g < kGates; ++g) {
          TileVec& sum = chain == 0 ? sums[r][g] : more[chain][g];
          sum = hn::MulAdd(x, row_of_w[g], sum);
        }
      }
    }
  }
  for (; k < depth; ++k, w += kGates * lanes) {
    TFLOWER_UNROLL
    for (int g = 0; g < kGates; ++g) sums[0][g] = hn::MulAdd(hn::Set(d, h[0][k]), hn::Load(d, w + static_cast<size_t>(g) * lanes), sums[0][g]);
  }
  TFLOWER_UNROLL
  for (int chain = 1; chain < kChains; ++chain) {
    TFLOWER_UNROLL
    for (int g = 0; g < kGates; ++g) sums[0][g] = hn::Add(sums[0][g], more[chain][g]);
  }
}

// kSome(args..., row, block) for kMaxRows rows of each block together, kOne for those that are left, one by one. No lambdas: compilers make slower code of them.
template <auto kSome, auto kOne, class... Args>
HWY_INLINE void EachBlock(Range rows, Range blocks, bool downwards, const Args&... args) {
  for (size_t i = blocks.begin; i < blocks.end; ++i) {
    const size_t block = downwards ? blocks.begin + blocks.end - 1 - i : i;
    size_t row = rows.begin;
    for (; row + kMaxRows <= rows.end; row += kMaxRows) kSome(args..., row, block);
    for (; row < rows.end; ++row) kOne(args..., row, block);
  }
}

// The units of a block from `unit` on, of which a row has `units`.
HWY_INLINE void StoreUnits(TileVec v, float* row, size_t unit, size_t units) {
  const TileTag d;
  if (HWY_LIKELY(units - unit >= hn::Lanes(d))) hn::StoreU(v, d, row + unit);
  else StoreN(v, d, row + unit, units - unit);
}

// What CheckRecurrentActivation lets pass.
HWY_INLINE TileVec Activate(tfl::ActivationFunctionType activation, TileVec x) {
  const TileTag d;
  switch (activation) {
    case tfl::ActivationFunctionType::TANH: return TanhF32(d, x);
    case tfl::ActivationFunctionType::RELU: return MaxKeepNaN(d, x, hn::Zero(d));
    case tfl::ActivationFunctionType::RELU_N1_TO_1: return ClampKeepNaN(d, x, hn::Set(d, -1.0f), hn::Set(d, 1.0f));
    case tfl::ActivationFunctionType::RELU6: return ClampKeepNaN(d, x, hn::Zero(d), hn::Set(d, 6.0f));
    default: return x;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();
#endif
