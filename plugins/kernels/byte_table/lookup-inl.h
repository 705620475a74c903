// Vectors of bytes looked up in a table of 256. Files that want two registers of 128 bytes define HWY_WANT_AVX3_DL in front of all includes.
#if defined(TFLOWER_KERNELS_BYTE_TABLE_LOOKUP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_BYTE_TABLE_LOOKUP_INL_H_
#undef TFLOWER_KERNELS_BYTE_TABLE_LOOKUP_INL_H_
#else
#define TFLOWER_KERNELS_BYTE_TABLE_LOOKUP_INL_H_
#endif

#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "gemm/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void MapByTable(const uint8_t* values, const uint8_t* from, uint8_t* to, size_t n) {
  for (size_t i = 0; i < n; ++i) to[i] = values[from[i]];
}
#else
using ByteTag = hn::ScalableTag<uint8_t>;

#if HWY_TARGET == HWY_AVX3_DL
// Four registers; the index's upper bit chooses between two results.
struct ByteLookup {
  __m512i part[4];
  explicit ByteLookup(const uint8_t* values) {
    for (size_t i = 0; i < 4; ++i) part[i] = _mm512_loadu_si512(values + i * 64);
  }
  HWY_INLINE hn::Vec<ByteTag> LookUp(hn::Vec<ByteTag> index) const {
    const __m512i low = _mm512_permutex2var_epi8(part[0], index.raw, part[1]), high = _mm512_permutex2var_epi8(part[2], index.raw, part[3]);
    return hn::Vec<ByteTag>{_mm512_mask_blend_epi8(_mm512_movepi8_mask(index.raw), low, high)};
  }
};
#else
// 16 registers of 16 values. Row r answers indices of [16 r, 16 r + 16); an index whose distance from the row is not below 16 gives 0 by its
// upper bit, which saturation sets.
struct ByteLookup {
  hn::Vec<ByteTag> part[16];
  explicit ByteLookup(const uint8_t* values) {
    for (size_t i = 0; i < 16; ++i) part[i] = hn::LoadDup128(ByteTag(), values + i * 16);
  }
  HWY_INLINE hn::Vec<ByteTag> LookUp(hn::Vec<ByteTag> index) const {
    const ByteTag d;
    hn::Vec<ByteTag> result = hn::Zero(d);
    TFLOWER_UNROLL
    for (size_t i = 0; i < 16; ++i) {
      const auto distance = hn::Sub(index, hn::Set(d, static_cast<uint8_t>(i * 16)));
      const auto outside = hn::And(hn::SaturatedAdd(distance, hn::Set(d, 0x70)), hn::Set(d, 0x8f));  // 0x80 and above from 16 on
      result = hn::Or(result, hn::TableLookupBytesOr0(part[i], outside));
    }
    return result;
  }
};
#endif

// to[i] = values[from[i]]; may be the same memory.
HWY_INLINE void MapByTable(const uint8_t* values, const uint8_t* from, uint8_t* to, size_t n) {
  const ByteTag d;
  const size_t lanes = hn::Lanes(d);
  const ByteLookup look(values);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(look.LookUp(hn::LoadU(d, from + i)), d, to + i);
  for (; i < n; ++i) to[i] = values[from[i]];
}
#endif

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
