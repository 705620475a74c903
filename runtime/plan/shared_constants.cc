// SharedConstants: two maps of entries, each made under its own lock.
#include "shared_constants.h"

namespace tflower::runtime {

Result<const void*> SharedConstants::Packed(OperatorId op, uint64_t key, uint64_t bytes, const Fill& fill) {
  std::unique_lock map_lock(mutex_);
  PackedEntry& entry = packed_[PackedKey{op, key, bytes}];
  map_lock.unlock();
  const std::lock_guard lock(entry.mutex);
  if (entry.made) return static_cast<const void*>(entry.data.data());
  if (!entry.data.Reserve(bytes))
    return Error(Code::kLimit, "no memory for " + std::to_string(bytes) + " bytes of packed weights");
  TFLOWER_CHECK(fill(entry.data.data()));
  entry.made = true;
  packed_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return static_cast<const void*>(entry.data.data());
}

Result<std::span<const OwnedTensor>> SharedConstants::Folded(OperatorId op, const Evaluate& evaluate) {
  std::unique_lock map_lock(mutex_);
  FoldedEntry& entry = folded_[op];
  map_lock.unlock();
  const std::lock_guard lock(entry.mutex);
  if (!entry.made) {
    TFLOWER_TRY(entry.tensors, evaluate());
    entry.made = true;
    for (const OwnedTensor& tensor : entry.tensors)
      folded_bytes_.fetch_add(tensor.size_bytes, std::memory_order_relaxed);
  }
  return std::span<const OwnedTensor>(entry.tensors);
}

}  // namespace tflower::runtime
