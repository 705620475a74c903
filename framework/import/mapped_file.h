// MappedFile: a file's bytes, mapped read-only.
#pragma once

#include <string>
#include <string_view>

#include "tflower/status.h"

namespace tflower::tf {

class MappedFile {
 public:
  // kUnreadable: missing, not a regular file, no permission, cannot be mapped. An empty file is fine (no bytes).
  static Result<MappedFile> Open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  // Valid while this object, or the one that it was moved to, lives. Page-aligned.
  std::string_view bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

  // kMalformed, at the offset of `at` (which points into bytes(), or just behind them).
  Error Malformed(const char* at, std::string message,
                  std::source_location where = std::source_location::current()) const;

 private:
  MappedFile() = default;
  std::string_view bytes_;
  std::string path_;
};

}  // namespace tflower::tf
