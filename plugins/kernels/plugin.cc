// Entry of the kernels plugin: every family folder's rows.
#include <tflower/plugin.h>

namespace tflower::kernels {
#define X(name) extern const KernelFamily family_##name;
#include "families.inc"
#undef X
namespace {
constexpr const KernelFamily* kFamilies[] = {
#define X(name) &family_##name,
#include "families.inc"
#undef X
};
}  // namespace
}  // namespace tflower::kernels

TFLOWER_PLUGIN("tflower.kernels", TFLOWER_PLUGIN_VERSION, {.kernels = tflower::kernels::kFamilies})
