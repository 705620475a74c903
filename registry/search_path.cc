#include "search_path.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace tflower {
namespace {

namespace fs = std::filesystem;

// One of our own addresses, to learn which file this code lies in.
const char kAnchor = 0;

std::string Variable(const char* name) {
  const char* value = secure_getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::vector<std::string> Split(const std::string& list, const char* separators) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find_first_of(separators, begin), list.size());
    if (end > begin) out.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string Absolute(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

// Folders of one of our own variables.
void AddOwn(std::vector<SearchPlace>& places, const char* variable, const std::string& list) {
  for (const std::string& path : Split(list, ":")) places.push_back({Absolute(path), variable, Trust::kUser});
}

// Data folders; relative ones are ignored, as the XDG base directory specification demands.
void AddXdg(std::vector<SearchPlace>& places, const std::string& list, const char* origin, Trust trust) {
  for (const std::string& path : Split(list, ":")) {
    if (path.front() == '/') places.push_back({path + "/tflower/plugins.d", origin, trust});
  }
}

// Folder of the running program: plugins lie at the same place relative to it in a build tree and when installed.
std::optional<std::string> ProgramFolder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  return program.parent_path().string();
}

// Folder of the shared library that this code was linked into (Python module, C API); nothing inside a program.
std::optional<std::string> LibraryFolder() {
  Dl_info info;
  if (dladdr(&kAnchor, &info) == 0 || info.dli_fname == nullptr || info.dli_fname[0] != '/') return std::nullopt;
  std::error_code error;
  const fs::path file = fs::canonical(info.dli_fname, error);
  if (error || file == fs::read_symlink("/proc/self/exe", error)) return std::nullopt;
  return file.parent_path().string();
}

void AddProgramPlaces(std::vector<SearchPlace>& places) {
  if (const auto folder = LibraryFolder()) places.push_back({*folder + "/tflower/plugins-1", "beside the library", Trust::kProgram});
  if (const auto folder = ProgramFolder()) {
    places.push_back({Absolute(*folder + "/" TFLOWER_PLUGINS_FROM_BIN), "beside the program", Trust::kProgram});
  }
}

void AddStandardPlaces(std::vector<SearchPlace>& places) {
  std::string home = Variable("XDG_DATA_HOME");
  if (home.empty()) {
    home = Variable("HOME");
    if (!home.empty()) home += "/.local/share";
  }
  AddXdg(places, home, "user's data folder", Trust::kUser);
  const std::string system = Variable("XDG_DATA_DIRS");
  AddXdg(places, system.empty() ? "/usr/local/share:/usr/share" : system, "system's data folder", Trust::kSystem);
  AddProgramPlaces(places);
}

// A place that a variable names may be the program's own; then it has the program's trust.
void RecogniseProgramPlaces(std::vector<SearchPlace>& places) {
  std::vector<SearchPlace> own;
  AddProgramPlaces(own);
  for (SearchPlace& place : places) {
    for (const SearchPlace& program : own) {
      std::error_code error;
      if (place.trust != Trust::kExplicit && fs::equivalent(place.path, program.path, error) && !error) place.trust = Trust::kProgram;
    }
  }
}

}  // namespace

std::vector<SearchPlace> SearchPlaces(const RegistryOptions& options) {
  std::vector<SearchPlace> places;
  for (const std::string& path : options.plugins) places.push_back({Absolute(path), "--plugin", Trust::kExplicit});
  if (options.search_path) {
    for (const std::string& path : *options.search_path) places.push_back({Absolute(path), "search path", Trust::kUser});
    return places;
  }
  const std::string replace = Variable("TFLOWER_PLUGIN_PATH");
  AddOwn(places, "TFLOWER_ADD_PLUGIN_PATH", Variable("TFLOWER_ADD_PLUGIN_PATH"));
  AddOwn(places, "TFLOWER_PLUGIN_PATH", replace);
  if (replace.empty()) AddStandardPlaces(places);
  RecogniseProgramPlaces(places);
  return places;
}

std::vector<std::string> DisabledIds(const RegistryOptions& options) {
  std::vector<std::string> globs = options.disable;
  for (std::string& glob : Split(Variable("TFLOWER_PLUGINS_DISABLE"), ",:")) globs.push_back(std::move(glob));
  return globs;
}

}  // namespace tflower
