// All kernel families, for tests that link them without the plugin around them.
#pragma once

#include "tflower/kernel_def.h"

namespace tflower::kernels {
#define X(name) extern const KernelFamily family_##name;
#include "families.inc"
#undef X

inline constexpr const KernelFamily* kAllFamilies[] = {
#define X(name) &family_##name,
#include "families.inc"
#undef X
};

}  // namespace tflower::kernels
