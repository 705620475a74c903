// Walks the levels of a sparse tensor: each is one dimension, or a part of one (a block), stored dense or by the indices that occur.
// Source: TFLite schema, SparsityParameters; Kjolstad et al., The Tensor Algebra Compiler (2017).
#include "sparse.h"

#include <cstring>
#include <vector>

#include "sparse_indices.h"

namespace tflower::runtime {
namespace {

struct Level {
  bool dense = true;
  int64_t size = 1;  // of the dimension's part that this level walks
  int64_t step = 0;  // elements from one index to the next
  SparseIndices segments, indices;
};

// Level i walks dimension order[i], or, behind the dimensions, the block order[i] - rank, which is a part of dimension block_map[order[i] - rank].
std::vector<Level> LevelsOf(const tflite::SparsityParameters& sparsity, std::span<const int64_t> shape) {
  const auto order = SpanOf(sparsity.traversal_order());
  const auto blocks = SpanOf(sparsity.block_map());
  const size_t rank = shape.size();
  std::vector<int64_t> block_size(rank, 1), stride(rank, 1);
  for (size_t d = rank; d-- > 1;) stride[d - 1] = stride[d] * shape[d];
  for (size_t i = 0; i < order.size(); ++i) {
    const auto dim = static_cast<size_t>(order[i]);
    if (dim >= rank) block_size[static_cast<size_t>(blocks[dim - rank])] = At(sparsity.dim_metadata(), i).dense_size();
  }
  std::vector<Level> levels(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const tflite::DimensionMetadata& data = At(sparsity.dim_metadata(), i);
    const auto dim = static_cast<size_t>(order[i]);
    const bool is_block = dim >= rank;
    const size_t target = is_block ? static_cast<size_t>(blocks[dim - rank]) : dim;
    levels[i].dense = data.format() == tflite::DimensionType::DENSE;
    levels[i].size = is_block ? block_size[target] : shape[target] / block_size[target];
    levels[i].step = is_block ? stride[target] : stride[target] * block_size[target];
    levels[i].segments = SparseIndices(data.array_segments_type(), data.array_segments());
    levels[i].indices = SparseIndices(data.array_indices_type(), data.array_indices());
  }
  return levels;
}

class Expander {
 public:
  Expander(std::vector<Level> levels, size_t element_bytes, const std::byte* stored, std::byte* dense)
      : levels_(std::move(levels)), element_(element_bytes), stored_(stored), dense_(dense) {}

  // position: of the entry of the level above, counted over all its entries. offset: of the element that the levels above lead to.
  void Walk(size_t l, int64_t position, int64_t offset) {
    if (l == levels_.size()) return Place(offset);
    const Level& level = levels_[l];
    if (level.dense) {
      for (int64_t i = 0; i < level.size; ++i) Walk(l + 1, position * level.size + i, offset + i * level.step);
      return;
    }
    const auto at = static_cast<size_t>(position);
    for (int64_t i = level.segments[at], end = level.segments[at + 1]; i < end; ++i) Walk(l + 1, i, offset + level.indices[static_cast<size_t>(i)] * level.step);
  }

 private:
  void Place(int64_t offset) {
    std::memcpy(dense_ + static_cast<size_t>(offset) * element_, stored_, element_);
    stored_ += element_;
  }

  const std::vector<Level> levels_;
  const size_t element_;
  const std::byte* stored_;
  std::byte* const dense_;
};

}  // namespace

void ExpandSparse(const tflite::SparsityParameters& sparsity, std::span<const int64_t> shape, size_t element_bytes, std::span<const std::byte> stored,
                  std::span<std::byte> dense) {
  if (dense.empty()) return;
  std::memset(dense.data(), 0, dense.size());
  Expander(LevelsOf(sparsity, shape), element_bytes, stored.data(), dense.data()).Walk(0, 0, 0);
}

}  // namespace tflower::runtime
