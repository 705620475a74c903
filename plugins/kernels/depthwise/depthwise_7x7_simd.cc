// Unrolled depthwise tiles for 7x7 filters.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "depthwise/depthwise_7x7_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "depthwise/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace {

// As for 5x5; stride 2 is rare, and one tile for it keeps the code small.
DepthwiseRowsFn Find7x7(const DepthwiseShape& s) {
  if (!TileFits(s, 7, 4)) return nullptr;
  if (s.stride_h == 1) return SevenFits(s.out_w) ? DepthwiseTiles<7, 1, 2, 7> : DepthwiseTiles<7, 1, 2, 4>;
  if (s.stride_h == 2) return DepthwiseTiles<7, 2, 2, 4>;
  return nullptr;
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Find7x7);
}  // namespace

DepthwiseRowsFn FindDepthwise7x7(const DepthwiseShape& shape) { return HWY_DYNAMIC_DISPATCH(Find7x7)(shape); }

}  // namespace tflower::kernels
#endif  // HWY_ONCE
