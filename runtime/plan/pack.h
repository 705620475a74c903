// Packs the constants of all steps of a plan, on all threads.
#pragma once

#include "plan.h"

namespace tflower::runtime {

// Steps are prepared. Packed memory goes to request.shared, or to the step where its constants hold for this plan only.
// Errors: the kernels', with operator and node; kLimit.
Status PackAll(Plan& plan, const PlanRequest& request, EvalContext& context);

}  // namespace tflower::runtime
