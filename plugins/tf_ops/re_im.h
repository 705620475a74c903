// Complex numbers as two float32 values, for ops that are not elementwise (those: complex_parts.h). TFLite takes them apart (REAL, IMAG), but has
// hardly any arithmetic for them.
#pragma once

#include <tflower/op_def.h>

namespace tflower::tf_ops {

inline constexpr DTypeSet kComplexTypes = Types({DType::kComplex64});

struct ReIm {
  Value re, im;  // im is null for real numbers
};

Result<ReIm> PartsOf(Builder& build, const Value& x);

// re + i im, complex64. Emits BITCAST PACK, or CAST.
Result<Value> JoinParts(Builder& build, const ReIm& z);

// The conjugate of a complex value; others as they are.
Result<Value> Conjugated(Builder& build, const Value& x);

}  // namespace tflower::tf_ops
