// Products of small integers added up in 32-bit lanes: pairs of 16-bit words everywhere, quads of bytes where the machine has them in one
// instruction. A file that wants the latter defines HWY_WANT_AVX3_DL in front of its first include.
#if defined(TFLOWER_KERNELS_SIMD_DOT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_DOT_INL_H_
#undef TFLOWER_KERNELS_SIMD_DOT_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_DOT_INL_H_
#endif

#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using SumVec = hn::Vec<hn::ScalableTag<int32_t>>;

// Accumulators. In an array, gcc keeps those that assembly writes in registers only if they are of its own vector type.
#if HWY_TARGET == HWY_AVX3_DL
constexpr bool kHasQuads = true;
using Sums = int32_t __attribute__((vector_size(64)));
HWY_INLINE Sums ToSums(SumVec v) { return reinterpret_cast<Sums>(v.raw); }
HWY_INLINE SumVec FromSums(Sums s) { return SumVec{reinterpret_cast<__m512i>(s)}; }

// acc += the products of four unsigned bytes of a and four signed ones of b. Highway 1.0.3 does not name AVX512_VNNI among the target's
// features, so that the intrinsic does not compile.
HWY_INLINE void AddQuads(Sums& acc, SumVec a, SumVec b) { asm("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(a.raw), "v"(b.raw)); }

// The same for vectors of any length.
template <class V>
HWY_INLINE V AddedQuads(V acc, V a, V b) {
  asm("vpdpbusd %2, %1, %0" : "+v"(acc.raw) : "v"(a.raw), "v"(b.raw));
  return acc;
}
#else
constexpr bool kHasQuads = false;
using Sums = SumVec;
HWY_INLINE Sums ToSums(SumVec v) { return v; }
HWY_INLINE SumVec FromSums(Sums s) { return s; }
HWY_INLINE void AddQuads(Sums&, SumVec, SumVec) {}  // nobody packs for it
#endif

// acc += the products of two signed words of a and of b.
HWY_INLINE void AddPairs(Sums& acc, SumVec a, SumVec b) {
#if HWY_TARGET == HWY_SCALAR
  const auto word = [](int32_t pair, int shift) { return static_cast<int32_t>(static_cast<int16_t>(static_cast<uint32_t>(pair) >> shift)); };
  const int32_t x = hn::GetLane(a), y = hn::GetLane(b);
  const uint32_t sum = static_cast<uint32_t>(hn::GetLane(acc)) + static_cast<uint32_t>(word(x, 0) * word(y, 0)) + static_cast<uint32_t>(word(x, 16) * word(y, 16));
  acc = hn::Set(hn::ScalableTag<int32_t>(), static_cast<int32_t>(sum));
#else
  const hn::ScalableTag<int32_t> d;
  const hn::Repartition<int16_t, decltype(d)> words;
  SumVec second = hn::Zero(d);  // some machines give the products of two halves
  const SumVec first = hn::ReorderWidenMulAccumulate(d, hn::BitCast(words, a), hn::BitCast(words, b), hn::Zero(d), second);
  acc = ToSums(hn::Add(FromSums(acc), hn::RearrangeToOddPlusEven(first, second)));
#endif
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
