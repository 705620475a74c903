// SOFTMAX of bytes with a result of int16 in three passes over a row: its maximum, the sum of exponentials, the quotients. Compiled once per SIMD target.
#include "quantized_softmax/softmax_to_int16.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_softmax/softmax_to_int16_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "simd/fixed_point-inl.h"
#include "simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
void Run(const SoftmaxToInt16& q, const T* x, int64_t rows, int64_t depth, int16_t* y) {
  const LaneTag d;
  const LaneVec sum_bits = hn::Set(d, SoftmaxToInt16::kSumBits - 1), lo = hn::Set(d, INT16_MIN), hi = hn::Set(d, INT16_MAX);
  for (int64_t row = 0; row < rows; ++row, x += depth, y += depth) {
    const LaneVec most = hn::Set(d, LargestOf(x, depth));
    const auto exponential = [&](int64_t i, size_t count) HWY_ATTR { return hn::GatherIndex(d, q.exponentials, hn::Sub(most, LoadLanes(x + i, count))); };
    const int64_t total = SumOf<1 << 19>(depth, [&](int64_t i, size_t count) HWY_ATTR { return RoundingShiftVec(d, exponential(i, count), sum_bits); });
    const SoftmaxToInt16::Inverse inverse = q.InverseOf(total);
    const LaneVec value = hn::Set(d, inverse.value), less = hn::Set(d, inverse.shift - 1);
    ForLanes(depth, [&](int64_t i, size_t count) HWY_ATTR {
      const LaneVec v = RoundingShiftVec(d, HighMulVec(d, exponential(i, count), value, value), less);
      StoreLanes(hn::Min(hn::Add(v, lo), hi), y + i, count);
    });
  }
}

void RunToInt16(const SoftmaxToInt16& q, DType type, const void* x, int64_t rows, int64_t depth, int16_t* y) {
  VisitBytes(type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), rows, depth, y); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunToInt16);
}  // namespace

void RunSoftmaxToInt16(const SoftmaxToInt16& q, DType type, const void* x, int64_t rows, int64_t depth, int16_t* y) { HWY_DYNAMIC_DISPATCH(RunToInt16)(q, type, x, rows, depth, y); }

}  // namespace tflower::kernels
#endif
