#include "plugin_library.h"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <deque>
#include <mutex>
#include <system_error>

namespace tflower {
namespace {

// Boost.DLL has no name for RTLD_NODELETE, but hands its modes to dlopen unchanged.
constexpr auto kMode = static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

std::string LoaderText(const std::error_code& error) {
  const char* text = dlerror();  // the error code alone says no more than "bad file descriptor"
  return text != nullptr ? text : error.message();
}

}  // namespace

Result<tflower_plugin_main_fn> MapLibrary(const std::string& path) {
  static std::mutex& mutex = *new std::mutex;
  static std::deque<boost::dll::shared_library>& libraries = *new std::deque<boost::dll::shared_library>;  // immortal
  const std::lock_guard lock(mutex);
  boost::dll::shared_library library;
  std::error_code error;
  library.load(path, error, kMode);
  if (error) return Error(Code::kPluginLoad, "cannot be loaded: " + LoaderText(error)).File(path);
  if (!library.has(TFLOWER_PLUGIN_MAIN)) {
    return Error(Code::kPluginLoad, "is no tflower plugin: it does not export " TFLOWER_PLUGIN_MAIN).File(path);
  }
  const auto entry = &library.get<std::remove_pointer_t<tflower_plugin_main_fn>>(TFLOWER_PLUGIN_MAIN);
  libraries.push_back(std::move(library));
  return entry;
}

}  // namespace tflower
