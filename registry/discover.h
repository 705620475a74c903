// Discovery: reads the manifests in all search places and decides which copy of each plugin counts. Maps nothing.
#pragma once

#include <vector>

#include <tflower/status.h>

#include "plugin.h"

namespace tflower {

// All plugins that were found, also those that do not count (their state says why), in the order of discovery; linked
// plugins last. Errors: a path of options.plugins that is missing or broken; unless options.tolerate_broken, also a broken
// manifest of a plugin that is installed with the program.
Result<std::vector<FoundPlugin>> Discover(const RegistryOptions& options);

}  // namespace tflower
