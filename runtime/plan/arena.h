// Lays out blocks of memory by the time they are needed, so that blocks which never live together share bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "tflower/status.h"

namespace tflower::runtime {

// One block. It is needed from step `first` to step `last`, both included.
struct ArenaBlock {
  uint64_t bytes = 0;
  int64_t first = 0;
  int64_t last = 0;
  uint64_t offset = 0;  // the answer; a multiple of 64
};

// Fills in the offsets and returns the size of the arena. Greedy: the largest block first, each at the lowest place that is
// free during its life. Errors: kLimit when more than max_bytes would be needed.
Result<uint64_t> LayOut(std::vector<ArenaBlock>& blocks, uint64_t max_bytes);

}  // namespace tflower::runtime
