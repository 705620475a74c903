// The mask of a loop for all its steps at once, outside of it.
#pragma once

#include <tflower/builder.h>

#include "read/loop.h"

namespace tflower::rnn {

// Where a step counts: bool [batch, steps]. Declines where that cannot be said before the loop.
Result<Value> MaskOfSteps(Builder& build, const Loop& loop);
// How many steps there are, and which: int32 [1, steps].
Result<Value> NumberOfSteps(Builder& build, const Loop& loop);
Result<Value> Steps(Builder& build, const Loop& loop);

}  // namespace tflower::rnn
