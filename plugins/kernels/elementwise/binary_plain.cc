// Binary operators in plain loops: wide integers, double, and the f32 operators that go to the C library. Compiled once per SIMD target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/binary_plain.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/binary_plain-inl.h"
#include "tflower/dtype.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

Status WideBinary(DType type, Binary op, const BroadcastPlan& plan, const void* a, const void* b, const void* clamp, void* out, const Parallel& parallel) {
  return BinaryTyped<double, float, int32_t, int64_t>(type, op, plan, a, b, clamp, out, parallel);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(WideBinary);
}  // namespace

template <class T>
Status BinaryPlain(Binary op, const BroadcastPlan& plan, const T* a, const T* b, const ClampRange<T>& clamp, T* out, const Parallel& parallel) {
  return HWY_DYNAMIC_DISPATCH(WideBinary)(DTypeOf<T>::value, op, plan, a, b, &clamp, out, parallel);
}

template Status BinaryPlain<double>(Binary, const BroadcastPlan&, const double*, const double*, const ClampRange<double>&, double*, const Parallel&);
template Status BinaryPlain<float>(Binary, const BroadcastPlan&, const float*, const float*, const ClampRange<float>&, float*, const Parallel&);
template Status BinaryPlain<int32_t>(Binary, const BroadcastPlan&, const int32_t*, const int32_t*, const ClampRange<int32_t>&, int32_t*, const Parallel&);
template Status BinaryPlain<int64_t>(Binary, const BroadcastPlan&, const int64_t*, const int64_t*, const ClampRange<int64_t>&, int64_t*, const Parallel&);

}  // namespace tflower::kernels
#endif
