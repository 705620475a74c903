// Plugins that are linked into the program (-DTFLOWER_STATIC_PLUGINS=ON) instead of being opened at run time.
//
// tflower_add_plugin() collects the entries; the build generates the table and links it to the registry. Without static
// plugins the table is empty. A program that links plugins of its own passes them in RegistryOptions::static_plugins.
#pragma once

#include <span>

#include <tflower/abi.h>

namespace tflower {

struct StaticPlugin {
  const char* name;             // the CMake target's name, for messages
  tflower_plugin_main_fn main;  // its entry, renamed tflower_plugin_main_<name>
};

// The entries linked into this program. Thread: any.
std::span<const StaticPlugin> LinkedPlugins();

}  // namespace tflower
