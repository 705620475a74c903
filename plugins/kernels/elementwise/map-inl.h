// Applies a vector functor to a contiguous range. Tail policy: one masked vector at the end.
//
// Include inside a HWY_TARGET_INCLUDE file. A functor has `template <class D, class V> V operator()(D d, V v) const`.
#if defined(TFLOWER_KERNELS_ELEMENTWISE_MAP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_ELEMENTWISE_MAP_INL_H_
#undef TFLOWER_KERNELS_ELEMENTWISE_MAP_INL_H_
#else
#define TFLOWER_KERNELS_ELEMENTWISE_MAP_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>

#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// y[i] = op(x[i]) for i in [0, n); x == y allowed.
template <class Op>
HWY_INLINE void MapF32(const Op op, const float* x, size_t n, float* y) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(op(d, hn::LoadU(d, x + i)), d, y + i);
  if (i < n) StoreN(op(d, LoadN(d, x + i, n - i)), d, y + i, n - i);
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TFLOWER_KERNELS_ELEMENTWISE_MAP_INL_H_
