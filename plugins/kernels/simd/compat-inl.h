// What Highway 1.0.3 lacks, under the names newer Highway versions use, and the few operations that differ between instruction sets.
//
// Include inside a HWY_TARGET_INCLUDE file, after hwy/highway.h. This, and the other headers of this folder, are the only ones that may look at the target for
// its instructions.
// Every name here works for every target, also for the one-lane SCALAR.
#if defined(TFLOWER_KERNELS_SIMD_COMPAT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_COMPAT_INL_H_
#undef TFLOWER_KERNELS_SIMD_COMPAT_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_COMPAT_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#undef TFLOWER_HWY_BEFORE_1_0_6
#if HWY_MAJOR == 1 && HWY_MINOR == 0 && HWY_PATCH < 6
#define TFLOWER_HWY_BEFORE_1_0_6 1
#else
#define TFLOWER_HWY_BEFORE_1_0_6 0
#endif

// x86 vector units: min/max return their second operand when one is NaN (emulated ones, EMU128: the number), and AVX2 upwards has masked memory access.
#undef TFLOWER_X86_VECTOR
#undef TFLOWER_X86_MASKED_MEMORY
#define TFLOWER_X86_VECTOR (HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128)
#define TFLOWER_X86_MASKED_MEMORY (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2)

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// LoadN and StoreN of 32- and 64-bit lanes are single instructions; elsewhere they go through memory.
constexpr bool kMaskedMemory = TFLOWER_X86_MASKED_MEMORY != 0;

// Conversions between float16 and float are single instructions.
constexpr bool kHalfConversions = TFLOWER_X86_MASKED_MEMORY != 0;

// MulAdd and its kin round once.
constexpr bool kFusedMulAdd = TFLOWER_X86_MASKED_MEMORY != 0 || (HWY_ARCH_ARM_A64 != 0 && HWY_TARGET != HWY_SCALAR);

#if TFLOWER_HWY_BEFORE_1_0_6
// The first min(n, Lanes(d)) lanes of p, the rest zero; reads nothing beyond them.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadN(D d, const T* HWY_RESTRICT p, size_t n) {
#if TFLOWER_X86_MASKED_MEMORY
  if constexpr (sizeof(T) >= 4) return hn::MaskedLoad(hn::FirstN(d, n), d, p);
#endif
  HWY_ALIGN T lanes[HWY_MAX_BYTES / sizeof(T)] = {};
  std::memcpy(lanes, p, sizeof(T) * HWY_MIN(n, hn::Lanes(d)));
  return hn::Load(d, lanes);
}

// Stores the first min(n, Lanes(d)) lanes of v and touches nothing beyond them.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE void StoreN(hn::Vec<D> v, D d, T* HWY_RESTRICT p, size_t n) {
#if TFLOWER_X86_MASKED_MEMORY
  if constexpr (sizeof(T) >= 4) {
    hn::BlendedStore(v, hn::FirstN(d, n), d, p);
    return;
  }
#endif
  HWY_ALIGN T lanes[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(v, d, lanes);
  std::memcpy(p, lanes, sizeof(T) * HWY_MIN(n, hn::Lanes(d)));
}

// One value from all lanes.
template <class D>
HWY_INLINE hn::TFromD<D> ReduceSum(D d, hn::Vec<D> v) { return hn::GetLane(hn::SumOfLanes(d, v)); }
template <class D>
HWY_INLINE hn::TFromD<D> ReduceMax(D d, hn::Vec<D> v) { return hn::GetLane(hn::MaxOfLanes(d, v)); }
template <class D>
HWY_INLINE hn::TFromD<D> ReduceMin(D d, hn::Vec<D> v) { return hn::GetLane(hn::MinOfLanes(d, v)); }
#else
using hn::LoadN;
using hn::ReduceMax;
using hn::ReduceMin;
using hn::ReduceSum;
using hn::StoreN;
#endif

// min(hi, max(lo, v)), NaN stays NaN: the bounds are data, so one kernel serves every fused activation.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ClampKeepNaN(D, V v, V lo, V hi) {
#if TFLOWER_X86_VECTOR
  return hn::Min(hi, hn::Max(lo, v));
#else
  return hn::IfThenElse(hn::Lt(v, lo), lo, hn::IfThenElse(hn::Gt(v, hi), hi, v));
#endif
}

// v, loaded by an instruction of its own: where a masked one loads its operand, the load waits for the mask, and memory for the load.
template <class V>
HWY_INLINE V InRegister(V v) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3 && (defined(__GNUC__) || defined(__clang__))
  __asm__("" : "+v"(v.raw));
#endif
  return v;
}

// max(a, b) and min(a, b) that give NaN when either operand is NaN, as TensorFlow's do. Where a is what was found so far, a chain of them waits for one instruction
// of each only.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V MaxKeepNaN(D, V a, V b) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  if constexpr (sizeof(V) == 64) return V{_mm512_mask_max_ps(b.raw, _mm512_cmp_ps_mask(b.raw, b.raw, _CMP_EQ_OQ), b.raw, a.raw)};
#endif
#if TFLOWER_X86_VECTOR
  return hn::IfThenElse(hn::Eq(b, b), hn::Max(b, a), b);
#else
  return hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::Not(hn::Eq(a, a))), a, b);
#endif
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V MinKeepNaN(D, V a, V b) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  if constexpr (sizeof(V) == 64) return V{_mm512_mask_min_ps(b.raw, _mm512_cmp_ps_mask(b.raw, b.raw, _CMP_EQ_OQ), b.raw, a.raw)};
#endif
#if TFLOWER_X86_VECTOR
  return hn::IfThenElse(hn::Eq(b, b), hn::Min(b, a), b);
#else
  return hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::Not(hn::Eq(a, a))), a, b);
#endif
}

// The line at p will be written.
HWY_INLINE void PrefetchToWrite([[maybe_unused]] const void* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p, 1);
#endif
}

// The nearest integer, ties to even, and the integer part, of |v| < 2^31. d: tag of int32_t. (hn::NearestInt and hn::ConvertTo also bring larger numbers into
// range, in several instructions more.)
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
#if HWY_TARGET <= HWY_AVX3
HWY_INLINE hn::Vec512<int32_t> NearestOf(hn::Vec512<float> v) { return hn::Vec512<int32_t>{_mm512_cvtps_epi32(v.raw)}; }
HWY_INLINE hn::Vec512<int32_t> TruncatedOf(hn::Vec512<float> v) { return hn::Vec512<int32_t>{_mm512_cvttps_epi32(v.raw)}; }
#endif
#if HWY_TARGET <= HWY_AVX2
HWY_INLINE hn::Vec256<int32_t> NearestOf(hn::Vec256<float> v) { return hn::Vec256<int32_t>{_mm256_cvtps_epi32(v.raw)}; }
HWY_INLINE hn::Vec256<int32_t> TruncatedOf(hn::Vec256<float> v) { return hn::Vec256<int32_t>{_mm256_cvttps_epi32(v.raw)}; }
#endif
template <size_t N>
HWY_INLINE hn::Vec128<int32_t, N> NearestOf(hn::Vec128<float, N> v) { return hn::Vec128<int32_t, N>{_mm_cvtps_epi32(v.raw)}; }
template <size_t N>
HWY_INLINE hn::Vec128<int32_t, N> TruncatedOf(hn::Vec128<float, N> v) { return hn::Vec128<int32_t, N>{_mm_cvttps_epi32(v.raw)}; }
template <class D, class V>
HWY_INLINE hn::Vec<D> NearestInRange(D, V v) { return NearestOf(v); }
template <class D, class V>
HWY_INLINE hn::Vec<D> TruncatedInRange(D, V v) { return TruncatedOf(v); }
#else
template <class D, class V>
HWY_INLINE hn::Vec<D> NearestInRange(D, V v) { return hn::NearestInt(v); }
template <class D, class V>
HWY_INLINE hn::Vec<D> TruncatedInRange(D d, V v) { return hn::ConvertTo(d, v); }
#endif

// v * 2^e with one rounding; e holds integers in [-252, 254], v is NaN or |v| lies in [0.5, 2).
// The generic form multiplies by two powers so that 2^128 comes out right.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V MulByPow2(D d, V v, V e) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  if constexpr (sizeof(V) == 64) return V{_mm512_scalef_ps(v.raw, e.raw)};
#endif
  const hn::RebindToSigned<D> di;
  const auto n = TruncatedInRange(di, e);
  const auto half = hn::ShiftRight<1>(n);
  const auto bias = hn::Set(di, 127);
  v = hn::Mul(v, hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(half, bias))));
  return hn::Mul(v, hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(hn::Sub(n, half), bias))));
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TFLOWER_KERNELS_SIMD_COMPAT_INL_H_
