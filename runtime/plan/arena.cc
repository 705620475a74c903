// Greedy-by-size arena layout.
#include "arena.h"

#include <algorithm>
#include <numeric>

#include "../exec/buffer.h"

namespace tflower::runtime {
namespace {

// The lowest offset at which `block` fits between the placed blocks that live at the same time. placed: by offset.
uint64_t FindGap(const ArenaBlock& block, const std::vector<const ArenaBlock*>& placed) {
  uint64_t offset = 0;
  for (const ArenaBlock* other : placed) {
    if (other->last < block.first || other->first > block.last) continue;
    if (other->offset >= offset + block.bytes) return offset;
    offset = std::max(offset, AlignUp(other->offset + other->bytes));
  }
  return offset;
}

}  // namespace

Result<uint64_t> LayOut(std::vector<ArenaBlock>& blocks, uint64_t max_bytes) {
  std::vector<size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return blocks[a].bytes > blocks[b].bytes; });
  std::vector<const ArenaBlock*> placed;
  placed.reserve(blocks.size());
  uint64_t total = 0;
  for (const size_t index : order) {
    ArenaBlock& block = blocks[index];
    if (block.bytes > max_bytes)
      return Error(Code::kLimit, "a tensor takes " + std::to_string(block.bytes) + " bytes; the limit is " +
                                     std::to_string(max_bytes));
    block.offset = FindGap(block, placed);
    total = std::max(total, AlignUp(block.offset + block.bytes));
    if (total > max_bytes)
      return Error(Code::kLimit, "tensors take " + std::to_string(total) + " bytes or more; the limit is " +
                                     std::to_string(max_bytes));
    const auto by_offset = [](const ArenaBlock* a, const ArenaBlock* b) { return a->offset < b->offset; };
    placed.insert(std::ranges::upper_bound(placed, &block, by_offset), &block);
  }
  return total;
}

}  // namespace tflower::runtime
