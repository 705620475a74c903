// Lookups of bytes in a table of 256, compiled once per SIMD target.
#define HWY_WANT_AVX3_DL  // has tables of 128 bytes in two registers
#include "byte_table/byte_table.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "byte_table/lookup_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "byte_table/lookup-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
void MapBytes(const ByteTable& table, const uint8_t* from, uint8_t* to, size_t n) { MapByTable(table.values, from, to, n); }
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
