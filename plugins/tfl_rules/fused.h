// Activations as part of the operators that can apply one to their result.
#pragma once

#include <tflower/pattern.h>

namespace tflower::tfl_rules {

// Pattern names of the operators that take RELU, RELU6 and RELU_N1_TO_1, and the same as a rule's row lists what it emits.
// TANH is not among what they take: TFLite's kernels have the option for CONV_2D and others but compute no tanh.
inline constexpr const char* kFusing =
    "ADD|SUB|MUL|DIV|AVERAGE_POOL_2D|MAX_POOL_2D|CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED|TRANSPOSE_CONV|CONV_3D|CONV_3D_TRANSPOSE";
inline constexpr const char* kFusingEmits =
    "ADD SUB MUL DIV AVERAGE_POOL_2D MAX_POOL_2D CONV_2D DEPTHWISE_CONV_2D FULLY_CONNECTED TRANSPOSE_CONV CONV_3D CONV_3D_TRANSPOSE";

// The activation of one of kFusing.
tfl::ActivationFunctionType FusedActivation(const Operator& op);
// The operator again, with this activation, and of other operands.
Result<Value> WithActivation(Builder& build, const Operator& op, tfl::ActivationFunctionType activation);
Result<Value> WithActivation(Builder& build, const Operator& op, std::span<const Value> inputs, tfl::ActivationFunctionType activation);

// True for ADD, SUB, MUL and DIV without activation.
inline bool IsPlain(const Operator& op) { return FusedActivation(op) == tfl::ActivationFunctionType::NONE; }

}  // namespace tflower::tfl_rules
