// Reading tensors, or parts of them, that a checkpoint stores whole or in pieces.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "import/checkpoint.h"
#include "import/tensor_data.h"
#include "tflower/status.h"

namespace tflower::tf {

// Ranges with every length resolved (no -1), within the tensor's dims.
struct Box {
  std::vector<int64_t> start, length;  // one per dimension
};

// The slice `spec` that RestoreV2 asks for: "" = all; else "37 11 0,13:-": the full dims, then start,length or - for each.
// kInvalidGraph: broken, or does not fit `dims`.
Result<Box> ParseSliceSpec(std::string_view spec, const std::vector<int64_t>& dims);

// A part of a stored tensor and the pieces that hold it.
struct StoredTensor {
  const CheckpointEntry* entry = nullptr;  // of the full tensor
  Box wanted;
  std::vector<std::pair<const CheckpointEntry*, Box>> pieces;  // those that touch `wanted`; boxes in the full tensor
  // One piece holds exactly what is wanted: no copy is needed.
  bool Contiguous() const;
};

// kMalformed: a piece is missing, lies outside, overlaps another, or they do not cover what is wanted;
// kUnsupportedType: a string tensor in pieces.
Result<StoredTensor> FindStored(Checkpoint& checkpoint, const CheckpointEntry& entry, Box wanted);

// The values; a view into the shard when Contiguous(), else joined into a new buffer.
Result<TensorData> ReadStored(Checkpoint& checkpoint, const StoredTensor& stored);

}  // namespace tflower::tf
