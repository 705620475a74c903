#include "import/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tflower::tf {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Error Unreadable(const std::string& path, const std::string& text) {
  return Error(Code::kUnreadable, text).File(path);
}

}  // namespace

Result<FileBytes> FileBytes::Map(const std::string& path) {
  // O_NONBLOCK: opening a pipe must not wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return Unreadable(path, std::string("cannot open: ") + std::strerror(errno));
  struct stat info;
  if (::fstat(file.fd, &info) != 0) return Unreadable(path, std::string("cannot stat: ") + std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return Unreadable(path, "not a regular file");

  FileBytes mapped;
  mapped.path_ = path;
  if (info.st_size == 0) return mapped;
  const auto size = static_cast<size_t>(info.st_size);
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (memory == MAP_FAILED) return Unreadable(path, std::string("cannot map: ") + std::strerror(errno));
  mapped.bytes_ = std::string_view(static_cast<const char*>(memory), size);
  return mapped;
}

FileBytes FileBytes::Own(std::string path, std::string bytes) {
  FileBytes file;
  file.path_ = std::move(path);
  file.owned_ = std::make_unique<const std::string>(std::move(bytes));
  file.bytes_ = *file.owned_;
  return file;
}

FileBytes::FileBytes(FileBytes&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), owned_(std::move(other.owned_)), path_(std::move(other.path_)) {}

FileBytes& FileBytes::operator=(FileBytes&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(owned_, other.owned_);
  std::swap(path_, other.path_);
  return *this;
}

void FileBytes::Forget(std::string_view part) const {
  if (owned_) return;
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<uintptr_t>(part.data());
  const uintptr_t from = (begin + page - 1) / page * page, to = (begin + part.size()) / page * page;
  if (from < to) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);  // advice only: failure changes nothing
}

FileBytes::~FileBytes() {
  if (!owned_ && !bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

Error FileBytes::Malformed(const char* at, std::string message, SourceLocation where) const {
  Error error = Error(Code::kMalformed, std::move(message), where).File(path_);
  if (!owned_) error.byte_offset = static_cast<uint64_t>(at - bytes_.data());
  return error;
}

}  // namespace tflower::tf
