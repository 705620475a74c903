// Elementwise operators of one operand, as rules move them past reshapes and transposes.
#pragma once

#include <tflower/pattern.h>

namespace tflower::tfl_rules {

inline constexpr const char* kUnary = 
    "RELU|RELU6|RELU_N1_TO_1|RELU_0_TO_1|TANH|LOGISTIC|HARD_SWISH|ELU|GELU|LEAKY_RELU|ABS|SQRT|RSQRT|EXP|LOG|SIN|COS|FLOOR|CEIL|ROUND|SIGN|LOGICAL_NOT|NEG|SQUARE";

// The matched root (one of kUnary) on another operand.
Result<Value> UnaryOn(Builder& build, const Operator& op, const Value& x);

}  // namespace tflower::tfl_rules
