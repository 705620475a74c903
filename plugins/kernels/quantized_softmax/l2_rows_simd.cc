// Quantised L2_NORMALIZATION in two passes over a row, compiled once per SIMD target.
#include "quantized_softmax/l2_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "quantized_softmax/l2_rows_simd.cc"
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
void Run(const QuantizedL2& q, const T* x, int64_t rows, int64_t depth, T* y) {
  const LaneTag d;
  const IntBounds bounds = BoundsOf(q.type);
  const LaneVec x_zero = hn::Set(d, q.x_zero), zero = hn::Set(d, q.y_zero), lo = hn::Set(d, bounds.lo - q.y_zero), hi = hn::Set(d, bounds.hi - q.y_zero);
  const int before = q.BitsBefore();
  for (int64_t row = 0; row < rows; ++row, x += depth, y += depth) {
    const int64_t squares = SumOf<255 * 255>(depth, [&](int64_t i, size_t count) HWY_ATTR {
      const LaneVec v = hn::Sub(LoadLanes(x + i, count), x_zero);
      return hn::Mul(v, v);
    });
    const UniformFactor<LaneTag> factor(q.FactorOf(squares));
    ForLanes(depth, [&](int64_t i, size_t count) HWY_ATTR {
      const LaneVec v = factor.Scale(d, hn::ShiftLeftSame(hn::Sub(LoadLanes(x + i, count), x_zero), before));
      StoreLanes(hn::Add(hn::Min(hn::Max(v, lo), hi), zero), y + i, count);
    });
  }
}

void RunRows(const QuantizedL2& q, const void* x, int64_t rows, int64_t depth, void* y) {
  VisitBytes(q.type, [&]<class T>(T) { Run(q, static_cast<const T*>(x), rows, depth, static_cast<T*>(y)); });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(RunRows);
}  // namespace

void RunQuantizedL2(const QuantizedL2& q, const void* x, int64_t rows, int64_t depth, void* y) { HWY_DYNAMIC_DISPATCH(RunRows)(q, x, rows, depth, y); }

}  // namespace tflower::kernels
#endif
