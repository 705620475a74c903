// Binary operators in plain loops: narrow and unsigned integers. Compiled once per SIMD target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise/binary_plain_narrow.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/binary_plain-inl.h"
#include "tflower/dtype.h"

HWY_BEFORE_NAMESPACE();
namespace tflower::kernels {
namespace HWY_NAMESPACE {
namespace {

Status NarrowBinary(DType type, Binary op, const BroadcastPlan& plan, const void* a, const void* b, const void* clamp, void* out, const Parallel& parallel) {
  return BinaryTyped<int8_t, int16_t, uint8_t, uint16_t, uint32_t, uint64_t>(type, op, plan, a, b, clamp, out, parallel);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tflower::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tflower::kernels {
namespace {
HWY_EXPORT(NarrowBinary);
}  // namespace

template <class T>
Status BinaryPlain(Binary op, const BroadcastPlan& plan, const T* a, const T* b, const ClampRange<T>& clamp, T* out, const Parallel& parallel) {
  return HWY_DYNAMIC_DISPATCH(NarrowBinary)(DTypeOf<T>::value, op, plan, a, b, &clamp, out, parallel);
}

template Status BinaryPlain<int8_t>(Binary, const BroadcastPlan&, const int8_t*, const int8_t*, const ClampRange<int8_t>&, int8_t*, const Parallel&);
template Status BinaryPlain<int16_t>(Binary, const BroadcastPlan&, const int16_t*, const int16_t*, const ClampRange<int16_t>&, int16_t*, const Parallel&);
template Status BinaryPlain<uint8_t>(Binary, const BroadcastPlan&, const uint8_t*, const uint8_t*, const ClampRange<uint8_t>&, uint8_t*, const Parallel&);
template Status BinaryPlain<uint16_t>(Binary, const BroadcastPlan&, const uint16_t*, const uint16_t*, const ClampRange<uint16_t>&, uint16_t*, const Parallel&);
template Status BinaryPlain<uint32_t>(Binary, const BroadcastPlan&, const uint32_t*, const uint32_t*, const ClampRange<uint32_t>&, uint32_t*, const Parallel&);
template Status BinaryPlain<uint64_t>(Binary, const BroadcastPlan&, const uint64_t*, const uint64_t*, const ClampRange<uint64_t>&, uint64_t*, const Parallel&);

}  // namespace tflower::kernels
#endif
