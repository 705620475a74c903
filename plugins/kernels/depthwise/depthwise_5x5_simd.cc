// Unrolled depthwise tiles for 5x5 filters.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "depthwise/depthwise_5x5_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "depthwise/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace {

DepthwiseRowsFn Find5x5(const DepthwiseShape& s) {
  if (!TileFits(s, 5, 4)) return nullptr;
  if (s.stride_h == 1) return s.out_w % 7 == 0 && s.out_w <= 14 ? DepthwiseTiles<5, 1, 2, 7> : DepthwiseTiles<5, 1, 2, 4>;
  if (s.stride_h == 2) return DepthwiseTiles<5, 2, 1, 4>;
  return nullptr;
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Find5x5);
}  // namespace

DepthwiseRowsFn FindDepthwise5x5(const DepthwiseShape& shape) { return HWY_DYNAMIC_DISPATCH(Find5x5)(shape); }

}  // namespace tflower::kernels
#endif  // HWY_ONCE
