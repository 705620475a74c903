// Conversion of arrays between element types, with TFLite's rules.
#pragma once

#include <cstdint>

#include "tflower/dtype.h"

namespace tflower::kernels {

// Types that Convert takes, on either side.
inline constexpr DTypeSet kConvertible =
    Types({DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kFloat64, DType::kBool, DType::kInt8, DType::kUInt8, DType::kInt16,
           DType::kUInt16, DType::kInt32, DType::kUInt32, DType::kInt64, DType::kUInt64, DType::kComplex64});

// dst[i] = src[i], i in [0, n). Real to integer truncates towards zero and saturates, NaN gives the largest integer; integer to integer
// keeps the low bits; anything to bool is "not 0" (a NaN is true); complex to real is the real part; real to float16 and bfloat16 goes
// through float32. src and dst must not overlap. Does not allocate, cannot fail. Any thread.
void Convert(DType from, const void* src, DType to, void* dst, int64_t n);

}  // namespace tflower::kernels
