// SOFTMAX of int16 in three passes over a row: its maximum, exponentials and their sum, the quotients. Compiled once per SIMD target.
#include "quantized_softmax/words.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_softmax/words_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "quantized_unary/interpolate-inl.h"
#include "simd/fixed_point-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// The exponentials lie where the results will be: x may be the same memory.
void RunWords(const SoftmaxOfWords& q, const int16_t* x, int64_t rows, int64_t depth, int16_t* y) {
  const LaneTag d;
  const UniformFactor<LaneTag> factor(q.factor);
  const LaneVec zero = hn::Zero(d), least = hn::Set(d, -65535), top = hn::Set(d, INT16_MAX);
  for (int64_t row = 0; row < rows; ++row, x += depth, y += depth) {
    const LaneVec most = hn::Set(d, LargestOf(x, depth));
    const int64_t total = SumOf<INT16_MAX>(depth, [&](int64_t i, size_t count) HWY_ATTR {
      const LaneVec below = factor.Scale(d, hn::Sub(LoadLanes(x + i, count), most));
      const LaneVec e = Interpolated(d, q.exponential.pairs, hn::Add(hn::Min(hn::Max(below, least), zero), top));
      StoreLanes(e, y + i, count);
      return e;
    });
    const SoftmaxOfWords::Inverse inverse = q.InverseOf(total);
    const LaneVec value = hn::Set(d, inverse.value), half = hn::Set(d, 1 << (inverse.shift - 1));
    ForLanes(depth, [&](int64_t i, size_t count) HWY_ATTR {
      const LaneVec v = hn::ShiftRightSame(hn::Add(hn::Mul(LoadLanes(y + i, count), value), half), inverse.shift);
      StoreLanes(hn::Min(hn::Max(v, zero), top), y + i, count);
    });
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunWords);
}  // namespace

void RunSoftmaxOfWords(const SoftmaxOfWords& q, const int16_t* x, int64_t rows, int64_t depth, int16_t* y) { HWY_DYNAMIC_DISPATCH(RunWords)(q, x, rows, depth, y); }

}  // namespace tflower::kernels
#endif
