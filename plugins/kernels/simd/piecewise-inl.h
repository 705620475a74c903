// Functions by polynomials of 32 pieces, whose coefficients are looked up in registers: no exponential, no division. For machines that look up 32 floats
// in one instruction.
//
// Include inside a HWY_TARGET_INCLUDE file.
#if defined(TFLOWER_KERNELS_SIMD_PIECEWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_PIECEWISE_INL_H_
#undef TFLOWER_KERNELS_SIMD_PIECEWISE_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_PIECEWISE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>

#include "simd/pieces.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr float kDistributionEnd = 5.37f;

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
template <class D>
constexpr bool kPiecewise = sizeof(hn::Vec<D>) == 64;

// table[index mod 32] for 32 aligned floats.
HWY_INLINE hn::Vec512<float> LookUp32(const float* table, hn::Vec512<int32_t> index) {
  return hn::Vec512<float>{_mm512_permutex2var_ps(_mm512_load_ps(table), index.raw, _mm512_load_ps(table + 16))};
}

// The polynomial of piece `index` at t. kPowers: coefficients of each piece.
template <int kPowers, class D, class V = hn::Vec<D>>
HWY_INLINE V PieceAt(D, const float* pieces, hn::Vec512<int32_t> index, V t) {
  V y = LookUp32(pieces + 32 * (kPowers - 1), index);
#pragma GCC unroll 8
  for (int k = kPowers - 2; k >= 0; --k) y = hn::MulAdd(y, t, LookUp32(pieces + 32 * k, index));
  return y;
}

// tanh of a >= 0 or NaN. The piece is told by the exponent and two bits of the mantissa. The bound of a leaves NaN as it is.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V TanhByPieces(D d, V a) {
  const hn::RebindToSigned<D> di;
  a = hn::Min(hn::Set(d, 9.02f), a);
  const auto index = hn::Max(hn::Sub(hn::ShiftRight<21>(hn::BitCast(di, a)), hn::Set(di, 4 * 124 - 1)), hn::Zero(di));
  return PieceAt<6>(d, kTanhPieces, index, hn::Sub(a, LookUp32(kTanhMiddles, index)));
}

// x times a distribution function, given by its pieces for -|x|; all |x| are below kDistributionEnd. Adding 1.5 * 2^21 rounds to multiples of 1/4.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V TimesDistribution(D d, const float* pieces, V x) {
  const hn::RebindToSigned<D> di;
  const V a = hn::Abs(x), magic = hn::Set(d, 3145728.0f), sum = hn::Add(a, magic);
  const V below = PieceAt<7>(d, pieces, hn::BitCast(di, sum), hn::Sub(a, hn::Sub(sum, magic)));
  return hn::Mul(x, hn::IfThenElse(hn::Lt(x, hn::Zero(d)), below, hn::Sub(hn::Set(d, 1.0f), below)));
}
#else
template <class D>
constexpr bool kPiecewise = false;
template <class D, class V = hn::Vec<D>>
HWY_INLINE V TanhByPieces(D, V a) { return a; }  // nobody calls them
template <class D, class V = hn::Vec<D>>
HWY_INLINE V TimesDistribution(D, const float*, V x) { return x; }
#endif

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TFLOWER_KERNELS_SIMD_PIECEWISE_INL_H_
