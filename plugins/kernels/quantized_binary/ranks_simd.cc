// Comparisons of looked-up bytes, compiled once per SIMD target.
#define HWY_WANT_AVX3_DL  // has tables of 128 bytes in two registers
#include "quantized_binary/ranks.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_binary/ranks_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "byte_table/lookup-inl.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

uint8_t CompareOne(const RankedComparison& r, uint8_t a, uint8_t b) {
  const bool holds = r.equal ? a == b : r.swapped ? b < a : a < b;
  return holds != r.negated ? 1 : 0;
}

// One contiguous piece; ranks of an operand that repeats are looked up once.
void ComparePiece(const RankedComparison& r, const uint8_t* a, bool a_repeats, const uint8_t* b, bool b_repeats, size_t n, uint8_t* to) {
  size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const ByteTag d;
  const ByteLookup ranks_a(r.a.values), ranks_b(r.b.values);
  const auto first_a = hn::Set(d, r.a.values[*a]), first_b = hn::Set(d, r.b.values[*b]), one = hn::Set(d, uint8_t{1}), flip = hn::Set(d, static_cast<uint8_t>(r.negated ? 1 : 0));
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) {
    const auto x = a_repeats ? first_a : ranks_a.LookUp(hn::LoadU(d, a + i));
    const auto y = b_repeats ? first_b : ranks_b.LookUp(hn::LoadU(d, b + i));
    const auto holds = hn::VecFromMask(d, r.equal ? hn::Eq(x, y) : r.swapped ? hn::Lt(y, x) : hn::Lt(x, y));
    hn::StoreU(hn::Xor(hn::And(holds, one), flip), d, to + i);
  }
#endif
  for (; i < n; ++i) to[i] = CompareOne(r, r.a.values[a[a_repeats ? 0 : i]], r.b.values[b[b_repeats ? 0 : i]]);
}

void RunRanked(const RankedComparison& r, const BroadcastPlan& plan, const void* const* bases, const Parallel& parallel, bool* to) {
  const size_t bytes[] = {1, 1};
  Walk(plan, bases, bytes, 64 * 1024, parallel, [&](const Piece* p, int64_t begin, size_t n) {
    ComparePiece(r, static_cast<const uint8_t*>(p[0].data), p[0].repeats, static_cast<const uint8_t*>(p[1].data), p[1].repeats, n, reinterpret_cast<uint8_t*>(to) + begin);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunRanked);
}  // namespace

void RunRankedComparison(const RankedComparison& ranks, const BroadcastPlan& plan, const void* const* bases, const Parallel& parallel, bool* to) {
  HWY_DYNAMIC_DISPATCH(RunRanked)(ranks, plan, bases, parallel, to);
}

}  // namespace tflower::kernels
#endif
