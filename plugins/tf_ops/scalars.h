// An operator on a value and a number of the value's type.
#pragma once

#include <tflower/op_def.h>

namespace tflower::tf_ops {

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
