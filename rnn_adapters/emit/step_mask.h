// The mask of a loop for all its steps at once, outside of it.
#pragma once

#include <tflower/builder.h>

#include "read/loop.h"

namespace tflower::rnn {

// Where a step counts: bool [batch, steps]. Declines where that cannot be said before the loop.
Result<Value> MaskOfSteps(Builder& build, const Loop& loop);
// Which steps there are: int32 [1, steps].
Result<Value> Steps(Builder& build, const Loop& loop);

}  // namespace tflower::rnn
