// OutputFile: a file that appears whole or not at all: written beside its final place, synced, then renamed.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tflower/status.h"

namespace tflower::exporter {

class OutputFile {
 public:
  // Errors name the path the user gave. Nothing of that name is touched before Commit.
  static Result<OutputFile> Create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();  // removes the temporary unless committed

  Status Write(std::span<const std::byte> bytes);
  Status Zeros(uint64_t count);
  // Replaces bytes that were written before; the checksum still is that of what they were.
  Status WriteAt(uint64_t position, std::span<const std::byte> bytes);
  uint64_t position() const { return position_; }
  uint32_t crc32c() const { return crc_; }  // of everything written so far
  Status Commit();

 private:
  OutputFile() = default;
  Status Flush();
  Status WriteAll(const std::byte* data, size_t size);
  Error Failed(const char* what) const;

  std::string path_, temporary_;
  int fd_ = -1;
  uint64_t position_ = 0;
  uint32_t crc_ = 0;
  std::vector<std::byte> buffer_;  // small writes are gathered here
};

}  // namespace tflower::exporter
