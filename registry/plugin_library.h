// MapLibrary: the one place where a plugin's library is mapped (Boost.DLL). It stays mapped until the process ends.
#pragma once

#include <string>

#include <tflower/abi.h>
#include <tflower/status.h>

namespace tflower {

// Maps the library at an absolute path, which CheckLibrary has accepted, and returns its entry.
// Symbols are bound at once and kept local; nothing is ever unmapped, because rows, thread-local variables and exception
// objects of a plugin may outlive any owner we could name. One mutex serialises the system's loader.
// kPluginLoad: the loader's own words, or tflower_plugin_main is missing. Thread: any.
Result<tflower_plugin_main_fn> MapLibrary(const std::string& path);

}  // namespace tflower
