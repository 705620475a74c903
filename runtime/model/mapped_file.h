// MappedFile: a file's bytes without reading them: pages come in when touched, and several processes share them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "tflower/status.h"

namespace tflower::runtime {

// Read-only, page-aligned. The file must not be shortened by anyone while it is mapped. Move-only. Thread: any.
class MappedFile {
 public:
  // kUnreadable: no such file, no permission, not a regular file, or empty.
  static Result<MappedFile> Open(const std::string& path);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept { *this = std::move(other); }
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

  // The bytes will hardly be read again: takes their whole pages out of the process's memory. Contents stay: who reads them
  // after all gets them from the file. Ranges outside of the file, and small ones, are left alone.
  void Forget(std::span<const std::byte> range) const;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace tflower::runtime
