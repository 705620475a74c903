// Floats moved to levels by vectors.
#include "fake_quant/fake_quant.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fake_quant/fake_quant_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

struct ToLevel {
  QuantLevels levels;
  float inverse;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const V min = hn::Set(d, levels.min), above = hn::Sub(ClampKeepNaN(d, x, min, hn::Set(d, levels.max)), min);
    const V level = hn::Floor(hn::Add(hn::Mul(above, hn::Set(d, inverse)), hn::Set(d, 0.5f)));
    return hn::Add(hn::Mul(level, hn::Set(d, levels.scale)), min);
  }
};

void ToLevels(const QuantLevels& levels, const float* x, size_t n, float* y) { MapF32(ToLevel{levels, 1.0f / levels.scale}, x, n, y); }

}  // namespace
}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(ToLevels);
}  // namespace

void FakeQuantF32(const QuantLevels& levels, const float* x, size_t n, float* y) { HWY_DYNAMIC_DISPATCH(ToLevels)(levels, x, n, y); }

}  // namespace tflower::kernels
#endif  // HWY_ONCE
