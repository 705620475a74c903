// Products of matrices of every type, in the innermost two dimensions; those before are broadcast.
#pragma once

#include <tflower/op_def.h>

namespace tflower::tf_ops {

// How operands are taken. conjugate: of complex ones, besides the transposition.
struct Taken {
  bool transpose_x = false, transpose_y = false, conjugate_x = false, conjugate_y = false;
};

// x with its last two dimensions swapped.
Result<Value> Transposed(Builder& build, const Value& x);

// x y. Floats: BATCH_MATMUL; what has no elements, or sums none, is a FILL, as XNNPACK refuses empty products. Integers, for which stock runtimes
// have no product: MUL and SUM over a common dimension, exact, with int32 for narrow ones. Complex: products of the parts.
Result<Value> Product(Builder& build, const Value& x, const Value& y, const Taken& taken);

}  // namespace tflower::tf_ops
