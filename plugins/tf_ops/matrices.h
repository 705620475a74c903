// Stacks of small matrices of known size, for lowerings that unroll over rows.
#pragma once

#include <tflower/op_def.h>

namespace tflower::tf_ops {

// x [..., rows, columns] as [matrices, rows, columns], of at most max_rows rows; `what` names it in errors.
Result<Value> StackOf(Builder& build, const Value& x, int64_t max_rows, std::string_view what);
Result<Value> SquareStackOf(Builder& build, const Value& x, int64_t max_rows);

// y [matrices, rows, columns] with the leading dimensions of x.
Result<Value> WithBatchOf(Builder& build, const Value& x, const Value& y);

// Concatenated along `axis`; one alone is itself.
Result<Value> Join(Builder& build, const std::vector<Value>& parts, int32_t axis);

}  // namespace tflower::tf_ops
