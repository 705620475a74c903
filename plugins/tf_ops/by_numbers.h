// Strings, which few operators of stock LiteRT move: their numbers are moved in their place, then the strings gathered by number.
#pragma once

#include "working.h"

namespace tflower::tf_ops {

// 0, 1, 2, ... in the shape of x, int32.
Result<Value> NumbersOf(Builder& build, const Value& x);
// The strings of x that have these numbers.
Result<Value> StringsAt(Builder& build, const Value& x, const Value& numbers);

// Binds the results of `lower`, which moves elements of operand `operand`; of strings, by their numbers.
Status LowerMove(const Node& node, Builder& build, int operand, ResultsFn lower);

// The same as a row's function: {"Transpose", {Any(), Index(1, 1)}, kAttrs, ByNumbers<LowerTranspose>, "GATHER RANGE REDUCE_PROD RESHAPE SHAPE TRANSPOSE"}.
template <auto kLower, int kOperand = 0>
Status ByNumbers(const Node& node, Builder& build) { return LowerMove(node, build, kOperand, AllResults<kLower>); }

}  // namespace tflower::tf_ops
