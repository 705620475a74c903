// Select: out = condition ? x : y, with broadcasting of all three operands.
#pragma once

#include <cstddef>
#include <cstdint>

#include "elementwise/broadcast.h"
#include "tflower/parallel.h"

namespace tflower::kernels {

// plan: PlanBroadcast({condition, x, y}) (SELECT version 1: see SelectConditionShape). x, y and out hold elements of
// element_bytes = 1, 2, 4, 8 or 16 bytes, copied bit by bit. out may be x or y when it has the output's shape.
// Cannot fail, does not allocate. [thread] any; work is split over `parallel`.
void Select(const BroadcastPlan& plan, const bool* condition, const void* x, const void* y, size_t element_bytes, void* out,
            const Parallel& parallel = {});

}  // namespace tflower::kernels
