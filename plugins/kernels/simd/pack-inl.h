// Vectors of 32-bit sums as vectors of bytes.
#if defined(TFLOWER_KERNELS_SIMD_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_SIMD_PACK_INL_H_
#undef TFLOWER_KERNELS_SIMD_PACK_INL_H_
#else
#define TFLOWER_KERNELS_SIMD_PACK_INL_H_
#endif

#include <cstdint>

#include <hwy/highway.h>

#if HWY_TARGET != HWY_SCALAR
HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Words of 16 bits as bytes, saturated: in each block of 128 bits those of a in front of those of b.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
HWY_INLINE hn::Vec512<int8_t> PackedWords(hn::Vec512<int16_t> a, hn::Vec512<int16_t> b) { return hn::Vec512<int8_t>{_mm512_packs_epi16(a.raw, b.raw)}; }
#endif
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
HWY_INLINE hn::Vec256<int8_t> PackedWords(hn::Vec256<int16_t> a, hn::Vec256<int16_t> b) { return hn::Vec256<int8_t>{_mm256_packs_epi16(a.raw, b.raw)}; }
#endif
HWY_INLINE hn::Vec128<int8_t> PackedWords(hn::Vec128<int16_t> a, hn::Vec128<int16_t> b) {
  const hn::FixedTag<int8_t, 16> d;
  const hn::FixedTag<int8_t, 8> half;
  return hn::Combine(d, hn::DemoteTo(half, b), hn::DemoteTo(half, a));
}

// Four vectors of 32 bits as one of stored bytes. D: tag of int32_t. kClamp: false where the bounds are those of the type, which saturation keeps.
// kZero: false where x has the zero point already (less 128 for uint8).
template <class D, bool kClamp = true, bool kZero = true>
struct BytePacker {
  using V = hn::Vec<D>;
  using Words = hn::Repartition<int16_t, D>;
  using Bytes = hn::Repartition<int8_t, D>;

  // y = clamp(x + zero, lo, hi), of int8 or uint8.
  BytePacker(int32_t zero, int32_t lo, int32_t hi, bool is_unsigned) {
    const int32_t middle = is_unsigned ? 128 : 0;  // uint8 is packed as int8, 128 below, and flipped
    zero_ = hn::Set(Words(), static_cast<int16_t>(zero - middle));
    lo_ = hn::Set(Bytes(), static_cast<int8_t>(lo - middle)), hi_ = hn::Set(Bytes(), static_cast<int8_t>(hi - middle));
    flip_ = hn::Set(Bytes(), static_cast<int8_t>(middle));
    const size_t blocks = hn::Lanes(D()) / 4;
    HWY_ALIGN int32_t order[HWY_MAX_BYTES / 4];
    for (size_t v = 0; v < 4; ++v) {
      for (size_t i = 0; i < blocks; ++i) order[v * blocks + i] = static_cast<int32_t>(i * 4 + v);
    }
    order_ = hn::Load(D(), order);
  }
  // In each block of 128 bits those of a, then those of b, c and d. Saturation on the way does not matter: the clamp is last, and its bounds lie in
  // the bytes.
  HWY_INLINE hn::Vec<Bytes> PackBlocks(V a, V b, V c, V d) const {
    const Words words;
    auto lower = hn::ReorderDemote2To(words, a, b), upper = hn::ReorderDemote2To(words, c, d);
    if constexpr (kZero) lower = hn::SaturatedAdd(lower, zero_), upper = hn::SaturatedAdd(upper, zero_);
    const auto bytes = PackedWords(lower, upper);
    return hn::Xor(kClamp ? hn::Min(hn::Max(bytes, lo_), hi_) : bytes, flip_);
  }
  // In their order.
  HWY_INLINE hn::Vec<Bytes> Pack(V a, V b, V c, V d) const { return InOrder(PackBlocks(a, b, c, d)); }
  HWY_INLINE hn::Vec<Bytes> InOrder(hn::Vec<Bytes> bytes) const {
    const D lanes;
    if (hn::Lanes(lanes) <= 4) return bytes;
    return hn::BitCast(Bytes(), hn::TableLookupLanes(hn::BitCast(lanes, bytes), hn::IndicesFromVec(lanes, order_)));
  }

 private:
  hn::Vec<Words> zero_;
  hn::Vec<Bytes> lo_, hi_, flip_;
  V order_;
};

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
#endif
