// StoragePlanner: decides while operators are planned in order which tensors share bytes, and lays out the arena at the end.
//
// A view (RESHAPE and the like) has its operand's bytes and needs no step. An in-place operator writes over an operand that
// nobody reads afterwards. All others get a block from their producer to their last reader.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "arena.h"
#include "plan.h"

namespace tflower::runtime {

class StoragePlanner {
 public:
  // plan: places and tensors are read and written as planning goes on. keep: all tensors live to the end.
  StoragePlanner(const SubgraphView& subgraph, Plan& plan, bool keep = false);

  // A subgraph input: its bytes stay until the end, so that a session can invoke again without setting it again.
  void AddInput(int32_t tensor);
  // Gives output `tensor` of operator `index` its place; size_bytes of the tensor is set.
  void AddOutput(uint32_t index, int32_t tensor);
  // Gives `tensor` the place of `old`, which does not exist any more.
  void Replace(int32_t old, int32_t tensor);
  // Lets output 0 of operator `index` have the bytes of its input 0; false when that would be wrong.
  bool Alias(uint32_t index, const OperatorView& op);
  // Lets output 0 overwrite an operand, if one is free to be overwritten; else as AddOutput.
  void AddInPlaceOutput(uint32_t index, const OperatorView& op);
  // Working memory of operator `index`; the steps call this in order.
  void AddScratch(uint32_t index, uint64_t bytes);

  // Fills in arena_bytes and offsets of the plan. kLimit when the arena would pass max_bytes.
  Status Finish(uint64_t max_bytes);

 private:
  static constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

  int32_t AddBlock(uint64_t bytes, int64_t first, int64_t last);
  void Join(int32_t tensor, int32_t block);

  Plan& plan_;
  std::vector<int64_t> last_use_;  // per tensor: the last operator that reads it; kForever for subgraph outputs, or all
  std::vector<ArenaBlock> blocks_;
  std::vector<bool> is_input_;    // per block
  std::vector<int32_t> scratch_;  // per step: its block
};

}  // namespace tflower::runtime
