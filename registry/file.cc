#include "file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tflower {

std::string ErrnoText(int error) { return std::generic_category().message(error); }

OpenFile::~OpenFile() {
  if (fd_ >= 0) close(fd_);
}

Result<OpenFile> OpenFile::Open(const std::string& path, bool follow) {
  OpenFile file;
  file.fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW));
  if (file.fd_ < 0 && errno == ELOOP && !follow) return Error(Code::kUnreadable, "is a symbolic link").File(path);
  if (file.fd_ < 0) return Error(Code::kUnreadable, "cannot be opened: " + ErrnoText(errno)).File(path);
  if (fstat(file.fd_, &file.stat_) != 0) return Error(Code::kUnreadable, "cannot be read: " + ErrnoText(errno)).File(path);
  if (!S_ISREG(file.stat_.st_mode)) return Error(Code::kUnreadable, "is not a regular file").File(path);
  return file;
}

bool OpenFile::Read(uint64_t offset, void* out, size_t n) const {
  if (offset > size() || n > size() - offset) return false;
  char* to = static_cast<char*>(out);
  while (n > 0) {
    const ssize_t got = pread(fd_, to, n, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got, offset += static_cast<uint64_t>(got), n -= static_cast<size_t>(got);
  }
  return true;
}

Result<std::string> ReadTextFile(const std::string& path, size_t max_bytes, struct stat* stat_out) {
  TFLOWER_TRY(const OpenFile file, OpenFile::Open(path, true));
  if (file.size() > max_bytes) {
    return Error(Code::kManifest, "has " + std::to_string(file.size()) + " bytes; at most " + std::to_string(max_bytes) + " are allowed")
        .File(path);
  }
  std::string text(file.size(), '\0');
  if (!file.Read(0, text.data(), text.size())) return Error(Code::kUnreadable, "cannot be read").File(path);
  if (stat_out != nullptr) *stat_out = file.stat();
  return text;
}

}  // namespace tflower
