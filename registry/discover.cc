#include "discover.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "file.h"
#include "schema.h"
#include "semver.h"

namespace tflower {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxEntries = 10000;  // of one folder

bool IsManifest(const std::string& path) { return path.ends_with(kManifestSuffix); }

// Sorted names of a folder's entries; empty when it cannot be read.
std::vector<std::string> Entries(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end && names.size() < kMaxEntries; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void AddManifestsOf(const std::string& folder, std::vector<std::string>& out) {
  for (const std::string& name : Entries(folder)) {
    if (IsManifest(name)) out.push_back(folder + "/" + name);
  }
}

// Manifests in the folder and in its sub-folders, no deeper: one folder a plugin.
std::vector<std::string> ManifestsBelow(const std::string& folder) {
  std::vector<std::string> files;
  for (const std::string& name : Entries(folder)) {
    const std::string path = folder + "/" + name;
    std::error_code error;
    if (IsManifest(name)) files.push_back(path);
    else if (name.front() != '.' && fs::is_directory(path, error)) AddManifestsOf(path, files);
  }
  return files;
}

FoundPlugin ReadPlugin(const std::string& file, const SearchPlace& place, size_t place_index) {
  FoundPlugin found{.file = file, .folder = fs::path(file).parent_path().string(), .origin = place.origin, .trust = place.trust, .place = place_index};
  const auto broken = [&](Error error) {
    if (error.file.empty()) error.file = file;
    error.code = Code::kManifest;  // whatever is wrong with it, it is a plugin's manifest
    found.state = PluginState::kFaulty;
    found.fault = std::move(error);
    return std::move(found);
  };
  struct stat status {};
  auto text = ReadTextFile(file, kMaxManifestBytes, &status);
  if (!text.ok()) return broken(std::move(text.error()));
  auto manifest = ParseManifest(text.value(), file);
  if (!manifest.ok()) return broken(std::move(manifest.error()));
  if (place.trust != Trust::kProgram) {
    if (auto valid = ValidateManifest(text.value(), file); !valid.ok()) return broken(std::move(valid.error()));
  }
  found.manifest = std::move(manifest.value());
  found.device = status.st_dev;
  found.inode = status.st_ino;
  return found;
}

// The manifest that lies beside a library given by --plugin and names it.
Result<std::string> ManifestOf(const std::string& library) {
  const fs::path path(library);
  std::vector<std::string> files;
  AddManifestsOf(path.parent_path().string(), files);
  for (const std::string& file : files) {
    const auto text = ReadTextFile(file, kMaxManifestBytes);
    if (!text.ok()) continue;
    const auto manifest = ParseManifest(text.value(), file);
    if (!manifest.ok()) {
      if (files.size() == 1) return manifest.error();
      continue;
    }
    for (const Platform& platform : manifest.value().platforms) {
      if (platform.library == path.filename().string()) return file;
    }
  }
  return Error(Code::kManifest, "no manifest beside this library names it")
      .File(library)
      .Hint("give the plugin's *" + std::string(kManifestSuffix) + " or its folder; tflower-manifest writes one");
}

// The manifests that a path of --plugin stands for.
Result<std::vector<std::string>> ExplicitManifests(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    std::vector<std::string> files = ManifestsBelow(path);
    if (files.empty()) return Error(Code::kManifest, "no *" + std::string(kManifestSuffix) + " is in this folder").File(path);
    return files;
  }
  if (!fs::exists(path, error)) return Error(Code::kPluginLoad, "no plugin is there").File(path);
  if (IsManifest(path)) return std::vector<std::string>{path};
  TFLOWER_TRY(std::string file, ManifestOf(path));
  return std::vector<std::string>{std::move(file)};
}

class Finder {
 public:
  explicit Finder(const RegistryOptions& options) : options_(options), disabled_(DisabledIds(options)) {}

  Result<std::vector<FoundPlugin>> Find() {
    const std::vector<SearchPlace> places = SearchPlaces(options_);
    for (size_t i = 0; i < places.size(); ++i) TFLOWER_CHECK(FindIn(places[i], i));
    if (options_.linked_plugins) TFLOWER_CHECK(AddLinked(LinkedPlugins(), places.size()));
    TFLOWER_CHECK(AddLinked(options_.static_plugins, places.size()));
    return std::move(found_);
  }

 private:
  Status FindIn(const SearchPlace& place, size_t index) {
    std::vector<std::string> files;
    if (place.trust == Trust::kExplicit) {
      TFLOWER_TRY(files, ExplicitManifests(place.path));
    } else {
      files = ManifestsBelow(place.path);
    }
    for (const std::string& file : files) TFLOWER_CHECK(Add(ReadPlugin(file, place, index)));
    return Ok();
  }

  Status AddLinked(std::span<const StaticPlugin> plugins, size_t place) {
    for (const StaticPlugin& plugin : plugins) {
      const std::string name = "linked plugin '" + std::string(plugin.name) + "'";
      TFLOWER_TRY(PluginTables tables, ReadTables(plugin.main, name));
      FoundPlugin found{.origin = "linked into the program", .trust = Trust::kProgram, .place = place, .state = PluginState::kStatic};
      found.manifest = {.id = tables.id, .version = tables.version, .abi_major = tables.abi_major, .abi_min = tables.abi_min};
      found.manifest.abi_built = tables.abi_min;
      found.manifest.provides = Declare(tables);
      found.linked = std::move(tables);
      TFLOWER_CHECK(Add(std::move(found)));
    }
    return Ok();
  }

  Status Add(FoundPlugin found) {
    if (found.state == PluginState::kFaulty) {
      const bool fatal = found.trust == Trust::kExplicit || (found.trust == Trust::kProgram && !options_.tolerate_broken);
      if (fatal && !options_.tolerate_broken) return *found.fault;
      found_.push_back(std::move(found));
      return Ok();
    }
    if (const auto at = winner_.find(found.manifest.id); at != winner_.end()) {
      if (!Settle(found_[at->second], found)) return Ok();
    }
    if (found.state == PluginState::kDeclared || found.state == PluginState::kStatic) Disable(found);
    if (found.state != PluginState::kShadowed) winner_[found.manifest.id] = found_.size();
    found_.push_back(std::move(found));
    return Ok();
  }

  // Decides between two copies of one id. False: it is the very same file, found by another path.
  static bool Settle(FoundPlugin& first, FoundPlugin& second) {
    const bool same_file = first.inode != 0 && first.inode == second.inode && first.device == second.device;
    if (same_file) return false;
    const bool newer = first.place == second.place && CompareSemver(second.manifest.version, first.manifest.version) > 0;
    FoundPlugin& loser = newer ? first : second;
    const FoundPlugin& winner = newer ? second : first;
    loser.state = PluginState::kShadowed;
    loser.reason = "shadowed by version " + winner.manifest.version + (winner.file.empty() ? ", " + winner.origin : " in " + winner.file);
    return true;
  }

  void Disable(FoundPlugin& found) const {
    for (const std::string& glob : disabled_) {
      if (fnmatch(glob.c_str(), found.manifest.id.c_str(), 0) != 0) continue;
      found.state = PluginState::kDisabled;
      found.reason = "switched off by '" + glob + "'";
      return;
    }
  }

  const RegistryOptions& options_;
  const std::vector<std::string> disabled_;
  std::vector<FoundPlugin> found_;
  std::map<std::string, size_t> winner_;  // by id: index of the copy that counts
};

}  // namespace

Result<std::vector<FoundPlugin>> Discover(const RegistryOptions& options) { return Finder(options).Find(); }

}  // namespace tflower
