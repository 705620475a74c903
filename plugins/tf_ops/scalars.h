// An operator on a value and a number of the value's type.
#pragma once

#include <tflower/op_def.h>

namespace tflower::tf_ops {

// A scalar whose bits are all 0: zero of every type that has a fixed size.
inline Result<Value> ZeroOf(Builder& build, DType dtype) {
  constexpr std::byte kZeros[16] = {};
  const int bits = BitsOf(dtype);
  if (bits < 8 || bits > 128) return Error(Code::kUnsupportedType, "no zero of type " + std::string(NameOf(dtype)));
  return build.ConstantBytes(dtype, {}, kZeros, static_cast<size_t>(bits / 8));
}

// x op c.
template <class TflOp>
Result<Value> With(Builder& build, const Value& x, double c) {
  TFLOWER_TRY(const Value v, build.ScalarOf(x.dtype(), c));
  return build.Emit(TflOp{}, {x, v});
}
// c op x.
template <class TflOp>
Result<Value> Number(Builder& build, double c, const Value& x) {
  TFLOWER_TRY(const Value v, build.ScalarOf(x.dtype(), c));
  return build.Emit(TflOp{}, {v, x});
}

}  // namespace tflower::tf_ops
