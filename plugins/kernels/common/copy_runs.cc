// Runs of bytes copied by the widest vectors: they leave more room in the queue of stores that wait for memory.
#include "common/copy.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "common/copy_runs.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef TFLOWER_KERNELS_COMMON_COPY_RUNS_ONCE
#define TFLOWER_KERNELS_COMMON_COPY_RUNS_ONCE
namespace tflower::kernels {
struct Runs {
  std::byte* dst;
  const std::byte* src;
  int64_t dst_stride, src_stride;
  const int64_t* offsets;  // of each run in src, instead of a stride, unless null
  int64_t bytes, count;
  const std::byte* From(int64_t i) const { return src + (offsets != nullptr ? offsets[i] : i * src_stride); }
};
}  // namespace tflower::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

// Of at least a vector: the last one overlaps the one in front of it.
template <class D>
void ByVectors(const Runs& runs) {
  const D d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < runs.count; ++i) {
    auto* const to = reinterpret_cast<uint8_t*>(runs.dst + i * runs.dst_stride);
    const auto* const from = reinterpret_cast<const uint8_t*>(runs.From(i));
    for (int64_t k = 0; k + lanes < runs.bytes; k += lanes) hn::StoreU(hn::LoadU(d, from + k), d, to + k);
    hn::StoreU(hn::LoadU(d, from + runs.bytes - lanes), d, to + runs.bytes - lanes);
  }
}
#endif

void Copy(const Runs& runs) {
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t kLong = 1024;  // from here on memcpy pays
  using Whole = hn::ScalableTag<uint8_t>;
  if (runs.bytes < kLong) {
    if (runs.bytes >= static_cast<int64_t>(hn::Lanes(Whole()))) return ByVectors<Whole>(runs);
    if (runs.bytes >= 32) return ByVectors<hn::CappedTag<uint8_t, 32>>(runs);
    if (runs.bytes >= 16) return ByVectors<hn::CappedTag<uint8_t, 16>>(runs);
  }
#endif
  for (int64_t i = 0; i < runs.count; ++i) CopyRun(runs.dst + i * runs.dst_stride, runs.From(i), runs.bytes);
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
  HWY_DYNAMIC_DISPATCH(Copy)({dst, src, dst_stride, src_stride, nullptr, bytes, count});
}
void CopyRunsAt(std::byte* dst, const std::byte* src, const int64_t* offsets, int64_t bytes, int64_t count) {
  HWY_DYNAMIC_DISPATCH(Copy)({dst, src, bytes, 0, offsets, bytes, count});
}

}  // namespace tflower::kernels
#endif
