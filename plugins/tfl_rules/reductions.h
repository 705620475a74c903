// Reductions with axes as operand 1, as rules make them again.
#pragma once

#include <tflower/pattern.h>

namespace tflower::tfl_rules {

inline constexpr const char* kReductions = "SUM|MEAN|REDUCE_MAX|REDUCE_MIN|REDUCE_PROD|REDUCE_ANY|REDUCE_ALL";
inline constexpr const char* kReductionsEmits = "SUM MEAN REDUCE_MAX REDUCE_MIN REDUCE_PROD REDUCE_ANY REDUCE_ALL";

bool KeepsDims(const Operator& reduction);
// The same reduction of x over these axes.
Result<Value> Reduce(Builder& build, const Operator& reduction, const Value& x, const Value& axes, bool keep_dims);

}  // namespace tflower::tfl_rules
