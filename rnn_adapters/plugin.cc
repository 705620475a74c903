// Entry of the rnn plugin: every family file of rules/.
#include <tflower/plugin.h>

namespace tflower::rnn {
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
}  // namespace tflower::rnn

TFLOWER_PLUGIN("tflower.rnn", TFLOWER_PLUGIN_VERSION, {.rules = tflower::rnn::kFamilies})
