// A private search folder for plugin tests, removed afterwards.
#pragma once

#include <functional>
#include <string>

#include "registry/manifest.h"
#include "registry/registry.h"

namespace tflower::test {

// A built test library: "alpha", "hostile/NULL_ROW".
std::string BuiltLibrary(const std::string& name);

class PluginDir {
 public:
  PluginDir();
  ~PluginDir();
  PluginDir(const PluginDir&) = delete;
  PluginDir& operator=(const PluginDir&) = delete;

  const std::string& path() const { return path_; }

  // Copies a good plugin ("alpha") with the manifest that the build made into <dir>/<folder>/. Returns the new folder.
  std::string Add(const std::string& name, const std::string& folder);

  // Copies a library and writes a manifest that is right about its bytes; `edit` may make it lie about anything.
  // The default declares com.test.hostile 1.0.0 with the lowering HostileOp. Returns the manifest's path.
  std::string AddWith(const std::string& library, const std::string& folder, const std::function<void(Manifest&)>& edit = {});

  void Write(const std::string& relative, const std::string& bytes) const;

  // Options that see this folder only.
  RegistryOptions Options() const;

 private:
  std::string path_;
};

std::string ReadBytes(const std::string& path);

// The registry of the options; fails the test when it does not open.
std::unique_ptr<Registry> MustOpen(const RegistryOptions& options);

// True when a file whose path contains `part` is mapped into this process.
bool IsMapped(const std::string& part);

}  // namespace tflower::test
