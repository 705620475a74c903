// Runs of bytes copied by the widest vectors: they leave more room in the queue of stores that wait for memory.
#include "common/copy.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "common/copy_runs.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/stream-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
// At least a vector: the last one overlaps the one in front of it.
template <class D>
HWY_INLINE void ByVectors(D d, const std::byte* src, std::byte* dst, int64_t bytes) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto* const from = reinterpret_cast<const uint8_t*>(src);
  auto* const to = reinterpret_cast<uint8_t*>(dst);
  for (int64_t k = 0; k + lanes < bytes; k += lanes) hn::StoreU(hn::LoadU(d, from + k), d, to + k);
  hn::StoreU(hn::LoadU(d, from + bytes - lanes), d, to + bytes - lanes);
}
#endif

// Calls f with what copies a run of so many bytes: (from, to, bytes).
template <class F>
void WithCopy([[maybe_unused]] int64_t bytes, F&& f) {
#if HWY_TARGET != HWY_SCALAR
  constexpr int64_t kLong = 1024;  // from here on memcpy pays
  const auto vectors = [](auto d) { return [](const std::byte* from, std::byte* to, int64_t n) HWY_ATTR { ByVectors(decltype(d)(), from, to, n); }; };
  if (bytes < kLong) {
    const hn::ScalableTag<uint8_t> whole;
    if (bytes >= static_cast<int64_t>(hn::Lanes(whole))) return f(vectors(whole));
    if (bytes >= 32) return f(vectors(hn::CappedTag<uint8_t, 32>()));
    if (bytes >= 16) return f(vectors(hn::CappedTag<uint8_t, 16>()));
  }
#endif
  f([](const std::byte* from, std::byte* to, int64_t n) { CopyRun(to, from, n); });
}

// The blocks are values here: bytes written could change what a reference refers to.
template <class Copy>
HWY_INLINE void ForRuns(const RunBlock b, const Copy& copy) {
  for (int64_t i = 0; i < b.lines.size; ++i) {
    const std::byte* from = b.src + i * b.lines.src_stride;
    std::byte* to = b.dst + i * b.lines.dst_stride;
    for (int64_t k = 0; k < b.runs.size; ++k, from += b.runs.src_stride, to += b.runs.dst_stride) copy(from, to, b.bytes);
  }
}

void CopyBlock(const RunBlock& block) {
  if (!block.stream) return WithCopy(block.bytes, [block](const auto& copy) { ForRuns(block, copy); });
  ForRuns(block, [](const std::byte* from, std::byte* to, int64_t n) HWY_ATTR { StreamRun(from, to, n); });
}

void CopyAt(std::byte* dst, const std::byte* src, const int64_t* offsets, int64_t bytes, int64_t count, bool stream) {
  const auto copy_all = [=](const auto& copy) {
    for (int64_t i = 0; i < count; ++i) {
      const std::byte* const later = src + offsets[i + kOffsetsAhead];
      for (int64_t k = 0; k < std::min<int64_t>(bytes, 256); k += 64) __builtin_prefetch(later + k, 0, 3);
      copy(src + offsets[i], dst + i * bytes, bytes);
    }
  };
  if (!stream || (bytes < kStreamedRun && (reinterpret_cast<uintptr_t>(dst) | static_cast<uintptr_t>(bytes)) % 64 != 0)) return WithCopy(bytes, copy_all);
  copy_all([](const std::byte* from, std::byte* to, int64_t n) HWY_ATTR { StreamRun(from, to, n); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(CopyBlock);
HWY_EXPORT(CopyAt);
}  // namespace

void CopyRuns(const RunBlock& block) { HWY_DYNAMIC_DISPATCH(CopyBlock)(block); }
void FinishStreams() { hwy::FlushStream(); }
void CopyRunsAt(std::byte* dst, const std::byte* src, const int64_t* offsets, int64_t bytes, int64_t count, bool stream) {
  HWY_DYNAMIC_DISPATCH(CopyAt)(dst, src, offsets, bytes, count, stream);
}

}  // namespace tflower::kernels
#endif
