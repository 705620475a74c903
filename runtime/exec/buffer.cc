// AlignedBuffer: 64-byte aligned memory; blocks of several megabytes ask the system for large pages.
#include "buffer.h"

#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tflower::runtime {
namespace {

// From here on page faults cost more than the work on the pages: a 100 MB block has 25,000 small pages but 50 large ones.
constexpr uint64_t kLargePage = uint64_t{2} << 20;
constexpr uint64_t kLargeBlock = 2 * kLargePage;

std::byte* Allocate(uint64_t bytes) {
  const bool large = bytes >= kLargeBlock;
  const uint64_t alignment = large ? kLargePage : kAlignment;
  if (bytes > UINT64_MAX / 2) return nullptr;
  const uint64_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* data = std::aligned_alloc(alignment, rounded);
#if defined(__linux__)
  if (large && data != nullptr) madvise(data, rounded, MADV_HUGEPAGE);  // advice only: failure changes nothing
#endif
  return static_cast<std::byte*>(data);
}

}  // namespace

bool AlignedBuffer::Reserve(uint64_t bytes) {
  if (data_ != nullptr && bytes <= capacity_) return true;
  Free();
  const uint64_t wanted = bytes < kAlignment ? kAlignment : bytes;
  data_ = Allocate(wanted);
  if (data_ == nullptr) return false;
  capacity_ = wanted;
  return true;
}

void AlignedBuffer::Free() {
  std::free(data_);
  data_ = nullptr;
  capacity_ = 0;
}

}  // namespace tflower::runtime
