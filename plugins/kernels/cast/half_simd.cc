#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cast/half_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cast/half.h"
#include "tflower/half.h"
#include "simd/compat-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

// Where Highway would emulate the conversion, the plain loops are as fast and round as they should. Tail policy: plain.
template <class D>
int64_t VectorsToFloats([[maybe_unused]] D d, [[maybe_unused]] const uint16_t* src, [[maybe_unused]] float* dst, [[maybe_unused]] int64_t n) {
  int64_t i = 0;
  if constexpr (kHalfConversions) {
    const hn::Rebind<hwy::float16_t, D> dh;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    for (; i + lanes <= n; i += lanes) hn::StoreU(hn::PromoteTo(d, hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(src + i))), d, dst + i);
  }
  return i;
}
template <class D>
int64_t VectorsToHalves([[maybe_unused]] D d, [[maybe_unused]] const float* src, [[maybe_unused]] uint16_t* dst, [[maybe_unused]] int64_t n) {
  int64_t i = 0;
  if constexpr (kHalfConversions) {
    const hn::Rebind<hwy::float16_t, D> dh;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    for (; i + lanes <= n; i += lanes) hn::StoreU(hn::DemoteTo(dh, hn::LoadU(d, src + i)), dh, reinterpret_cast<hwy::float16_t*>(dst + i));
  }
  return i;
}

void ToFloats(const uint16_t* src, float* dst, int64_t n) {
  for (int64_t i = VectorsToFloats(hn::ScalableTag<float>(), src, dst, n); i < n; ++i) dst[i] = FloatFromHalf(src[i]);
}
void ToHalves(const float* src, uint16_t* dst, int64_t n) {
  for (int64_t i = VectorsToHalves(hn::ScalableTag<float>(), src, dst, n); i < n; ++i) dst[i] = HalfFromFloat(src[i]);
}

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(ToFloats);
HWY_EXPORT(ToHalves);
}  // namespace

void FloatsFromHalves(const uint16_t* src, float* dst, int64_t n) { HWY_DYNAMIC_DISPATCH(ToFloats)(src, dst, n); }
void HalvesFromFloats(const float* src, uint16_t* dst, int64_t n) { HWY_DYNAMIC_DISPATCH(ToHalves)(src, dst, n); }

}  // namespace tflower::kernels
#endif  // HWY_ONCE
