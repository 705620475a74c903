// Entry of the composites plugin: every family file of rules/.
#include <tflower/plugin.h>

namespace tflower::composites {
#define X(name) extern const RuleFamily family_##name;
#include "families.inc"
#undef X
namespace {
constexpr const RuleFamily* kFamilies[] = {
#define X(name) &family_##name,
#include "families.inc"
#undef X
};
}  // namespace
}  // namespace tflower::composites

TFLOWER_PLUGIN("tflower.composites", TFLOWER_PLUGIN_VERSION, {.rules = tflower::composites::kFamilies})
