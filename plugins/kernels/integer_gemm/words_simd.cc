// Packs weights of 16 bits, compiled once per SIMD target.
#include <algorithm>
#include <cstring>

#include "integer_gemm/layout.h"
#include "integer_gemm/words.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "integer_gemm/words_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kMostColumns = 64;  // of a panel: the layout may be that of longer vectors, where this file has no such target

struct Parts {
  int16_t low, high;
};
HWY_INLINE Parts PartsOf(int16_t w) { return {static_cast<int8_t>(w), static_cast<int16_t>((w >> 8) + ((w >> 7) & 1))}; }

// One step, rows a and b of n columns: for each column the lower bytes of both, then the upper ones.
HWY_INLINE void PackStep(const int16_t* a, const int16_t* b, size_t n, int16_t* to) {
  size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::FixedTag<int16_t, 8> d;
  const hn::FixedTag<int32_t, 4> pairs;
  for (; i + 8 <= n; i += 8) {
    const auto va = hn::LoadU(d, a + i), vb = hn::LoadU(d, b + i), one = hn::Set(d, 1);
    const auto low_a = hn::ShiftRight<8>(hn::ShiftLeft<8>(va)), low_b = hn::ShiftRight<8>(hn::ShiftLeft<8>(vb));
    const auto high_a = hn::Add(hn::ShiftRight<8>(va), hn::And(hn::ShiftRight<7>(va), one)), high_b = hn::Add(hn::ShiftRight<8>(vb), hn::And(hn::ShiftRight<7>(vb), one));
    const auto low0 = hn::BitCast(pairs, hn::InterleaveLower(d, low_a, low_b)), low1 = hn::BitCast(pairs, hn::InterleaveUpper(d, low_a, low_b));
    const auto high0 = hn::BitCast(pairs, hn::InterleaveLower(d, high_a, high_b)), high1 = hn::BitCast(pairs, hn::InterleaveUpper(d, high_a, high_b));
    int16_t* const out = to + 4 * i;
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low0, high0)), d, out);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low0, high0)), d, out + 8);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low1, high1)), d, out + 16);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low1, high1)), d, out + 24);
  }
#endif
  for (; i < n; ++i) {
    const Parts pa = PartsOf(a[i]), pb = PartsOf(b[i]);
    const int16_t four[] = {pa.low, pb.low, pa.high, pb.high};
    std::memcpy(to + 4 * i, four, sizeof(four));
  }
}

// Panels begin at even columns: lanes times vectors is even on every target.
void Pack(const int16_t* w, size_t depth, size_t columns, const IntLayout& layout, char* panels) {
  const int16_t zeros[kMostColumns] = {};
  const size_t steps = StepsOf(false, depth);
  for (size_t column = 0; column < 2 * columns; column += layout.PanelColumns()) {
    const size_t used = std::min(layout.PanelColumns(), 2 * columns - column), width = layout.Width(column, 2 * columns);
    for (size_t step = 0; step < steps; ++step) {
      char* const to = panels + (column * steps + step * width) * 4;
      const int16_t* const row = w + 2 * step * columns + column / 2;
      PackStep(row, 2 * step + 1 < depth ? row + columns : zeros, used / 2, reinterpret_cast<int16_t*>(to));
      std::memset(to + used * 4, 0, (width - used) * 4);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Pack);
}  // namespace

void PackWords(const int16_t* w, size_t depth, size_t columns, void* packed) {
  auto* const sums = static_cast<int64_t*>(packed);
  std::fill(sums, sums + columns, int64_t{0});
  for (size_t k = 0; k < depth; ++k) {
    for (size_t n = 0; n < columns; ++n) sums[n] += w[k * columns + n];
  }
  HWY_DYNAMIC_DISPATCH(Pack)(w, depth, columns, LayoutOf(), static_cast<char*>(packed) + SumsBytes(2 * columns));
}

}  // namespace tflower::kernels
#endif
