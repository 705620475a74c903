// Views, in-place operators and lifetimes.
#include "storage.h"

#include <algorithm>

namespace tflower::runtime {

StoragePlanner::StoragePlanner(const SubgraphView& subgraph, Plan& plan, bool keep)
    : plan_(plan), last_use_(subgraph.tensors.size(), keep ? kForever : -1) {
  if (keep) return;
  for (size_t i = 0; i < subgraph.operators.size(); ++i) {
    for (const int32_t input : subgraph.operators[i].inputs) {
      if (input >= 0) last_use_[static_cast<size_t>(input)] = static_cast<int64_t>(i);
    }
  }
  for (const int32_t output : subgraph.outputs) last_use_[static_cast<size_t>(output)] = kForever;
}

int32_t StoragePlanner::AddBlock(uint64_t bytes, int64_t first, int64_t last) {
  blocks_.push_back(ArenaBlock{bytes, first, std::max(first, last), 0});
  is_input_.push_back(false);
  return static_cast<int32_t>(blocks_.size() - 1);
}

void StoragePlanner::Join(int32_t tensor, int32_t block) {
  const size_t t = static_cast<size_t>(tensor);
  ArenaBlock& joined = blocks_[static_cast<size_t>(block)];
  joined.last = std::max(joined.last, last_use_[t]);
  plan_.places[t] = Place::kArena;
  plan_.blocks[t] = block;
}

void StoragePlanner::AddInput(int32_t tensor) {
  const int32_t block = AddBlock(plan_.tensors[static_cast<size_t>(tensor)].size_bytes, -1, kForever);
  is_input_.back() = true;
  Join(tensor, block);
}

void StoragePlanner::AddOutput(uint32_t index, int32_t tensor) {
  Join(tensor, AddBlock(plan_.tensors[static_cast<size_t>(tensor)].size_bytes, index, index));
}

void StoragePlanner::Replace(int32_t old, int32_t tensor) {
  const size_t from = static_cast<size_t>(old);
  const int32_t block = plan_.blocks[from];
  ArenaBlock& joined = blocks_[static_cast<size_t>(block)];
  joined.bytes = std::max(joined.bytes, plan_.tensors[static_cast<size_t>(tensor)].size_bytes);
  plan_.places[from] = Place::kNone;
  plan_.blocks[from] = -1;
  Join(tensor, block);
}

bool StoragePlanner::Alias(uint32_t, const OperatorView& op) {
  const size_t from = static_cast<size_t>(op.inputs[0]), to = static_cast<size_t>(op.outputs[0]);
  if (plan_.places[from] != Place::kArena || plan_.tensors[from].size_bytes != plan_.tensors[to].size_bytes)
    return false;
  const int32_t block = plan_.blocks[from];
  // What the user reads as output must not change when the user writes the next input.
  if (is_input_[static_cast<size_t>(block)] && last_use_[to] == kForever) return false;
  Join(op.outputs[0], block);
  return true;
}

void StoragePlanner::AddInPlaceOutput(uint32_t index, const OperatorView& op) {
  const uint64_t bytes = plan_.tensors[static_cast<size_t>(op.outputs[0])].size_bytes;
  for (const int32_t input : op.inputs) {
    if (input < 0 || plan_.places[static_cast<size_t>(input)] != Place::kArena) continue;
    const int32_t block = plan_.blocks[static_cast<size_t>(input)];
    if (is_input_[static_cast<size_t>(block)] || blocks_[static_cast<size_t>(block)].last != index) continue;
    if (plan_.tensors[static_cast<size_t>(input)].size_bytes != bytes) continue;
    return Join(op.outputs[0], block);
  }
  AddOutput(index, op.outputs[0]);
}

void StoragePlanner::AddScratch(uint32_t index, uint64_t bytes) { scratch_.push_back(AddBlock(bytes, index, index)); }

Status StoragePlanner::Finish(uint64_t max_bytes) {
  TFLOWER_TRY(plan_.arena_bytes, LayOut(blocks_, max_bytes));
  plan_.block_offsets.clear();
  for (const ArenaBlock& block : blocks_) plan_.block_offsets.push_back(block.offset);
  plan_.scratch_offsets.clear();
  for (const int32_t block : scratch_) plan_.scratch_offsets.push_back(blocks_[static_cast<size_t>(block)].offset);
  return Ok();
}

}  // namespace tflower::runtime
