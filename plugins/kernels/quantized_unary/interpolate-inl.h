// Vectors of int16 values, one in each lane of 32 bits, looked up in a table of 512 intervals with interpolation.
#if defined(TFLOWER_KERNELS_QUANTIZED_UNARY_INTERPOLATE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TFLOWER_KERNELS_QUANTIZED_UNARY_INTERPOLATE_INL_H_
#undef TFLOWER_KERNELS_QUANTIZED_UNARY_INTERPOLATE_INL_H_
#else
#define TFLOWER_KERNELS_QUANTIZED_UNARY_INTERPOLATE_INL_H_
#endif

#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// LookUp(table, stored) of IntervalTable::pairs. d: a tag of int32_t.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Interpolated(D d, const int32_t* pairs, V stored) {
  const V pair = hn::GatherIndex(d, pairs, hn::Add(hn::ShiftRight<7>(stored), hn::Set(d, 256)));
  const V base = hn::ShiftRight<16>(hn::ShiftLeft<16>(pair)), slope = hn::Sub(hn::ShiftRight<16>(pair), base);
  const V part = hn::Add(hn::Mul(slope, hn::And(stored, hn::Set(d, 127))), hn::Set(d, 64));
  return hn::Add(base, hn::ShiftRight<7>(part));
}

}  // namespace tflower::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
