// Lookups of bytes in a table of 256, compiled once per SIMD target.
#define HWY_WANT_AVX3_DL  // has tables of 128 bytes in two registers
#include <cstring>

#include "byte_table/byte_table.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "byte_table/lookup_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "gemm/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
#if HWY_TARGET == HWY_SCALAR
void MapBytes(const ByteTable& table, const uint8_t* from, uint8_t* to, size_t n) { MapBytesRef(table, from, to, n); }
#else
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<uint8_t>;
using V = hn::Vec<D>;

#if HWY_TARGET == HWY_AVX3_DL
// Four registers; the index's upper bit chooses between two results.
struct Table {
  __m512i part[4];
  explicit Table(const uint8_t* values) {
    for (size_t i = 0; i < 4; ++i) part[i] = _mm512_loadu_si512(values + i * 64);
  }
  HWY_INLINE V LookUp(V index) const {
    const __m512i low = _mm512_permutex2var_epi8(part[0], index.raw, part[1]), high = _mm512_permutex2var_epi8(part[2], index.raw, part[3]);
    return V{_mm512_mask_blend_epi8(_mm512_movepi8_mask(index.raw), low, high)};
  }
};
#else
// 16 registers of 16 values. Row r answers indices of [16 r, 16 r + 16); an index whose distance from the row is not below 16 gives 0 by its
// upper bit, which saturation sets.
struct Table {
  V part[16];
  explicit Table(const uint8_t* values) {
    for (size_t i = 0; i < 16; ++i) part[i] = hn::LoadDup128(D(), values + i * 16);
  }
  HWY_INLINE V LookUp(V index) const {
    const D d;
    V result = hn::Zero(d);
    TFLOWER_UNROLL
    for (size_t i = 0; i < 16; ++i) {
      const V distance = hn::Sub(index, hn::Set(d, static_cast<uint8_t>(i * 16)));
      const V outside = hn::And(hn::SaturatedAdd(distance, hn::Set(d, 0x70)), hn::Set(d, 0x8f));  // 0x80 and above from 16 on
      result = hn::Or(result, hn::TableLookupBytesOr0(part[i], outside));
    }
    return result;
  }
};
#endif

void MapBytes(const ByteTable& table, const uint8_t* from, uint8_t* to, size_t n) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const Table look(table.values);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(look.LookUp(hn::LoadU(d, from + i)), d, to + i);
  if (i < n) MapBytesRef(table, from + i, to + i, n - i);
}
#endif
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(MapBytes);
}  // namespace

void ByteTable::Map(const void* from, void* to, int64_t n, const Parallel& parallel) const {
  const auto map = HWY_DYNAMIC_DISPATCH(MapBytes);
  parallel.For(n, 64 * 1024, [&](int64_t begin, int64_t end) {
    map(*this, static_cast<const uint8_t*>(from) + begin, static_cast<uint8_t*>(to) + begin, static_cast<size_t>(end - begin));
  });
}

}  // namespace tflower::kernels
#endif
