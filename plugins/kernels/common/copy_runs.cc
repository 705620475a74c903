// Runs of bytes copied by the widest vectors: they leave more room in the queue of stores that wait for memory.
#include "common/copy.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "common/copy_runs.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
struct Runs {
  std::byte* dst;
  const std::byte* src;
  int64_t dst_stride, src_stride, bytes, count;
};

// Of at least a vector: the last one overlaps the one in front of it.
template <class D>
void ByVectors(const Runs& runs) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  uint8_t* to = reinterpret_cast<uint8_t*>(runs.dst);
  const uint8_t* from = reinterpret_cast<const uint8_t*>(runs.src);
  for (int64_t i = 0; i < runs.count; ++i, to += runs.dst_stride, from += runs.src_stride) {
    for (int64_t k = 0; k + lanes < runs.bytes; k += lanes) hn::StoreU(hn::LoadU(d, from + k), d, to + k);
    hn::StoreU(hn::LoadU(d, from + runs.bytes - lanes), d, to + runs.bytes - lanes);
  }
}
#endif

void Copy(std::byte* dst, int64_t dst_stride, const std::byte* src, int64_t src_stride, int64_t bytes, int64_t count) {
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t kLong = 1024;  // from here on memcpy pays
  const Runs runs{dst, src, dst_stride, src_stride, bytes, count};
  using Whole = hn::ScalableTag<uint8_t>;
  if (bytes >= kLong) {
    for (int64_t i = 0; i < count; ++i) std::memcpy(dst + i * dst_stride, src + i * src_stride, static_cast<size_t>(bytes));
    return;
  }
  if (bytes >= static_cast<int64_t>(hn::Lanes(Whole()))) return ByVectors<Whole>(runs);
  if (bytes >= 32) return ByVectors<hn::CappedTag<uint8_t, 32>>(runs);
  if (bytes >= 16) return ByVectors<hn::CappedTag<uint8_t, 16>>(runs);
#endif
  for (int64_t i = 0; i < count; ++i, dst += dst_stride, src += src_stride) CopyRun(dst, src, bytes);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Copy);
}  // namespace

void CopyRuns(std::byte* dst, int64_t dst_stride, const std::byte* src, int64_t src_stride, int64_t bytes, int64_t count) {
  HWY_DYNAMIC_DISPATCH(Copy)(dst, dst_stride, src, src_stride, bytes, count);
}

}  // namespace tflower::kernels
#endif
