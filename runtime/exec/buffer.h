// AlignedBuffer: memory for tensors, scratch and packed weights; 64-byte aligned, never throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace tflower::runtime {

inline constexpr uint64_t kAlignment = 64;

constexpr uint64_t AlignUp(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// Owns one block. Contents are not initialised. Move-only; a moved-from buffer is empty.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  AlignedBuffer(AlignedBuffer&& other) noexcept { *this = std::move(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~AlignedBuffer() { Free(); }

  // Makes room for `bytes`, dropping the contents when the block must grow; false when there is no memory.
  [[nodiscard]] bool Reserve(uint64_t bytes);
  void Free();

  std::byte* data() const { return data_; }  // never null after Reserve succeeded, also for 0 bytes
  uint64_t capacity() const { return capacity_; }

 private:
  std::byte* data_ = nullptr;
  uint64_t capacity_ = 0;
};

}  // namespace tflower::runtime
