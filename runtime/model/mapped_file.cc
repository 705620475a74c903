// MappedFile: mmap with the errors a user can act on.
#include "mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tflower::runtime {
namespace {

// Closes on scope exit; a mapping outlives its descriptor.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

Error Unreadable(const std::string& path, const std::string& why) { return Error(Code::kUnreadable, why).File(path); }

}  // namespace

Result<MappedFile> MappedFile::Open(const std::string& path) {
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return Unreadable(path, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat info{};
  if (fstat(file.fd, &info) != 0) return Unreadable(path, std::string("cannot be examined: ") + std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return Unreadable(path, "is not a regular file");
  if (info.st_size == 0) return Error(Code::kUnknownFormat, "is empty").File(path);
  const size_t size = static_cast<size_t>(info.st_size);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) return Unreadable(path, std::string("cannot be mapped: ") + std::strerror(errno));
  MappedFile mapped;
  mapped.bytes_ = {static_cast<const std::byte*>(data), size};
  return mapped;
}

void MappedFile::Forget(std::span<const std::byte> range) const {
  constexpr uintptr_t kWorthwhile = 64 << 10;  // below that the system call costs more than the pages
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t first = reinterpret_cast<uintptr_t>(bytes_.data()), last = first + bytes_.size();
  const uintptr_t begin = reinterpret_cast<uintptr_t>(range.data()), end = begin + range.size();
  if (begin < first || end > last || range.size() < kWorthwhile) return;
  const uintptr_t from = (begin + page - 1) / page * page, to = end / page * page;
  madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);  // advice only: failure changes nothing
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace tflower::runtime
