// The specification of conversions between real and stored values: one element at a time.
#include "quantize/convert.h"

namespace tflower::kernels {

void StoreRealsRef(const float* x, size_t n, const Affine& y, DType to_type, void* to) {
  const IntBounds bounds = BoundsOf(to_type);
  VisitQuantized(to_type, [&]<class T>(T) {
    for (size_t i = 0; i < n; ++i) static_cast<T*>(to)[i] = static_cast<T>(bounds.Clamp(RoundedInt(x[i] / y.scale) + y.zero));
  });
}

void LoadRealsRef(const void* from, DType from_type, size_t n, const Affine& x, float* to) {
  VisitQuantized(from_type, [&]<class T>(T) {
    for (size_t i = 0; i < n; ++i) to[i] = static_cast<float>(x.real_scale() * static_cast<double>(int64_t{static_cast<const T*>(from)[i]} - x.zero));
  });
}

void RequantizeRef(const Requantization& r, const void* from, DType from_type, size_t n, DType to_type, void* to) {
  const IntBounds bounds = BoundsOf(to_type);
  const auto at = [&](size_t i) -> int32_t {
    switch (from_type) {
      case DType::kInt8: return static_cast<const int8_t*>(from)[i];
      case DType::kUInt8: return static_cast<const uint8_t*>(from)[i];
      case DType::kInt16: return static_cast<const int16_t*>(from)[i];
      default: return static_cast<const int32_t*>(from)[i];
    }
  };
  VisitQuantized(to_type, [&]<class T>(T) {
    for (size_t i = 0; i < n; ++i) static_cast<T*>(to)[i] = static_cast<T>(bounds.Clamp(int64_t{Scaled(AddWrapping(at(i), -r.x_zero), r.factor)} + r.y_zero));
  });
}

}  // namespace tflower::kernels
