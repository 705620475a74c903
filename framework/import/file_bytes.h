// FileBytes: the bytes of one file of the model, mapped read-only, and errors that name their place in it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tflower/status.h"

namespace tflower::tf {

class FileBytes {
 public:
  // Maps the file. kUnreadable: missing, not a regular file, no permission. An empty file is fine (no bytes).
  static Result<FileBytes> Map(const std::string& path);
  // Bytes that were made from the file `path` (a text file turned binary): errors name the file, but no offset.
  static FileBytes Own(std::string path, std::string bytes);

  FileBytes(FileBytes&& other) noexcept;
  FileBytes& operator=(FileBytes&& other) noexcept;
  ~FileBytes();

  // Valid while this object, or the one that it was moved to, lives.
  std::string_view bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

  // Gives the memory of these bytes back; whoever reads them later gets them from the file again. Nothing happens unless mapped.
  void Forget(std::string_view part) const;

  // kMalformed, at the offset of `at` (which points into bytes(), or just behind them).
  Error Malformed(const char* at, std::string message, SourceLocation where = SourceLocation::current()) const;

 private:
  FileBytes() = default;
  std::string_view bytes_;
  std::unique_ptr<const std::string> owned_;  // null: bytes_ is a mapping
  std::string path_;
};

}  // namespace tflower::tf
