// Unrolled depthwise tiles for 3x3 filters.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "depthwise/depthwise_3x3_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "depthwise/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace {

// Measured on Sapphire Rapids, AVX-512: the larger tile wins while the maps fit L2, by 10 to 20 % at widths 7 and 14; beyond it the time
// is L3's, and 2 x 2 reads fewer streams at once (112x112x96: 0.47 ms, 2 x 4 0.50, 2 x 7 0.68). Stride 2 reuses little: 2 x 2.
DepthwiseRowsFn Find3x3(const DepthwiseShape& s) {
  if (!TileFits(s, 3, 2)) return nullptr;
  const int64_t width = s.out_w;
  if (s.stride_h == 1) {
    if (width == 7 || width == 14) return DepthwiseTiles<3, 1, 2, 7>;
    return width >= 4 && width < 56 ? DepthwiseTiles<3, 1, 2, 4> : DepthwiseTiles<3, 1, 2, 2>;
  }
  if (s.stride_h == 2) return width == 7 ? DepthwiseTiles<3, 2, 2, 7> : DepthwiseTiles<3, 2, 2, 2>;
  return nullptr;
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(Find3x3);
}  // namespace

DepthwiseRowsFn FindDepthwise3x3(const DepthwiseShape& shape) { return HWY_DYNAMIC_DISPATCH(Find3x3)(shape); }

}  // namespace tflower::kernels
#endif  // HWY_ONCE
