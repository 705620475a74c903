// SharedConstants: what is computed from a model's constants once and then used by all its sessions: packed weights, and the
// results of operators whose operands are all constants.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "../exec/tensor.h"
#include "tflower/status.h"

namespace tflower::runtime {

// Which operator of a model.
struct OperatorId {
  uint32_t subgraph = 0;
  uint32_t index = 0;
  auto operator<=>(const OperatorId&) const = default;
};

// Thread: any. Whoever asks first computes; who asks for the same meanwhile waits. A failure is not remembered.
class SharedConstants {
 public:
  using Fill = std::function<Status(void* memory)>;
  using Evaluate = std::function<Result<std::vector<OwnedTensor>>()>;

  // Packed constants of one operator in the layout `key`; `bytes` 64-byte aligned, valid as long as this lives.
  // Errors: fill's, or kLimit without memory.
  Result<const void*> Packed(OperatorId op, uint64_t key, uint64_t bytes, const Fill& fill);

  // Results of a constant operator, valid as long as this lives.
  Result<std::span<const OwnedTensor>> Folded(OperatorId op, const Evaluate& evaluate);

  uint64_t packed_bytes() const { return packed_bytes_.load(std::memory_order_relaxed); }
  uint64_t folded_bytes() const { return folded_bytes_.load(std::memory_order_relaxed); }

 private:
  struct PackedKey {
    OperatorId op;
    uint64_t key = 0;
    uint64_t bytes = 0;
    auto operator<=>(const PackedKey&) const = default;
  };
  struct PackedEntry {
    std::mutex mutex;
    AlignedBuffer data;
    bool made = false;
  };
  struct FoldedEntry {
    std::mutex mutex;
    std::vector<OwnedTensor> tensors;
    bool made = false;
  };

  std::mutex mutex_;  // of the maps only; entries are stable and have their own
  std::map<PackedKey, PackedEntry> packed_;
  std::map<OperatorId, FoldedEntry> folded_;
  std::atomic<uint64_t> packed_bytes_{0};
  std::atomic<uint64_t> folded_bytes_{0};
};

}  // namespace tflower::runtime
