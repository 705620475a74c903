// Random inputs, the same ones at every call.
#pragma once

#include "tflower/runtime.h"

namespace tflower::probe {

// Uniform [-1, 1) floats, integers 0 and 1, short words; unknown dims become 1. kLimit for more strings than can be made up.
Status FillRandom(runtime::Session& session);

}  // namespace tflower::probe
