// The table of linked plugins. linked_plugins.inc is written by the build: X(name) for each tflower_add_plugin(name ...).
#include <vector>

#include "static_plugins.h"

#define X(name) extern "C" tflower_status tflower_plugin_main_##name(const tflower_host*, tflower_plugin*);
#include "linked_plugins.inc"
#undef X

namespace tflower {

std::span<const StaticPlugin> LinkedPlugins() {
  static const std::vector<StaticPlugin> plugins = {
#define X(name) {#name, &tflower_plugin_main_##name},
#include "linked_plugins.inc"
#undef X
  };
  return plugins;
}

}  // namespace tflower
