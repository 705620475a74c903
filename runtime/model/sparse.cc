// Walks the levels of a sparse tensor: each is one dimension, or a part of one (a block), stored dense or by the indices that occur.
// Source: TFLite schema, SparsityParameters; Kjolstad et al., The Tensor Algebra Compiler (2017).
#include "sparse.h"

#include <cstring>
#include <vector>

#include "verify_parts.h"

namespace tflower::runtime {
namespace {

// Numbers of a vector whose elements have one of three widths.
class Indices {
 public:
  Indices(tflite::SparseIndexVector type, const void* vector) {
    if (vector == nullptr) return;
    if (type == tflite::SparseIndexVector::Int32Vector) wide_ = SpanOf(static_cast<const tflite::Int32Vector*>(vector)->values());
    if (type == tflite::SparseIndexVector::Uint16Vector) half_ = SpanOf(static_cast<const tflite::Uint16Vector*>(vector)->values());
    if (type == tflite::SparseIndexVector::Uint8Vector) byte_ = SpanOf(static_cast<const tflite::Uint8Vector*>(vector)->values());
  }
  size_t size() const { return wide_.size() + half_.size() + byte_.size(); }
  int64_t operator[](size_t i) const { return !wide_.empty() ? int64_t{wide_[i]} : !half_.empty() ? int64_t{half_[i]} : int64_t{byte_[i]}; }

 private:
  std::span<const int32_t> wide_;
  std::span<const uint16_t> half_;
  std::span<const uint8_t> byte_;
};

struct Level {
  bool dense = true;
  int64_t size = 1;       // of the dimension's part that this level walks
  int64_t step = 0;       // elements from one index to the next
  Indices segments{{}, nullptr}, indices{{}, nullptr};
  int64_t next = 0;       // the first index that no segment before has: segments must not overlap, or small files would ask for endless walks
};

class Expander {
 public:
  Expander(size_t element_bytes, std::span<const std::byte> stored, std::span<std::byte> dense) : element_(element_bytes), stored_(stored), dense_(dense) {}

  Status Run(const tflite::SparsityParameters& sparsity, std::span<const int64_t> shape) {
    TFLOWER_CHECK(ReadLevels(sparsity, shape));
    std::memset(dense_.data(), 0, dense_.size());
    if (dense_.empty()) return Ok();
    TFLOWER_CHECK(Walk(0, 0, 0));
    if (used_ == stored_.size()) return Ok();
    return Malformed(std::to_string(used_ / element_) + " values are placed, " + std::to_string(stored_.size()) + " bytes are stored").What("sparsity");
  }

 private:
  // Level i walks dimension order[i], or, behind the dimensions, the block order[i] - rank, which is a part of dimension block_map[order[i] - rank].
  Status ReadLevels(const tflite::SparsityParameters& sparsity, std::span<const int64_t> shape) {
    const auto order = SpanOf(sparsity.traversal_order());
    const auto blocks = SpanOf(sparsity.block_map());
    const size_t rank = shape.size();
    if (order.size() > 2 * rank) return Malformed(std::to_string(blocks.size()) + " blocks for rank " + std::to_string(rank)).What("block_map");
    std::vector<int64_t> block_size(rank, 1), stride(rank, 1);
    for (size_t d = rank; d-- > 1;) stride[d - 1] = stride[d] * shape[d];
    for (size_t i = 0; i < order.size(); ++i) {
      const auto dim = static_cast<size_t>(order[i]);
      if (dim < rank) continue;
      const auto target = static_cast<size_t>(blocks[dim - rank]);
      if (block_size[target] != 1) return Malformed("dimension " + std::to_string(target) + " has two blocks").What("block_map");
      block_size[target] = At(sparsity.dim_metadata(), i).dense_size();
      if (block_size[target] < 1 || shape[target] % block_size[target] != 0)
        return Malformed("blocks of " + std::to_string(block_size[target]) + " do not divide dimension " + std::to_string(target)).What("block_map");
    }
    for (size_t i = 0; i < order.size(); ++i) {
      const tflite::DimensionMetadata& data = At(sparsity.dim_metadata(), i);
      const auto dim = static_cast<size_t>(order[i]);
      const bool is_block = dim >= rank;
      const size_t target = is_block ? static_cast<size_t>(blocks[dim - rank]) : dim;
      Level level;
      level.dense = data.format() == tflite::DimensionType::DENSE;
      level.size = is_block ? block_size[target] : shape[target] / block_size[target];
      level.step = is_block ? stride[target] : stride[target] * block_size[target];
      level.segments = Indices(data.array_segments_type(), data.array_segments());
      level.indices = Indices(data.array_indices_type(), data.array_indices());
      if (level.dense && data.dense_size() != level.size)
        return Malformed("dense_size of level " + std::to_string(i) + " is " + std::to_string(data.dense_size()) + ", must be " + std::to_string(level.size)).What("sparsity");
      levels_.push_back(level);
    }
    return Ok();
  }
  // position: of the entry of the level above, counted over all its entries. offset: of the element that the levels above lead to.
  Status Walk(size_t l, int64_t position, int64_t offset) {
    if (l == levels_.size()) return Place(offset);
    Level& level = levels_[l];
    if (level.dense) {
      for (int64_t i = 0; i < level.size; ++i) TFLOWER_CHECK(Walk(l + 1, position * level.size + i, offset + i * level.step));
      return Ok();
    }
    const auto at = static_cast<size_t>(position);
    if (at + 1 >= level.segments.size()) return Malformed("level " + std::to_string(l) + " has no segment " + std::to_string(position)).What("sparsity");
    const int64_t begin = level.segments[at], end = level.segments[at + 1];
    if (begin < level.next || end < begin || static_cast<uint64_t>(end) > level.indices.size())
      return Malformed("segment " + std::to_string(position) + " of level " + std::to_string(l) + " is damaged").What("sparsity");
    level.next = end;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t index = level.indices[static_cast<size_t>(i)];
      if (index < 0 || index >= level.size) return Malformed("index " + std::to_string(index) + " of level " + std::to_string(l) + " is outside of the tensor").What("sparsity");
      TFLOWER_CHECK(Walk(l + 1, i, offset + index * level.step));
    }
    return Ok();
  }
  Status Place(int64_t offset) {
    if (used_ + element_ > stored_.size()) return Malformed("more values are placed than stored").What("sparsity");
    std::memcpy(dense_.data() + static_cast<size_t>(offset) * element_, stored_.data() + used_, element_);
    used_ += element_;
    return Ok();
  }

  size_t element_;
  std::span<const std::byte> stored_;
  std::span<std::byte> dense_;
  std::vector<Level> levels_;
  size_t used_ = 0;
};

}  // namespace

Status ExpandSparse(const tflite::SparsityParameters& sparsity, std::span<const int64_t> shape, size_t element_bytes, std::span<const std::byte> stored,
                    std::span<std::byte> dense) {
  return Expander(element_bytes, stored, dense).Run(sparsity, shape);
}

}  // namespace tflower::runtime
