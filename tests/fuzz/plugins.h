// The shipped plugins, linked in or from this build's folder.
#pragma once

#include <memory>
#include <utility>

#include "fuzz.h"
#include "registry/registry.h"

namespace tflower::fuzz {

inline const Registry& Plugins() {
  static const std::unique_ptr<Registry> registry = [] {
    RegistryOptions options;
    options.search_path.emplace();
#ifdef TFLOWER_TEST_PLUGINS
    options.search_path->push_back(TFLOWER_TEST_PLUGINS);
#endif
    auto opened = Registry::Open(options);
    if (!opened.ok()) Broken("the plugins open", opened.error());
    return std::move(opened.value());
  }();
  return *registry;
}

}  // namespace tflower::fuzz
