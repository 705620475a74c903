// What memory allows, for the benchmarks: streams of loads and of stores, of given lengths, side by side, with nothing computed.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stream_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// (Stream is hwy's store past the caches.)
#include <hwy/cache_control.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::bench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kLine = 64;

template <bool kPastCaches>
uint8_t Pass(const uint8_t* source, size_t read_lines, uint8_t* target, size_t write_lines) {
  const hn::ScalableTag<uint8_t> d;
  const size_t n = hn::Lanes(d), blocks = std::max<size_t>(1, (read_lines + write_lines) / 64);
  auto a = hn::Zero(d), b = hn::Set(d, uint8_t{1});
  for (size_t block = 0; block < blocks; ++block) {
    const uint8_t* const read_end = source + read_lines * (block + 1) / blocks * kLine;
    for (const uint8_t* p = source + read_lines * block / blocks * kLine; p < read_end; p += kLine)
      for (size_t i = 0; i < kLine; i += n) a = hn::Xor(a, hn::Load(d, p + i));
    uint8_t* const write_end = target + write_lines * (block + 1) / blocks * kLine;
    for (uint8_t* p = target + write_lines * block / blocks * kLine; p < write_end; p += kLine)
      for (size_t i = 0; i < kLine; i += n) {
        if constexpr (kPastCaches) hn::Stream(b, d, p + i);
        else hn::Store(b, d, p + i);
      }
  }
  if constexpr (kPastCaches) hwy::FlushStream();
  return hn::GetLane(hn::Xor(a, b));
}

uint8_t Plain(const uint8_t* source, size_t read_lines, uint8_t* target, size_t write_lines) { return Pass<false>(source, read_lines, target, write_lines); }
uint8_t PastCaches(const uint8_t* source, size_t read_lines, uint8_t* target, size_t write_lines) {
  return Pass<true>(source, read_lines, target, write_lines);
}

}  // namespace HWY_NAMESPACE
}  // namespace tflower::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::bench {
HWY_EXPORT(Plain);
HWY_EXPORT(PastCaches);
// Reads and writes so many lines of 64 bytes; both addresses are multiples of 64.
uint8_t StreamLines(const uint8_t* source, size_t read_lines, uint8_t* target, size_t write_lines, bool past_caches) {
  return past_caches ? HWY_DYNAMIC_DISPATCH(PastCaches)(source, read_lines, target, write_lines) : HWY_DYNAMIC_DISPATCH(Plain)(source, read_lines, target, write_lines);
}
}  // namespace tflower::bench
#endif
