#include "library_check.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <vector>

#include "sha256.h"

namespace tflower {
namespace {

// Owner of the running program's file; whoever installed it may install its plugins.
uid_t ProgramOwner() {
  static const uid_t owner = [] {
    struct stat status;
    return stat("/proc/self/exe", &status) == 0 ? status.st_uid : uid_t{0};
  }();
  return owner;
}

Result<std::string> RealPath(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), &std::free);
  if (real == nullptr) {
    const int error = errno;
    return Error(Code::kPluginLoad, "the plugin's library cannot be found: " + ErrnoText(error))
        .File(path)
        .Hint("install the plugin again, or remove its folder");
  }
  return std::string(real.get());
}

// The library's folder and all between it and the plugin's folder, both included.
Status CheckFolders(const std::string& real_folder, const std::string& real_library) {
  for (size_t end = real_library.rfind('/'); end != std::string::npos && end >= real_folder.size(); end = real_library.rfind('/', end - 1)) {
    const std::string folder = real_library.substr(0, std::max<size_t>(end, 1));
    struct stat status;
    if (stat(folder.c_str(), &status) != 0) return Error(Code::kPluginLoad, "cannot be read: " + ErrnoText(errno)).File(folder);
    TFLOWER_CHECK(CheckOwner(status, folder));
    if (end == 0) break;
  }
  return Ok();
}

Status CheckBytes(const OpenFile& file, const LibraryCheck& check) {
  const auto differs = [&](const std::string& what) {
    return Error(Code::kParity, "is not the library that the manifest describes: " + what)
        .File(check.path)
        .Hint("install the plugin again; after rebuilding it by hand, run tflower-manifest");
  };
  if (file.size() != check.platform->size) {
    return differs("it has " + std::to_string(file.size()) + " bytes instead of " + std::to_string(check.platform->size));
  }
  if (!check.hash) return Ok();
  TFLOWER_TRY(const std::string hash, HashFile(file, check.path));
  if (hash != check.platform->sha256) return differs("its SHA-256 is " + hash + " instead of " + check.platform->sha256);
  return Ok();
}

}  // namespace

Status CheckOwner(const struct stat& status, const std::string& path) {
  if (status.st_uid != 0 && status.st_uid != geteuid() && status.st_uid != ProgramOwner()) {
    return Error(Code::kUntrusted, "belongs to user " + std::to_string(status.st_uid) + ", not to root, to you, or to who installed tflower")
        .File(path);
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    const bool sticky = (status.st_mode & S_ISVTX) != 0;  // /tmp and the like are that way on purpose
    return Error(Code::kUntrusted, "can be written by everybody")
        .File(path)
        .Hint(sticky ? "move the plugin to a folder of its own" : "chmod o-w '" + path + "'");
  }
  return Ok();
}

Result<std::string> HashFile(const OpenFile& file, const std::string& path) {
  Sha256 sha;
  std::vector<char> chunk(256 * 1024);
  for (uint64_t at = 0; at < file.size(); at += chunk.size()) {
    const size_t n = static_cast<size_t>(std::min<uint64_t>(chunk.size(), file.size() - at));
    if (!file.Read(at, chunk.data(), n)) return Error(Code::kUnreadable, "cannot be read").File(path);
    sha.Add(chunk.data(), n);
  }
  return sha.HexDigest();
}

Status CheckLibrary(const LibraryCheck& check) {
  TFLOWER_TRY(const std::string real_folder, RealPath(check.folder));
  TFLOWER_TRY(const std::string real, RealPath(check.path));
  if (!real.starts_with(real_folder + "/")) {
    return Error(Code::kUntrusted, "is a link that leaves the plugin's folder, to '" + real + "'").File(check.path);
  }
  TFLOWER_CHECK(CheckFolders(real_folder, real));
  auto opened = OpenFile::Open(real, false);
  if (!opened.ok()) {
    Error error = std::move(opened.error());
    error.code = Code::kPluginLoad;
    return error;
  }
  TFLOWER_CHECK(CheckOwner(opened.value().stat(), real));
  TFLOWER_CHECK(CheckBytes(opened.value(), check));
  return CheckElf(opened.value(), real);
}

}  // namespace tflower
