// Entry of the tf_ops plugin: every family file of ops/.
#include <tflower/plugin.h>

namespace tflower::tf_ops {
#define X(name) extern const OpFamily family_##name;
#include "families.inc"
#undef X
namespace {
constexpr const OpFamily* kFamilies[] = {
#define X(name) &family_##name,
#include "families.inc"
#undef X
};
}  // namespace
}  // namespace tflower::tf_ops

TFLOWER_PLUGIN("tflower.tf_ops", TFLOWER_PLUGIN_VERSION, {.ops = tflower::tf_ops::kFamilies})
