// Reading files that may be anything: devices, pipes, huge, unreadable. Thread-safety: plain functions, move-only values.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <utility>

#include <tflower/status.h>

namespace tflower {

// An open file descriptor; closes it.
class OpenFile {
 public:
  OpenFile() = default;
  OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), stat_(other.stat_) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    stat_ = other.stat_;
    return *this;
  }
  ~OpenFile();

  // A regular file for reading, never waiting (a pipe has no writer) and not through a symlink when follow is false.
  // kUnreadable.
  static Result<OpenFile> Open(const std::string& path, bool follow);

  const struct stat& stat() const { return stat_; }
  uint64_t size() const { return static_cast<uint64_t>(stat_.st_size); }
  // Reads exactly n bytes at offset; false when they are not there.
  bool Read(uint64_t offset, void* out, size_t n) const;

 private:
  int fd_ = -1;
  struct stat stat_{};
};

// The whole of a regular file of at most max_bytes. kUnreadable; kManifest when it is larger.
Result<std::string> ReadTextFile(const std::string& path, size_t max_bytes, struct stat* stat_out = nullptr);

// Text of an errno value.
std::string ErrnoText(int error);

}  // namespace tflower
