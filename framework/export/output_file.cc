// OutputFile: POSIX file output with a temporary.
#include "export/output_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sdk/checksum/crc32c.h"

namespace tflower::exporter {
namespace {
constexpr size_t kBufferBytes = 256 << 10;
}

Error OutputFile::Failed(const char* what) const {
  return Error(Code::kUnreadable, std::string(what) + ": " + std::strerror(errno)).File(path_);
}

Result<OutputFile> OutputFile::Create(const std::string& path) {
  OutputFile f;
  f.path_ = path;
  struct stat st{};
  if (stat(path.c_str(), &st) == 0 && !S_ISREG(st.st_mode)) return Error(Code::kUsage, "the output path exists and is not a regular file").File(path);
  f.temporary_ = path + ".tmp" + std::to_string(getpid());
  f.fd_ = open(f.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (f.fd_ < 0 && errno == EEXIST && unlink(f.temporary_.c_str()) == 0)  // left behind by a killed process of the same number
    f.fd_ = open(f.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (f.fd_ < 0) return f.Failed("cannot create the output file");
  f.buffer_.reserve(kBufferBytes);
  return f;
}

OutputFile::OutputFile(OutputFile&& o) noexcept
    : path_(std::move(o.path_)), temporary_(std::move(o.temporary_)), fd_(std::exchange(o.fd_, -1)), position_(o.position_), crc_(o.crc_), buffer_(std::move(o.buffer_)) {}

OutputFile::~OutputFile() {
  if (fd_ < 0) return;
  close(fd_);
  unlink(temporary_.c_str());
}

Status OutputFile::WriteAll(const std::byte* data, size_t size) {
  while (size != 0) {
    const ssize_t n = write(fd_, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Failed("cannot write the output file");
    data += n;
    size -= static_cast<size_t>(n);
  }
  return Ok();
}

Status OutputFile::Flush() {
  TFLOWER_CHECK(WriteAll(buffer_.data(), buffer_.size()));
  buffer_.clear();
  return Ok();
}

Status OutputFile::Write(std::span<const std::byte> bytes) {
  position_ += bytes.size();
  crc_ = Crc32c({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, crc_);
  if (buffer_.size() + bytes.size() > kBufferBytes) TFLOWER_CHECK(Flush());
  if (bytes.size() > kBufferBytes) return WriteAll(bytes.data(), bytes.size());
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return Ok();
}

Status OutputFile::Zeros(uint64_t count) {
  const std::vector<std::byte> zeros(count);
  return Write(zeros);
}

Status OutputFile::WriteAt(uint64_t position, std::span<const std::byte> bytes) {
  TFLOWER_CHECK(Flush());
  if (pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(position)) != static_cast<ssize_t>(bytes.size())) return Failed("cannot write the output file");
  return Ok();
}

Status OutputFile::Commit() {
  TFLOWER_CHECK(Flush());
  if (fsync(fd_) != 0) return Failed("cannot sync the output file");
  if (rename(temporary_.c_str(), path_.c_str()) != 0) return Failed("cannot rename the output file into place");
  close(std::exchange(fd_, -1));
  return Ok();
}

}  // namespace tflower::exporter
