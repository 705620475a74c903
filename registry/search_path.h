// Where plugins are looked for, in the order of docs/plugins.md.
#pragma once

#include <string>
#include <vector>

#include "registry.h"

namespace tflower {

enum class Trust : uint8_t {
  kExplicit,  // --plugin: broken = error; schema and hash are checked
  kUser,      // a user's folder or variable: schema and hash are checked
  kSystem,    // a system folder: schema is checked, of the library only the size
  kProgram,   // installed with the program: a broken manifest is an error (damaged installation); only sizes are checked
};

struct SearchPlace {
  std::string path;    // absolute; of --plugin also a file
  std::string origin;  // for people: "--plugin", "TFLOWER_PLUGIN_PATH", "beside the program", ...
  Trust trust = Trust::kUser;
};

// Places, first one first; they need not exist. Reads the environment by secure_getenv: a privileged program sees none
// of it. Thread: any, as long as nobody changes the environment.
std::vector<SearchPlace> SearchPlaces(const RegistryOptions& options);

// Globs of ids that are switched off: options.disable, then TFLOWER_PLUGINS_DISABLE (separated by ',' or ':').
std::vector<std::string> DisabledIds(const RegistryOptions& options);

}  // namespace tflower
