// Unrolled depthwise tiles for 5x5 filters.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "depthwise/depthwise_5x5_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "depthwise/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace {

// Bound by loads and FMA, so the largest tile that fits wins. Measured on Sapphire Rapids, AVX-512, 2 x 7 against 2 x 4: 14x14x480
// 0.050 ms, 0.067; 28x28x240 0.102, 0.114; with stride 2 0.028, 0.040.
DepthwiseRowsFn Find5x5(const DepthwiseShape& s) {
  if (!TileFits(s, 5, 4)) return nullptr;
  const bool seven = SevenFits(s.out_w);
  if (s.stride_h == 1) return seven ? DepthwiseTiles<5, 1, 2, 7> : DepthwiseTiles<5, 1, 2, 4>;
  if (s.stride_h == 2) return seven ? DepthwiseTiles<5, 2, 2, 7> : DepthwiseTiles<5, 2, 2, 4>;
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
