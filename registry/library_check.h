// What is checked of a plugin library before the system's loader may see it. Nothing is mapped or run here.
#pragma once

#include <string>

#include <tflower/status.h>

#include "file.h"
#include "manifest.h"

namespace tflower {

// The platform that this program runs on, as manifests name it: "linux", "x86_64".
std::string_view HostOs();
std::string_view HostArch();

struct LibraryCheck {
  std::string folder;  // the manifest's folder: the library must lie in it, symbolic links resolved
  std::string path;    // of the library
  const Platform* platform = nullptr;
  bool hash = false;  // compare the SHA-256 of the whole file, not only its size
};

// Checks, in this order: a regular file inside the folder; trusted owners and modes; size (and hash) as the manifest says;
// a whole ELF shared object of this machine without an executable stack.
// kPluginLoad: missing or no such library. kUntrusted: owner, mode, link out of the folder, executable stack.
// kParity: size or hash differ from the manifest. Thread: any.
Status CheckLibrary(const LibraryCheck& check);

// SHA-256 of the file's bytes. kUnreadable.
Result<std::string> HashFile(const OpenFile& file, const std::string& path);

// The checks of owner and mode alone, for a file or folder. kUntrusted.
Status CheckOwner(const struct stat& stat, const std::string& path);

// The checks of the ELF file alone. kPluginLoad, kUntrusted.
Status CheckElf(const OpenFile& file, const std::string& path);

}  // namespace tflower
