#include "plugin_dir.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "registry/file.h"
#include "registry/library_check.h"

namespace tflower::test {
namespace {

namespace fs = std::filesystem;

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().ToString());
  return std::move(result.value());
}

}  // namespace

std::string BuiltLibrary(const std::string& name) {
  const fs::path hostile = fs::path(TEST_LIBRARIES) / "hostile" / ("hostile_" + name.substr(name.find('/') + 1) + ".so");
  if (name.starts_with("hostile/")) return hostile;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TEST_LIBRARIES) / name)) {
    if (entry.path().extension() == ".so") return entry.path();
  }
  throw std::runtime_error("no test library " + name);
}

PluginDir::PluginDir() {
  std::string pattern = (fs::temp_directory_path() / "tflower_plugins_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = fs::canonical(pattern).string();
}

PluginDir::~PluginDir() {
  std::error_code error;
  fs::remove_all(path_, error);
}

std::string PluginDir::Add(const std::string& name, const std::string& folder) {
  const fs::path target = fs::path(path_) / folder;
  fs::create_directories(target.parent_path());
  fs::copy(fs::path(BuiltLibrary(name)).parent_path(), target, fs::copy_options::recursive);
  return target;
}

std::string PluginDir::AddWith(const std::string& library, const std::string& folder, const std::function<void(Manifest&)>& edit) {
  const fs::path target = fs::path(path_) / folder;
  fs::create_directories(target);
  fs::copy_file(library, target / "plugin.so", fs::copy_options::overwrite_existing);
  const OpenFile file = Must(OpenFile::Open(library, true));
  Manifest m{.id = "com.test.hostile", .version = "1.0.0", .abi_major = 1};
  m.platforms.push_back({.os = std::string(HostOs()),
                         .arch = std::string(HostArch()),
                         .library = "plugin.so",
                         .sha256 = Must(HashFile(file, library)),
                         .size = file.size()});
  m.provides.lowerings.push_back({.op = "HostileOp", .priority = 1});
  if (edit) edit(m);
  const std::string path = target / (m.id + kManifestSuffix);
  std::ofstream(path) << Must(PrintManifest(m));
  return path;
}

void PluginDir::Write(const std::string& relative, const std::string& bytes) const {
  const fs::path path = fs::path(path_) / relative;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

RegistryOptions PluginDir::Options() const {
  return {.search_path = std::vector<std::string>{path_}, .linked_plugins = false};
}

std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::unique_ptr<Registry> MustOpen(const RegistryOptions& options) { return Must(Registry::Open(options)); }

bool IsMapped(const std::string& part) { return ReadBytes("/proc/self/maps").find(part) != std::string::npos; }

}  // namespace tflower::test
