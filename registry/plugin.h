// Plugin: one plugin that a Registry has found; knows its manifest, opens its library when first asked.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "manifest.h"
#include "parity.h"
#include "registry.h"
#include "search_path.h"

namespace tflower {

// What discovery knows of a plugin. Immutable once the registry is open.
struct FoundPlugin {
  Manifest manifest;
  std::string file;    // absolute path of the manifest; empty for a linked plugin
  std::string folder;  // of the manifest
  std::string origin;
  Trust trust = Trust::kUser;
  size_t place = 0;                  // index of the search place: a newer version wins only within one place
  PluginState state = PluginState::kDeclared;
  std::string reason;                // of kDisabled and kShadowed
  std::optional<Error> fault;        // kFaulty: the manifest cannot be read
  std::optional<PluginTables> linked;
  dev_t device = 0;
  ino_t inode = 0;
};

class Plugin {
 public:
  explicit Plugin(FoundPlugin found);

  const FoundPlugin& found() const { return found_; }
  const Manifest& manifest() const { return found_.manifest; }
  const std::string& id() const { return found_.manifest.id; }
  // Takes part in resolution: neither disabled nor shadowed nor without a manifest.
  bool active() const { return found_.state == PluginState::kDeclared || found_.state == PluginState::kStatic; }

  // The rows, in the manifest's order; opens the library on the first call. A fault is kept: the reason does not change.
  // Valid as long as this Plugin. Thread: any.
  Result<const MatchedRows*> Rows() const;

  // As Rows(), and compares the whole library with its SHA-256 and the manifest with the schema. Thread: any.
  Status CheckAll() const;

  // Absolute path of the library for this machine; empty when there is none or the plugin is linked in.
  std::string LibraryPath() const;
  PluginState state() const;
  std::optional<Error> fault() const;
  PluginInfo Info() const;

 private:
  Result<MatchedRows> OpenLibrary(bool hash) const;
  Result<const Platform*> HostPlatform() const;
  Status CheckAbi() const;
  Status CheckFiles(bool hash) const;

  const FoundPlugin found_;
  mutable std::mutex mutex_;                                // guards the writing of the following
  mutable std::atomic<const MatchedRows*> open_{nullptr};   // points to rows_ once they are there
  mutable std::unique_ptr<const MatchedRows> rows_;
  mutable std::optional<Error> fault_;
};

}  // namespace tflower
