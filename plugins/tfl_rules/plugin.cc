// Entry of the tfl_rules plugin: every family file of rules/.
#include <tflower/plugin.h>

namespace tflower::tfl_rules {
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
}  // namespace tflower::tfl_rules

TFLOWER_PLUGIN("tflower.tfl_rules", TFLOWER_PLUGIN_VERSION, {.rules = tflower::tfl_rules::kFamilies})
