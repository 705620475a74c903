// Element by element functions of cells, as operators.
#pragma once

#include <tflower/builder.h>

namespace tflower::rnn {

// Declines for functions that forms do not have.
Result<Value> EmitFunction(Builder& build, tfl::Builtin function, const Value& x);
// x between low and high; infinite bounds are none.
Result<Value> EmitClip(Builder& build, const Value& x, float low, float high);

}  // namespace tflower::rnn
